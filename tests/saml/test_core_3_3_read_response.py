"""What another identity provider vouches for, and everything that makes it worth nothing."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from idp.outside.xml_encryption import recipient
from idp.saml.core_2_3_assertion import NameId
from idp.saml.core_3_3_3_response import RESPONDER, Protection, Status, error_response, write_response
from idp.saml.core_3_3_read_response import Expected, read_response
from idp.saml.intake import arrived_by_post
from idp.saml.refusals import Refused
from tests.conftest import START
from tests.saml.written import CONSUMER, ISSUER, SERVICE, keys, told

if TYPE_CHECKING:
    from idp.saml.core_3_3_read_response import Vouched

EXPECTED = Expected(
    issuer=ISSUER,
    certificates=(keys(name="other").certificate, keys().certificate),
    keys=(keys(name="service").private,),
    audience=SERVICE,
    consumer=CONSUMER,
    request_id="_a-request",
    now=START,
)


def protection(
    *, response: bool = False, assertion: bool = True, encrypted: bool = False, by: str = "idp"
) -> Protection:
    to = recipient([(keys(name="service").certificate, ())]) if encrypted else None
    return Protection(signer=keys(name=by).signer, sign_response=response, sign_assertion=assertion, recipient=to)


def read(document: bytes, **expected: Any) -> Vouched:  # noqa: ANN401
    form = urlencode({"SAMLResponse": b64encode(document).decode()}).encode()
    return read_response(arrived_by_post(form), replace(EXPECTED, **expected))


def refused(document: bytes, **expected: Any) -> str:  # noqa: ANN401
    with pytest.raises(Refused) as fault:
        read(document, **expected)
    return fault.value.fault.rule


@pytest.mark.spec("SAML Profiles", "4.1.4.3")
@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize(("response", "assertion"), [(True, False), (False, True), (True, True)])
def test_what_is_signed_in_either_way_is_read(response: bool, assertion: bool, encrypted: bool) -> None:  # noqa: FBT001
    how = protection(response=response, assertion=assertion, encrypted=encrypted)
    vouched = read(write_response(told(), how))
    assert (vouched.name_id, vouched.context_class, vouched.session_index) == (
        "6f1c", "dk:unilogin:loa:EnFaktor", "_a-session",
    )  # fmt: skip
    assert vouched.attributes["urn:example:classes"] == ("1a", "kor")
    assert vouched.authn_instant == START - timedelta(minutes=20)


@pytest.mark.parametrize(
    ("about", "rule"),
    [
        ({"issuer": "https://elsewhere.example"}, "issuer-wrong"),
        ({"in_response_to": "_another"}, "unsolicited"),
        ({"in_response_to": None}, "unsolicited"),
        ({"recipient": "https://elsewhere.example/acs"}, "destination-wrong"),
        ({"issued_at": START - timedelta(minutes=6)}, "instant-off"),
        ({"issued_at": START + timedelta(minutes=6)}, "instant-off"),
        ({"not_on_or_after": START - timedelta(minutes=6)}, "not-confirmed"),
        ({"not_before": START + timedelta(minutes=6)}, "conditions-over"),
        ({"audience": "https://elsewhere.example"}, "audience-wrong"),
        ({"authn_instant": START + timedelta(minutes=6)}, "instant-off"),
        ({"session_not_on_or_after": START}, "session-over"),
        ({"name_id": NameId(value="", format="urn:x")}, "name-id-missing"),
    ],
)
def test_what_is_not_for_us_now_is_refused_by_name(about: dict[str, Any], rule: str) -> None:
    assert refused(write_response(told(**about), protection())) == rule


def test_another_keys_signature_or_none_is_worth_nothing() -> None:
    assert refused(write_response(told(), protection(by="stranger"))) == "signature-wrong"
    unsigned = write_response(told(), protection(response=True, assertion=False)).replace(b"ds:Signature", b"ds:Signed")
    assert refused(unsigned) == "signature-wrong"


def test_encrypted_to_somebody_else_it_is_not_read() -> None:
    document = write_response(told(), protection(encrypted=True))
    assert refused(document, keys=(keys(name="other").private,)) == "not-decrypted"


def test_a_status_that_is_no_success_says_so() -> None:
    document = error_response(
        Status(code=RESPONDER, second="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"),
        issuer=ISSUER,
        destination=CONSUMER,
        in_response_to="_a-request",
        now=START,
        signer=keys().signer,
    )
    assert refused(document) == "not-logged-in"
