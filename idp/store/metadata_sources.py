"""Where services' SAML metadata comes from, and which of our keys each service has been seen to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, BigId, Line, RowId, Short


class MetadataSource(Base):
    """An address that is fetched again and again; what it holds counts only while its signature and its validity do."""

    __tablename__ = "metadata_source"

    id: Mapped[RowId]
    kind: Mapped[str] = mapped_column(String(16))
    """``entity``, ``aggregate`` or ``mdq`` (an address to which an entityID is added)."""
    url: Mapped[str] = mapped_column(Text, unique=True)
    certificates: Mapped[str] = mapped_column(Text)
    """PEM: whose signature counts at this address and at no other."""
    options: Mapped[dict[str, Any]]
    """How services are registered that are found there."""
    content_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    etag: Mapped[Line | None]
    valid_until: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    """When what was fetched last held."""
    fault: Mapped[Line | None]
    """Why the newest try did not; None when it did."""
    ended_at: Mapped[datetime | None]


class MetadataFetch(Base):
    """A service has read a key of ours from the metadata address that is its own."""

    __tablename__ = "metadata_fetch"

    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"), primary_key=True, autoincrement=False)
    kid: Mapped[Short] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
