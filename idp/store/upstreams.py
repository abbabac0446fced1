"""Identity providers of others that vouch for people: a municipality's own, or a strong identification (decision 20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, reference
from policies.vocabulary import Assurance, Protocol


class Upstream(Base):
    """One identity provider of somebody else's, and how far it is believed."""

    __tablename__ = "upstream"

    id: Mapped[RowId]
    protocol: Mapped[Protocol] = mapped_column(String(8))
    identifier: Mapped[str] = mapped_column(String(255), unique=True)
    """``entityID`` or issuer."""
    name_da: Mapped[Line]
    name_en: Mapped[Line]
    registration: Mapped[dict[str, Any]]
    """What a NameID or ``sub`` of its is, how its levels are called, and where it answers (OpenID Connect)."""
    metadata_xml: Mapped[str | None] = mapped_column(Text)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    level_cap: Mapped[Assurance] = mapped_column(String(24))
    """No login of its counts for more."""
    registered_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[Line | None]


class UpstreamInstitution(Base):
    """For people of which institution it vouches."""

    __tablename__ = "upstream_institution"

    id: Mapped[RowId]
    upstream_id: Mapped[int] = reference("upstream", index=True)
    institution_id: Mapped[int] = reference("institution", index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
