"""As whom a person can act: one choice for each institution and actor group, and what each is called on a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.store import acting as store
from policies.vocabulary import ActorGroup, Level, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

ORDER: Final = (ActorGroup.STAFF, ActorGroup.EXTERNAL, ActorGroup.PUPIL, ActorGroup.CONTACT)
"""Work before school before home."""


@dataclass(frozen=True, kw_only=True)
class ActingCard:
    """One choice as it is shown: where, as what, in which classes."""

    affiliation_id: int
    actor_group: ActorGroup
    institution: str
    classes: tuple[str, ...]
    level: Level | None
    roles: tuple[Role, ...]
    confirmed: bool
    """False where the institution attached an account that it did not make, and nobody has confirmed it yet."""
    last: bool
    """What the person chose the last time in this browser."""


def choices(attached: Iterable[Row[Any]]) -> tuple[int, ...]:
    """Return one attachment for each institution and actor group, in the order of a page.

    Unconfirmed ones too: what a person chooses gives no institution any power over the account (decision 2), and keeping
    them away would keep a new teacher from work.
    """
    found: dict[tuple[int, str], int] = {}
    for row in sorted(attached, key=_place):
        found.setdefault((row.institution_id, row.actor_group), row.affiliation_id)
    return tuple(found.values())


def cards(db: Session, offered: Sequence[int], device_id: int | None) -> tuple[ActingCard, ...]:
    """Describe what is offered, the last choice on the person's known device first: at most three statements."""
    last = store.last_acting(db, device_id) if device_id is not None else None
    rows = {row.id: row for row in store.offered_attachments(db, offered)}
    classes = store.classes_of(db, offered)
    described = [
        ActingCard(
            affiliation_id=row.id,
            actor_group=ActorGroup(row.actor_group),
            institution=row.institution,
            classes=tuple(one.name for one in classes if one.affiliation_id == row.id),
            level=Level(row.level) if row.level else None,
            roles=tuple(Role(role) for role in row.roles),
            confirmed=row.confirmed_at is not None,
            last=row.id == last,
        )
        for row in (rows[one] for one in offered if one in rows)
    ]
    return tuple(sorted(described, key=lambda card: not card.last))


def remember_choice(db: Session, device_id: int, affiliation_id: int) -> None:
    """Offer this choice first when the person comes again in this browser."""
    store.note_acting(db, device_id, affiliation_id)


def _place(row: Row[Any]) -> tuple[bool, int, int]:
    return row.confirmed_at is None, ORDER.index(ActorGroup(row.actor_group)), row.affiliation_id
