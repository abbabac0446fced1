"""Services that register and manage themselves (RFC 7591, RFC 7592), where the operator allows it.

Who may come is decided beforehand, by an initial access token of a few minutes. What comes has no agreement with anybody,
so it is told a pseudonym and the strength of a login and nothing else, until a school or the operator agrees.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.outside.sealing import new_token, same, token_digest
from idp.store import registration as store
from idp.store.grants import revoke_grants_of_service
from idp.store.services import update_service
from idp.usecases.client_metadata import INVALID_CLIENT_METADATA, Fault, MetadataRefused, accept
from idp.usecases.client_metadata_members import SECRET_METHODS
from idp.usecases.services import (
    NO_SECRET,
    Client,
    Registered,
    client_of,
    columns_of,
    disable,
    register_oidc,
    secret_digest,
    secret_is_right,
)
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.system import System

BY_THE_OPERATOR: Final = ("may_introspect",)
"""Members that give power over others: no service writes them itself."""
LONGEST_FACT: Final = 500
KEPT_SECRET: Final = timedelta(hours=1)
"""How long the secret that an update replaced counts, for what is under way at the service's other machines."""
_OURS: Final = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)


@dataclass(frozen=True, kw_only=True, repr=False)
class InitialToken:
    """An initial access token just made. It is here once and never again."""

    token: str
    expires_at: datetime
    uses: int

    def __repr__(self) -> str:
        """Never show the token."""
        return "InitialToken(***)"


@dataclass(frozen=True, kw_only=True, repr=False)
class SelfRegistered:
    """What a service is told about itself (RFC 7592 3)."""

    registered: Registered
    token: str

    def __repr__(self) -> str:
        """Never show the token."""
        return f"SelfRegistered({self.registered.client_id})"

    def to_json(self, *, address: str) -> dict[str, Any]:
        """Return the client information response; ``address`` is where registrations are managed."""
        return {
            **self.registered.to_json(),
            "registration_client_uri": f"{address}/{self.registered.client_id}",
            "registration_access_token": self.token,
        }


@dataclass(frozen=True, kw_only=True, repr=False)
class OwnService:
    """A service that showed its registration access token."""

    client: Client
    registration: dict[str, Any]
    registered_at: datetime
    token: str

    def __repr__(self) -> str:
        """Never show the token."""
        return f"OwnService({self.client.client_id})"

    def as_it_is(self) -> SelfRegistered:
        """Return what is registered; the secret is not known here any more."""
        return _told(self, self.registration, token=self.token, secret=None)


def make_initial_token(db: Session, system: System, *, note: str, minutes: int, uses: int) -> InitialToken:
    """Make an initial access token; ``note`` says for the record whom it is given to."""
    token = new_token()
    now = system.now()
    until = now + timedelta(minutes=minutes)
    values = {"digest": token_digest(token), "note": note, "created_at": now, "expires_at": until, "uses_left": uses}
    store.insert_initial_token(db, values)
    system.record(
        db, AuditEvent.REGISTRATION_TOKEN_MADE, facts={"minutes": minutes, "uses": uses}, texts={"note": note}
    )
    return InitialToken(token=token, expires_at=until, uses=uses)


def end_initial_tokens(db: Session, system: System) -> int:
    """End every initial access token that could still be used; how many."""
    ended = store.revoke_initial_tokens(db, system.now())
    system.record(db, AuditEvent.REGISTRATION_TOKENS_ENDED, facts={"tokens": ended})
    return ended


def may_register(db: Session, system: System, token: str) -> bool:
    """Whether an initial access token could be used now. It is not used up."""
    return store.is_good(db, token_digest(token), system.now())


def register_itself(
    db: Session, system: System, token: str, metadata: object, *, listed: tuple[str, ...] | None
) -> SelfRegistered | None:
    """Register a service with an initial access token; None when that is not good. Raises :class:`MetadataRefused`.

    A refusal uses nothing up when the transaction is given up.
    """
    note = store.use_initial_token(db, token_digest(token), system.now())
    if note is None:
        return None
    _nothing_for_the_operator(metadata)
    _asks_as_the_operator_says(metadata, needs_consent=False)
    registered = register_oidc(db, system, metadata, listed=listed, invited=note)
    own = new_token()
    update_service(db, registered.client_id, {"registration_token_digest": token_digest(own)})
    return SelfRegistered(registered=registered, token=own)


def find_own(db: Session, client_id: str, token: str) -> OwnService | None:
    """Return the live service of this id that the registration access token belongs to."""
    row = store.own_row(db, client_id) if client_id.isprintable() else None
    known = row.registration_token_digest if row is not None else None
    if not same(token_digest(token), known or secrets.token_bytes(32)) or row is None:
        return None
    client = client_of(row) if row.protocol == Protocol.OIDC else None
    if client is None or client.disabled:
        return None
    return OwnService(client=client, registration=row.registration, registered_at=row.registered_at, token=token)


def replace_own(
    db: Session, system: System, own: OwnService, metadata: object, *, listed: tuple[str, ...] | None
) -> SelfRegistered | None:
    """Put new metadata in the place of all there were (RFC 7592 2.2); None when somebody was quicker.

    The registration access token changes each time. The secret stays when the service sends it; it is replaced when the
    service does not, and the old one then counts for an hour. Raises :class:`MetadataRefused`.
    """
    _nothing_for_the_operator(metadata)
    _asks_as_the_operator_says(metadata, needs_consent=own.client.needs_consent)
    sent = _own_members(system, own, metadata)
    accepted = accept(metadata, listed)
    method = accepted.registration["token_endpoint_auth_method"]
    secret = new_token() if method in SECRET_METHODS and sent is None else None
    token = new_token()
    values = {
        **columns_of(accepted, own.client.client_id),
        "registration_token_digest": token_digest(token),
        **_secret_columns(system, own.client, method, secret),
    }
    if not store.replace_registration(db, own.client.id, token=token_digest(own.token), values=values):
        return None
    changed = {name for name in {*own.registration, *accepted.registration}
               if own.registration.get(name) != accepted.registration.get(name)}  # fmt: skip
    system.record(
        db,
        AuditEvent.SERVICE_CHANGED,
        service_id=own.client.id,
        facts={"members": " ".join(sorted(changed))[:LONGEST_FACT], "secret": secret is not None},
    )
    return _told(own, accepted.registration, token=token, secret=secret or (sent if method in SECRET_METHODS else None))


def withdraw(db: Session, system: System, own: OwnService) -> None:
    """Disable a service at its own wish (RFC 7592 2.3), with everything it was granted. Its row ends and stays."""
    disable(db, system, own.client.id, why="withdrawn by the service")
    update_service(db, own.client.client_id, {"registration_token_digest": None})
    revoke_grants_of_service(db, own.client.id, system.now())


def _told(own: OwnService, registration: dict[str, Any], *, token: str, secret: str | None) -> SelfRegistered:
    return SelfRegistered(
        registered=Registered(
            service_id=own.client.id,
            client_id=own.client.client_id,
            client_secret=secret,
            registration=registration,
            issued_at=own.registered_at,
        ),
        token=token,
    )


def _nothing_for_the_operator(metadata: object) -> None:
    given = metadata if isinstance(metadata, dict) else {}
    faults = [
        Fault(INVALID_CLIENT_METADATA, member, f"{member} is for the operator to register.")
        for member in BY_THE_OPERATOR
        if given.get(member, False) is not False
    ]
    if faults:
        raise MetadataRefused(faults)


def _asks_as_the_operator_says(metadata: object, *, needs_consent: bool) -> None:
    """Check that a service does not decide by itself whether people are asked for their consent.

    Saying so later it would end the question, and saying so first it would be told names that nobody has agreed to.
    """
    given = metadata if isinstance(metadata, dict) else {}
    if given.get("needs_consent", False) is not needs_consent:
        sentence = f"needs_consent is for the operator to change; it is {str(needs_consent).lower()}."
        raise MetadataRefused([Fault(INVALID_CLIENT_METADATA, "needs_consent", sentence)])


def _own_members(system: System, own: OwnService, metadata: object) -> str | None:
    """Check what only an update holds, and return the secret if it came."""
    given: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {}
    faults = [
        Fault(INVALID_CLIENT_METADATA, member, f"{member} does not belong in an update (RFC 7592 2.2).")
        for member in _OURS
        if member in given
    ]
    if given.get("client_id") != own.client.client_id:
        faults.append(
            Fault(INVALID_CLIENT_METADATA, "client_id", "client_id must be there, and the one of the address.")
        )
    secret = given.get("client_secret")
    fits = isinstance(secret, str) and secret.isascii() and secret_is_right(system, own.client, secret)
    if "client_secret" in given and not fits:
        faults.append(Fault(INVALID_CLIENT_METADATA, "client_secret", "client_secret is not the one we gave."))
    if faults:
        raise MetadataRefused(faults)
    return secret


def _secret_columns(system: System, client: Client, method: str, secret: str | None) -> dict[str, Any]:
    if method not in SECRET_METHODS:
        return dict(NO_SECRET)
    if secret is None:
        return {}
    return {
        "secret_digest": secret_digest(system, secret),
        "previous_secret_digest": client.secret_digest,
        "previous_secret_until": system.now() + KEPT_SECRET,
    }
