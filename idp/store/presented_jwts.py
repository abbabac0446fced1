"""Signed statements that count once: client assertions (RFC 7523 3), request objects and DPoP proofs (RFC 9449 11.1)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Short
from idp.store.prepared import driver_of, run, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class PresentedJwt(Base):
    """A ``jti`` that somebody has used, kept for as long as the statement would hold."""

    __tablename__ = "presented_jwt"

    issuer: Mapped[Short] = mapped_column(primary_key=True)
    """``service:ID``, ``dpop:JKT`` or ``saml:ID``: whose numbering the ``jti`` belongs to."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


_REMEMBER = {
    name: build(table(PresentedJwt)).on_conflict_do_nothing().returning(PresentedJwt.expires_at)
    for name, build in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}


def remember(db: Session, issuer: str, jti: str, expires_at: datetime) -> bool:
    """Remember a ``jti`` until ``expires_at``; False when it was seen before. Of two at the same time one is True."""
    values = {"issuer": issuer, "digest": hashlib.sha256(jti.encode()).digest(), "expires_at": expires_at}
    return run(db, _REMEMBER[driver_of(db).dialect.name], values).scalar_one_or_none() is not None
