"""Logouts that pass through the services of a session by the person's browser (SAML Profiles 4.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, reference


class SamlLogout(Base):
    """One logout under way: who asked, how they are answered, and how far it has come."""

    __tablename__ = "saml_logout"

    id: Mapped[RowId]
    handle_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    session_id: Mapped[int] = reference("login_session", index=True)
    service_id: Mapped[int | None] = reference("service")
    """The service that asked; None when the person did, with us."""
    reply_to: Mapped[dict[str, Any]]
    """What it takes to answer the service that asked: binding, address, ID of the request, RelayState."""
    state: Mapped[dict[str, Any]]
    """Per service: the ID of our request, and what came back."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
