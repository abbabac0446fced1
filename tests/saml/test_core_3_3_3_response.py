"""What a Response of ours is made of, as programs read it that are not ours: python-xmlsec, xmlsec1 and pysaml2's client."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from idp.outside.xml_encryption import (
    AES_128_GCM,
    AES_256_GCM,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    CannotEncrypt,
    Recipient,
    Way,
    recipient,
)
from idp.saml.core_3_3_3_response import REQUESTER, Protection, Status, error_response, write_response
from tests.conftest import START
from tests.opponents.saml_reader import NAMESPACES, NotBelieved, read_message
from tests.saml.written import CONSUMER, ISSUER, SERVICE, keys, told

if TYPE_CHECKING:
    from pathlib import Path

RSA_1_5 = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
NO_FRESH_RESPONSES = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"


def to_service(*named: str) -> Recipient:
    return recipient([(keys(name="service").certificate, named)])


def algorithms(document: bytes, path: str) -> list[str | None]:
    return [found.get("Algorithm") for found in etree.fromstring(document).iterfind(path, NAMESPACES)]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
@pytest.mark.parametrize(("response", "assertion"), [(True, True), (True, False), (False, True)])
def test_what_is_to_be_signed_is_signed_and_nothing_else(algorithm: str, response: bool, assertion: bool) -> None:  # noqa: FBT001
    by = keys(algorithm)
    document = write_response(told(), Protection(signer=by.signer, sign_response=response, sign_assertion=assertion))
    read = read_message(document, certificates=[by.certificate])
    assert read.signed is response
    assert read.assertion is not None
    assert read.assertion.signed is assertion
    with pytest.raises(NotBelieved):
        read_message(document.replace(b"asta1234", b"asta1235"), certificates=[by.certificate])
    with pytest.raises(NotBelieved):
        read_message(document, certificates=[keys(algorithm, "another").certificate])


def test_a_response_of_which_nothing_is_signed_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="would be signed"):
        Protection(signer=keys().signer, sign_assertion=False)


@pytest.mark.spec("SAML Profiles", "4.1.4.2")
def test_an_assertion_says_who_for_whom_until_when_and_how() -> None:
    read = read_message(write_response(told(), Protection(signer=keys().signer)), certificates=[keys().certificate])
    said = read.assertion
    assert said is not None
    assert said.name_id is not None
    assert (read.kind, read.status) == ("Response", "urn:oasis:names:tc:SAML:2.0:status:Success")
    assert (read.issuer, said.issuer, read.destination, said.recipient) == (ISSUER, ISSUER, CONSUMER, CONSUMER)
    assert (read.in_response_to, said.in_response_to) == ("_a-request", "_a-request")
    assert (said.audiences, said.name_id.value, said.session_index) == ((SERVICE,), "6f1c", "_a-session")
    assert (said.not_before, said.not_on_or_after) == ("2026-11-23T08:00:00Z", "2026-11-23T08:05:00Z")
    assert (said.authn_instant, said.confirmed_until) == ("2026-11-23T07:40:00Z", "2026-11-23T08:05:00Z")
    assert said.attributes == {"dk:unilogin:uniid": ("asta1234",), "urn:example:classes": ("1a", "kor")}


def test_an_assertion_that_nobody_asked_for_names_no_request_and_one_about_nothing_has_no_empty_statement() -> None:
    document = write_response(told(in_response_to=None, attributes=()), Protection(signer=keys().signer))
    assert b"InResponseTo" not in document
    assert b"AttributeStatement" not in document
    read_message(document, certificates=[keys().certificate])


@pytest.mark.spec("XML Encryption", "5.2.4")
@pytest.mark.parametrize(
    ("named", "block", "transport"),
    [
        ((), AES_256_GCM, RSA_OAEP),
        ((AES_128_GCM, AES_256_GCM, RSA_OAEP_MGF1P, RSA_OAEP), AES_256_GCM, RSA_OAEP),
        ((AES_128_GCM,), AES_128_GCM, RSA_OAEP_MGF1P),
        ((RSA_OAEP_MGF1P,), AES_256_GCM, RSA_OAEP_MGF1P),
        ((CBC, AES_128_GCM, RSA_1_5, RSA_OAEP_MGF1P), AES_128_GCM, RSA_OAEP_MGF1P),
    ],
)
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_an_assertion_is_encrypted_with_the_best_that_the_service_names(
    named: tuple[str, ...], block: str, transport: str, algorithm: str
) -> None:
    by, service = keys(algorithm), keys(name="service")
    document = write_response(told(), Protection(signer=by.signer, recipient=to_service(*named)))
    assert b"asta1234" not in document
    assert algorithms(document, ".//xenc:EncryptionMethod") == [block, transport]
    read = read_message(document, certificates=[by.certificate], decrypt_with=[service.private])
    assert read.assertion is not None
    assert (read.assertion.encrypted, read.assertion.signed) == (True, True)
    assert read.assertion.attributes["dk:unilogin:uniid"] == ("asta1234",)
    with pytest.raises(NotBelieved):
        read_message(document, certificates=[by.certificate], decrypt_with=[keys(name="another").private])


@pytest.mark.spec("saml2int", "SDP-ALG01")
@pytest.mark.parametrize("transport", [RSA_OAEP, RSA_OAEP_MGF1P])
def test_a_service_of_a_federation_gets_sha_256_with_the_default_mask(transport: str) -> None:
    to = recipient([(keys(name="service").certificate, (transport,))], Way.SAML2INT)
    document = write_response(told(), Protection(signer=keys().signer, recipient=to))
    assert algorithms(document, ".//ds:DigestMethod")[-1] == "http://www.w3.org/2001/04/xmlenc#sha256"
    assert algorithms(document, ".//{*}MGF") == []
    read = read_message(document, certificates=[keys().certificate], decrypt_with=[keys(name="service").private])
    assert read.assertion is not None


@pytest.mark.parametrize("named", [(CBC,), (RSA_1_5,), (AES_256_GCM, RSA_1_5), (CBC, RSA_OAEP)])
def test_a_service_that_can_do_only_what_is_broken_gets_nothing(named: tuple[str, ...]) -> None:
    with pytest.raises(CannotEncrypt):
        to_service(*named)


def test_a_service_without_a_key_or_with_one_of_another_kind_gets_nothing() -> None:
    with pytest.raises(CannotEncrypt, match="no key"):
        recipient([])
    with pytest.raises(CannotEncrypt, match="not RSA"):
        recipient([(keys("ES256").certificate, ())])


def test_the_first_key_that_can_be_used_is_used() -> None:
    found = recipient([(keys("ES256").certificate, ()), (keys(name="service").certificate, (AES_128_GCM,))])
    assert found.block == AES_128_GCM


def test_no_two_encryptions_have_anything_in_common() -> None:
    to, path = to_service(), ".//xenc:CipherValue"
    written = [write_response(told(), Protection(signer=keys().signer, recipient=to)) for _ in range(20)]
    values = [
        (found.text or "")[:16]
        for document in written
        for found in etree.fromstring(document).iterfind(path, NAMESPACES)
    ]
    assert len(set(values)) == 40


@pytest.mark.spec("SAML Core", "3.2.2.2")
def test_a_refusal_has_both_codes_and_a_sentence_and_is_signed() -> None:
    status = Status(code=REQUESTER, second=NO_FRESH_RESPONSES, message="Ingen <adgang>")
    document = error_response(
        status, issuer=ISSUER, destination=CONSUMER, in_response_to="_1", now=START, signer=keys().signer
    )
    read = read_message(document, certificates=[keys().certificate])
    assert (read.signed, read.assertion) == (True, None)
    assert (read.status, read.second_status, read.status_message) == (REQUESTER, NO_FRESH_RESPONSES, "Ingen <adgang>")


def xmlsec1(folder: Path, document: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed: apt-get install xmlsec1")
    (folder / "message.xml").write_bytes(document)
    return subprocess.run(
        [program, *arguments, str(folder / "message.xml")], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_the_program_xmlsec1_accepts_both_signatures(algorithm: str, tmp_path: Path) -> None:
    document = write_response(told(), Protection(signer=keys(algorithm).signer, sign_response=True))
    (tmp_path / "key.der").write_bytes(keys(algorithm).certificate)
    for element in ("assertion:Assertion", "protocol:Response"):
        name = f"urn:oasis:names:tc:SAML:2.0:{element}"
        ids = ("--id-attr:ID", name, "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion")
        path = f"//*[local-name()='{element.partition(':')[2]}']/*[local-name()='Signature']"
        done = xmlsec1(
            tmp_path, document, "--verify", *ids, "--pubkey-cert-der", str(tmp_path / "key.der"), "--node-xpath", path
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [AES_128_GCM, AES_256_GCM])
def test_the_program_xmlsec1_decrypts(block: str, tmp_path: Path) -> None:
    """With ``rsa-oaep-mgf1p``: Debian's 1.2 knows no other. The one of 1.3, in python-xmlsec, is asked above."""
    to = to_service(block, RSA_OAEP_MGF1P)
    (tmp_path / "key.pem").write_bytes(keys(name="service").private)
    document = write_response(told(), Protection(signer=keys().signer, recipient=to))
    done = xmlsec1(tmp_path, document, "--decrypt", "--privkey-pem", str(tmp_path / "key.pem"))
    assert "asta1234" in done.stdout, done.stderr
