"""Refresh tokens: found with everything behind them in one look-up, burned in one update. The table stands in grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from idp.store.grants import GRANT_COLUMNS, Grant, RefreshToken
from idp.store.keys import version_of
from idp.store.login_sessions import LoginSession
from idp.store.people import Person
from idp.store.prepared import run, table
from idp.store.releases import with_facts
from idp.store.services import CLIENT_COLUMNS, Service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_FOUND = with_facts(
    select(
        *CLIENT_COLUMNS,
        *GRANT_COLUMNS,
        RefreshToken.digest.label("refresh_digest"),
        RefreshToken.scope.label("refresh_scope"),
        RefreshToken.issued_at.label("refresh_issued_at"),
        RefreshToken.expires_at.label("refresh_expires_at"),
        RefreshToken.used_at.label("refresh_used_at"),
        RefreshToken.revoked_at.label("refresh_revoked_at"),
        version_of("signing-keys-version").label("keys_version"),
    )
    .select_from(Service)
    .outerjoin(RefreshToken, RefreshToken.digest == bindparam("digest"))
    .outerjoin(Grant, Grant.id == RefreshToken.grant_id)
    .outerjoin(Person, Person.id == Grant.person_id)
    .outerjoin(LoginSession, LoginSession.id == Grant.session_id)
).where(Service.identifier == bindparam("client_id"))

_UNUSED = (
    RefreshToken.digest == bindparam("token"),
    RefreshToken.used_at.is_(None),
    RefreshToken.revoked_at.is_(None),
)
_BURN = update(table(RefreshToken)).where(*_UNUSED).values(used_at=bindparam("at")).returning(RefreshToken.grant_id)
_EXTEND = (
    update(table(RefreshToken)).where(*_UNUSED).values(expires_at=bindparam("until")).returning(RefreshToken.grant_id)
)
_INSERT = insert(table(RefreshToken)).inline()


def refresh_rows(session: Session, *, client_id: str, digest: bytes, now: datetime, today: object) -> Sequence[AnyRow]:
    """Return the client, the refresh token with its grant if there is one, and the facts; none when no client is so called.

    One row per school record and class, see :func:`idp.store.releases.with_facts`.
    """
    values = {"client_id": client_id, "digest": digest, "facts_now": now, "facts_today": today}
    return run(session, _FOUND, values).all()


def insert_refresh_token(session: Session, values: dict[str, Any]) -> None:
    """Write a refresh token."""
    run(session, _INSERT, values)


def burn_refresh_token(session: Session, digest: bytes, now: datetime) -> bool:
    """Use up a refresh token; False when somebody was quicker, or it is revoked."""
    return run(session, _BURN, {"token": digest, "at": now}).scalar_one_or_none() is not None


def extend_refresh_token(session: Session, digest: bytes, until: datetime) -> bool:
    """Let an unused refresh token live until ``until``; False when it is used or revoked."""
    return run(session, _EXTEND, {"token": digest, "until": until}).scalar_one_or_none() is not None
