"""What the tests of our writing share: keys of an identity provider and of a service, and something to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from idp.outside.certificates import der_of, self_signed
from idp.outside.jose import make_key
from idp.outside.xml_signing import XmlSigner, xml_signer
from idp.saml.core_2_3_assertion import Attribute, NameId, Told
from idp.usecases.service_providers import PERSISTENT
from tests.conftest import START

ISSUER = "https://skolepas.example/saml/metadata"
SERVICE = "https://portal.example/saml"
CONSUMER = "https://portal.example/acs?tenant=1&way=post"


@dataclass(frozen=True, repr=False)
class Keys:
    """A key pair with its certificate."""

    signer: XmlSigner
    certificate: bytes
    private: bytes


def keys(algorithm: str = "RS256", name: str = "idp") -> Keys:
    """Return the key pair of this name, made once."""
    return _made(algorithm, name)


@cache
def _made(algorithm: str, name: str) -> Keys:
    made = make_key(algorithm)
    certificate = der_of(self_signed(made.private, name=name, now=START))
    return Keys(xml_signer(made.kid, certificate, made.private), certificate, made.private)


def told(**about: Any) -> Told:  # noqa: ANN401
    """Return something to tell, but for what the test says."""
    usual: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": SERVICE,
        "recipient": CONSUMER,
        "in_response_to": "_a-request",
        "name_id": NameId(value="6f1c", format=PERSISTENT, name_qualifier=ISSUER, sp_name_qualifier=SERVICE),
        "session_index": "_a-session",
        "authn_instant": START - timedelta(minutes=20),
        "context_class": "dk:unilogin:loa:EnFaktor",
        "attributes": (
            Attribute(name="dk:unilogin:uniid", values=("asta1234",), friendly="uniid"),
            Attribute(name="urn:example:classes", values=("1a", "kor")),
        ),
        "issued_at": START,
        "not_before": START,
        "not_on_or_after": START + timedelta(minutes=5),
    }
    return Told(**{**usual, **about})
