"""pysaml2 behind our doors: no program is started, no file written, and no key believed that the message brings along."""

from __future__ import annotations

import re
import subprocess
import tempfile
import zlib
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from idp.saml.engine import read_message
from idp.saml.intake import arrived_by_post, arrived_by_redirect
from idp.saml.refusals import Refused
from tests.opponents.saml_service import RSA_SHA256, SamlService, key_pair, signed_by

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = SamlService(signs=True)
KNOWN = [SERVICE.keys.certificate]


def posted(message: str) -> bytes:
    return urlencode({"SAMLRequest": b64encode(message.encode()).decode()}).encode()


def never(*_: object, **__: object) -> None:
    raise AssertionError("a program was started or a file was made")


def test_a_signed_message_is_read_without_a_program_or_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", never)
    for name in ("NamedTemporaryFile", "mkstemp", "mkdtemp", "TemporaryFile"):
        monkeypatch.setattr(tempfile, name, never)
    arrived = arrived_by_post(posted(signed_by(SERVICE.keys, SERVICE.authn_request(identifier="_a"))))
    read = read_message(arrived, "AuthnRequest", certificates=KNOWN, must_be_signed=True)
    assert (read.message.id, read.signed) == ("_a", True)


def test_any_known_key_will_do_and_no_other() -> None:
    arrived = arrived_by_post(posted(signed_by(SERVICE.keys, SERVICE.authn_request())))
    both = [key_pair("stranger").certificate, *KNOWN]
    assert read_message(arrived, "AuthnRequest", certificates=both, must_be_signed=True).signed
    for certificates in ([], both[:1]):
        with pytest.raises(Refused) as refused:
            read_message(arrived, "AuthnRequest", certificates=certificates, must_be_signed=False)
        assert refused.value.fault.rule == "signature-wrong"


def test_a_message_of_another_kind_is_none() -> None:
    arrived = arrived_by_post(posted(SERVICE.authn_request()))
    with pytest.raises(Refused) as refused:
        read_message(arrived, "LogoutRequest", certificates=KNOWN, must_be_signed=False)
    assert refused.value.fault.rule == "another-message"


@pytest.mark.parametrize(
    "message",
    [
        SERVICE.authn_request().replace(' Version="2.0"', ""),
        SERVICE.authn_request().replace("<saml:Issuer>", "<saml:Issuer>").replace("ID=", "Id="),
        SERVICE.authn_request(ForceAuthn="perhaps"),
        SERVICE.authn_request(AssertionConsumerServiceIndex="many"),
    ],
)
def test_what_the_schema_does_not_describe_is_refused(message: str) -> None:
    with pytest.raises(Refused) as refused:
        read_message(arrived_by_post(posted(message)), "AuthnRequest", certificates=KNOWN, must_be_signed=False)
    assert refused.value.fault.rule == "not-by-the-schema"


@pytest.mark.spec("SAML Bindings", "3.4.4.1")
@pytest.mark.parametrize("escape", [str.lower, str.upper])
def test_a_query_is_verified_in_the_spelling_in_which_it_was_signed(escape: Callable[[str], str]) -> None:
    """.NET writes lower-case percent-encoding; whoever encodes the parameters again verifies something else."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b64encode(packer.compress(SERVICE.authn_request().encode()) + packer.flush()).decode()

    def quoted(text: str) -> str:
        return re.sub("%..", lambda found: escape(found[0]), quote(text, safe=""))

    query = f"SAMLRequest={quoted(packed)}&RelayState={quoted('a/b')}&SigAlg={quoted(RSA_SHA256)}"
    key = load_pem_private_key(SERVICE.keys.private, None)
    value = key.sign(query.encode(), PKCS1v15(), SHA256())  # type: ignore[union-attr, call-arg, arg-type]
    came = f"{query}&Signature={quoted(b64encode(value).decode())}".encode()
    assert read_message(arrived_by_redirect(came), "AuthnRequest", certificates=KNOWN, must_be_signed=True).signed


def test_a_signed_query_carries_no_signature_of_its_own() -> None:
    address = SERVICE.by_redirect(signed_by(SERVICE.keys, SERVICE.authn_request()))
    arrived = arrived_by_redirect(address.partition("?")[2].encode())
    with pytest.raises(Refused) as refused:
        read_message(arrived, "AuthnRequest", certificates=KNOWN, must_be_signed=True)
    assert refused.value.fault.rule == "signature-twice"
