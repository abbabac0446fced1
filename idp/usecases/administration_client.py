"""The administration as a service of our own: registered when the system starts, and known by a derived secret.

It needs no agreement (``built_in``), and its secret is derived from the installation's keys, so that every process
knows it and nobody has to keep it (decision 21).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.outside.sealing import keyed_digest, same
from idp.store.keys import claim_version
from idp.store.services import client_row, insert_service, update_service
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

CLIENT_ID: Final = "skolepas-administration"
_TURN: Final = "administration-registered"


def redirect_uri(issuer: str) -> str:
    """Return where the provider sends the browser with a code."""
    return f"{issuer}/administration/callback"


def signed_out_uri(issuer: str) -> str:
    """Return where the provider sends the browser after logging out."""
    return f"{issuer}/administration/signed-out"


def secret(system: System) -> str:
    """Return the administration's client secret, 43 characters."""
    derived = keyed_digest(system.keyring.tokens.current, "client secret", CLIENT_ID)
    return base64.urlsafe_b64encode(derived).rstrip(b"=").decode()


def is_registered(db: Session, system: System) -> bool:
    """Say whether the administration is registered as this installation wants it, disabled by an operator or not."""
    row = client_row(db, CLIENT_ID)
    if row is None or row.secret_digest is None:
        return False
    wanted = _wanted(system)
    return row.registration == wanted["registration"] and same(row.secret_digest, wanted["secret_digest"])


def register(db: Session, system: System) -> None:
    """Register the administration, or bring its registration up to date. Told twice, it changes nothing more.

    Processes that start together do it one after the other. What an operator disabled stays disabled.
    """
    wanted = _wanted(system)
    claim_version(db, _TURN)
    if client_row(db, CLIENT_ID) is None:
        service_id = insert_service(db, {**wanted, "identifier": CLIENT_ID, "registered_at": system.now()})
        system.record(db, AuditEvent.SERVICE_REGISTERED, service_id=service_id, facts={"built_in": True})
    else:
        update_service(db, CLIENT_ID, wanted)


def _wanted(system: System) -> dict[str, Any]:
    issuer = system.settings.site.issuer
    name = system.settings.site.name
    return {
        "protocol": Protocol.OIDC.value,
        "name_da": name,
        "name_en": name,
        "registration": {
            "client_name": name,
            "redirect_uris": [redirect_uri(issuer)],
            "post_logout_redirect_uris": [signed_out_uri(issuer)],
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "scope": "openid",
        },
        "secret_digest": keyed_digest(system.keyring.tokens.current, secret(system)),
        "sector": CLIENT_ID,
        "built_in": True,
        "requires_licence": False,
    }
