"""Looking up the reference that an error page showed: when, why, at which service, and whose it was.

Anybody can bring about an error page, so what is kept is bounded: so many an hour from one network, and so many in all, for
each process. Beyond, the page is in the log alone. Nothing here tells where a page was shown (decision 7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from idp.store import shown_errors as store
from idp.usecases.access import institutions_of, subject_of
from idp.usecases.allowance import Allowance
from idp.usecases.guesses import line_of
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.store.db import Database
    from idp.usecases.system import System

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The signs of a reference: none that looks or sounds like another when read aloud over the telephone."""
SIGNS: Final = 8
DEFECT: Final = "defect"
FROM_ONE_NETWORK: Final = 30
"""Pages an hour: a class that stands before the same page, and somebody who reloads."""
FROM_ALL: Final = 600
_SPAN: Final = timedelta(hours=1)
_BETWEEN: Final = re.compile(r"[\s\-‐‑–—.·]+")
_LONGEST_TYPED: Final = 64


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An error page as it is kept."""

    reference: str
    reason: str
    status: int
    endpoint: str | None = None
    person_id: int | None = None
    service_id: int | None = None
    facts: Mapping[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What a reference leads to. ``reason`` None is a fault of ours."""

    reference: str
    at: datetime
    reason: Reason | None
    service: str | None
    service_names: Mapping[str, str]
    person_id: int | None
    status: int
    endpoint: str | None
    facts: Mapping[str, Any]


_allowances: WeakKeyDictionary[Database, Allowance] = WeakKeyDictionary()


def new_reference(system: System) -> str:
    """Return a fresh reference such as ``K7QM-2F9X``."""
    signs = "".join(ALPHABET[system.draw(len(ALPHABET))] for _ in range(SIGNS))
    return f"{signs[:4]}-{signs[4:]}"


def may_keep(system: System, address: str) -> bool:
    """Say whether a page shown to ``address`` may be kept, and count it. The address stays in this process's memory."""
    allowance = _allowances.setdefault(system.database, Allowance(_SPAN))
    return allowance.take(line_of(address), system.now(), each=FROM_ONE_NETWORK, together=FROM_ALL)


def keep(db: Session, system: System, shown: Shown) -> None:
    """Keep an error page under its reference."""
    store.keep_error(
        db,
        {
            "reference": shown.reference,
            "at": system.now(),
            "reason": shown.reason,
            "status": shown.status,
            "endpoint": shown.endpoint,
            "person_id": shown.person_id,
            "service_id": shown.service_id,
            "facts": dict(shown.facts),
        },
    )


def as_written(typed: str) -> str | None:
    """Return a typed reference as it was shown: in capitals, with the hyphen; None when it can be none."""
    if len(typed) > _LONGEST_TYPED:
        return None
    signs = _BETWEEN.sub("", typed).upper()
    if len(signs) != SIGNS or not set(signs) <= set(ALPHABET):
        return None
    return f"{signs[:4]}-{signs[4:]}"


def look_up(db: Session, system: System, typed: str, *, by: int | None) -> LookedUp | None:
    """Return what stands under a typed reference, for an administrator, or for the operator (``by`` None).

    An administrator finds pages of the own institutions' people and pages of nobody in particular. Another institution's
    person's page is treated as none.
    """
    reference = as_written(typed)
    row = store.error_under(db, reference) if reference else None
    if row is None or (by is not None and not _concerns(db, system, row, by)):
        return None
    return LookedUp(
        reference=row.reference,
        at=row.at,
        reason=Reason(row.reason) if row.reason in set(Reason) else None,
        service=row.service,
        service_names={"da": row.name_da, "en": row.name_en} if row.service else {},
        person_id=row.person_id,
        status=row.status,
        endpoint=row.endpoint,
        facts=row.facts,
    )


def _concerns(db: Session, system: System, row: AnyRow, administrator: int) -> bool:
    if row.person_id is None:
        return True
    own = {institution.number for institution in institutions_of(db, system, administrator)}
    attachments = subject_of(db, row.person_id).attachments
    return any(attachment.confirmed and attachment.institution in own for attachment in attachments)
