"""Signing keys, encrypted at rest, and the version rows that tell every process to forget what it cached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, Short


class SigningKey(Base):
    """A key we sign with: ``next`` is published before it is used, ``previous`` while its signatures may be alive."""

    __tablename__ = "signing_key"

    id: Mapped[RowId]
    kid: Mapped[Short] = mapped_column(unique=True)
    use: Mapped[str] = mapped_column(String(8))
    """``oidc`` or ``saml``."""
    algorithm: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(8))
    """``next``, ``current``, ``previous`` or ``retired``."""
    public_jwk: Mapped[dict[str, Any]]
    certificate: Mapped[str | None] = mapped_column(Text)
    private_sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    current_from: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class InstallationFact(Base):
    """A fact about this installation: ``demo`` marks a database that the demo made; ``*-version`` drive the caches."""

    __tablename__ = "installation_fact"

    name: Mapped[Short] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    value: Mapped[str | None] = mapped_column(Text)
