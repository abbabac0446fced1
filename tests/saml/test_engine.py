"""pysaml2 behind our doors: no program is started, no file written, and no key believed that the message brings along."""

from __future__ import annotations

import subprocess
import tempfile
from base64 import b64encode
from urllib.parse import urlencode

import pytest

from idp.saml.engine import read_message
from idp.saml.intake import arrived_by_post, arrived_by_redirect
from idp.saml.refusals import Refused
from tests.opponents.saml_service import SamlService, key_pair, signed_by

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


def test_a_signed_query_carries_no_signature_of_its_own() -> None:
    address = SERVICE.by_redirect(signed_by(SERVICE.keys, SERVICE.authn_request()))
    arrived = arrived_by_redirect(address.partition("?")[2].encode())
    with pytest.raises(Refused) as refused:
        read_message(arrived, "AuthnRequest", certificates=KNOWN, must_be_signed=True)
    assert refused.value.fault.rule == "signature-twice"
