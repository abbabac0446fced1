"""Refresh tokens: give the first, change one for the next, notice one that comes twice (RFC 6749 6, RFC 9700 4.14).

A refresh token lives as long as it is used, and never beyond the absolute end of its family, which is the grant. It is
as good as its reason: the session, or with ``offline_access`` the person, the attachment and the agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from idp.outside.sealing import new_token, token_digest
from idp.store import refresh_tokens as store
from idp.usecases.facts import school_day
from idp.usecases.grants import Granted, granted_of, keep_access_token, record_told
from idp.usecases.services import Client, client_of
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

GRANT_TYPE = "refresh_token"


@dataclass(frozen=True, kw_only=True, repr=False)
class PresentedRefresh:
    """Who shows a refresh token, and what it stands for; no grant when nobody was given such a token."""

    client: Client
    granted: Granted | None
    digest: bytes
    scope: str
    issued_at: datetime | None
    expires_at: datetime | None
    used: bool
    revoked: bool
    keys_version: int | None

    def __repr__(self) -> str:
        """Never show the digest."""
        return f"PresentedRefresh({self.client.client_id})"

    def is_good(self, now: datetime) -> bool:
        """Whether it could be used now."""
        fresh = self.expires_at is not None and now < self.expires_at
        unused = not self.used and not self.revoked
        return self.granted is not None and self.granted.lives and not self.client.disabled and fresh and unused


@dataclass(frozen=True, repr=False)
class Changed:
    """A refresh token has been used; the next one is here once, or the same one stays."""

    refresh_token: str | None

    def __repr__(self) -> str:
        """Never show the token."""
        return "Changed(***)"


def is_given_to(client: Client) -> bool:
    """Whether a client gets refresh tokens: whoever registered the grant type does."""
    return GRANT_TYPE in client.grant_types


def rotates(client: Client) -> bool:
    """Whether a refresh token is used once.

    That of a confidential client whose tokens are bound to a key is worth nothing to a thief as it is, and FAPI 2.0
    (5.3.2.1) advises to leave it.
    """
    return client.is_public or not client.dpop_bound


def find_refresh(db: Session, system: System, *, client_id: str, token: str) -> PresentedRefresh | None:
    """Find client, token, grant and facts in one statement; None when no client is so called. Nothing is used up."""
    now, digest = system.now(), token_digest(token)
    rows = store.refresh_rows(db, client_id=client_id, digest=digest, now=now, today=school_day(system))
    if not rows or rows[0].protocol != Protocol.OIDC:
        return None
    first = rows[0]
    return PresentedRefresh(
        client=client_of(first),
        granted=granted_of(rows, now) if first.grant_id is not None else None,
        digest=digest,
        scope=first.refresh_scope or "",
        issued_at=first.refresh_issued_at,
        expires_at=first.refresh_expires_at,
        used=first.refresh_used_at is not None,
        revoked=first.refresh_revoked_at is not None,
        keys_version=first.keys_version,
    )


def first_refresh_token(db: Session, system: System, granted: Granted, *, until: datetime) -> str:
    """Give the first refresh token of a grant, whose absolute end is ``until``."""
    return _give(db, system, granted, scope=granted.scope, until=until)


def change(
    db: Session,
    system: System,
    shown: PresentedRefresh,
    granted: Granted,
    access_token: str,
    *,
    scope: str,
    jkt: str | None,
) -> Changed | None:
    """Use a refresh token for an access token of ``scope``; None when somebody was quicker.

    The next one has the scope of the first: a narrower access token takes nothing away for good (RFC 6749 6).
    """
    until = granted.expires_at or system.now()
    stays = not rotates(granted.client)
    if stays:
        used = store.extend_refresh_token(db, shown.digest, _lives_until(system, granted, until))
    else:
        used = store.burn_refresh_token(db, shown.digest, system.now())
    if not used:
        return None
    keep_access_token(db, system, granted, access_token, scope=scope, jkt=jkt)
    if granted.session_over:  # nobody is there: that the service is told again is news
        record_told(db, system, granted)
    return Changed(None if stays else _give(db, system, granted, scope=shown.scope, until=until))


def _give(db: Session, system: System, granted: Granted, *, scope: str, until: datetime) -> str:
    token = new_token()
    store.insert_refresh_token(
        db,
        {
            "digest": token_digest(token),
            "grant_id": granted.id,
            "scope": scope,
            "issued_at": system.now(),
            "expires_at": _lives_until(system, granted, until),
        },
    )
    return token


def _lives_until(system: System, granted: Granted, until: datetime) -> datetime:
    settings = system.settings.oidc
    idle = settings.offline_idle_seconds if granted.offline else settings.refresh_idle_seconds
    return min(system.now() + timedelta(seconds=idle), until)
