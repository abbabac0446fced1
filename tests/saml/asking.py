"""Parts of AuthnRequests, and what a Response says that has no assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.opponents.saml_service import SamlService

if TYPE_CHECKING:
    from tests.opponents.saml_reader import ReadMessage

PORTAL = SamlService()
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
NAME_ID = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


def second(read: ReadMessage) -> str:
    assert read.status != SUCCESS
    assert read.assertion is None
    return (read.second_status or "").removeprefix(STATUS)


def contexts(*names: str, comparison: str = "exact") -> str:
    named = "".join(f"<saml:AuthnContextClassRef>{name}</saml:AuthnContextClassRef>" for name in names)
    return f'<samlp:RequestedAuthnContext Comparison="{comparison}">{named}</samlp:RequestedAuthnContext>'


def policy(name: str, **more: str) -> str:
    said = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<samlp:NameIDPolicy Format="{name}"{said}/>'
