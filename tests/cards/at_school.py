"""A school that uses cards, and cards for its pupils: what the tests of cards share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from idp.store.audit import AuditEvent as Recorded
from idp.usecases.cards import give_card, set_card_rule
from policies.cards import card_rule

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests import recipes

HERE = "192.0.2.7"
ELSEWHERE = "198.51.100.7"


def use_cards(system: System, school: recipes.School, **changes: Any) -> None:  # noqa: ANN401 (whatever a school may set)
    """Let cards of the school work on weekdays from 7 to 17, at the address that tests' browsers come from."""
    usual: dict[str, Any] = {
        "enabled": True,
        "days": [1, 2, 3, 4, 5],
        "opens": "07:00",
        "closes": "17:00",
        "networks": ["192.0.2.0/24"],
    }
    with system.database.writing() as db:
        set_card_rule(db, system, institution_id=school.id, rule=card_rule(**usual | changes), set_by=None)


def a_card(system: System, pupil: recipes.Someone) -> str:
    """Give a pupil a card and return what a scanner types."""
    with system.database.writing() as db:
        return give_card(db, system, person_id=pupil.id, given_by=None).token


def recorded(system: System, *events: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what is on record of these events, in order."""
    with system.database.reading() as db:
        rows = db.execute(
            select(Recorded.event, Recorded.facts).where(Recorded.event.in_(events)).order_by(Recorded.id)
        )
        return [(row.event, row.facts) for row in rows]
