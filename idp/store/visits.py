"""Who comes, and for which service: the client and the browser's live session in one statement.

A service's request that a live session answers is the most frequent thing that happens here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, true

from idp.store.login_sessions import SESSION
from idp.store.prepared import run
from idp.store.saml_services import SAML_COLUMNS
from idp.store.services import CLIENT_COLUMNS, Service
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_LIVE = SESSION.order_by(None).subquery("live")

_VISIT = (
    select(*CLIENT_COLUMNS, *_LIVE.c)
    .select_from(Service)
    .outerjoin(_LIVE, true())
    .where(Service.identifier == bindparam("identifier"))
    .order_by(_LIVE.c.proven_at.desc())
)


_SAML_VISIT = (
    select(*SAML_COLUMNS, *_LIVE.c)
    .select_from(Service)
    .outerjoin(_LIVE, true())
    .where(Service.identifier == bindparam("identifier"), Service.protocol == Protocol.SAML.value)
    .order_by(_LIVE.c.proven_at.desc())
)


def saml_visit_rows(session: Session, *, identifier: str, token_digest: bytes, now: datetime) -> Sequence[AnyRow]:
    """Return the same for a SAML service; the service's columns are those of :data:`idp.store.saml_services.SAML_COLUMNS`."""
    values = {"identifier": identifier, "digest": token_digest, "now": now}
    return run(session, _SAML_VISIT, values).all()


def visit_rows(session: Session, *, identifier: str, token_digest: bytes, now: datetime) -> Sequence[AnyRow]:
    """Return the service with the live session of this cookie, one row per factor; ``id`` is None without a session.

    No row when no service is so called. The columns are those of :data:`idp.store.services.CLIENT_COLUMNS` and
    :func:`idp.store.login_sessions.session_rows`.
    """
    values = {"identifier": identifier, "digest": token_digest, "now": now}
    return run(session, _VISIT, values).all()
