"""Signed statements and requests count once: an ID that was seen is remembered for as long as the statement would hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.store import presented_jwts as store

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.services import Client


def is_clients_first(db: Session, client: Client, jti: str, until: datetime) -> bool:
    """Whether a client shows this ``jti`` for the first time; it is remembered. One statement."""
    return store.remember(db, f"service:{client.id}", jti, until)


def is_services_first(db: Session, service_id: int, request_id: str, until: datetime) -> bool:
    """Whether a SAML service's request is the first of this ID (SAML Core 1.3.4); it is remembered. One statement."""
    return store.remember(db, f"saml:{service_id}", request_id, until)


def is_keys_first(db: Session, jkt: str, jti: str, until: datetime) -> bool:
    """Whether a key shows this ``jti`` for the first time (RFC 9449 11.1); it is remembered. One statement."""
    return store.remember(db, f"dpop:{jkt}", jti, until)
