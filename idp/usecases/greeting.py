"""What a person is called where others at the device may read it: the alias, where a school protects the name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.store import own_page as store
from policies.protection import SchoolRecord, shown_name

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Greeting:
    """``name`` is None where none may be shown; the username, which is made of the alias, tells then who it is."""

    name: str | None
    username: str | None


def greeting_of(db: Session, person_id: int) -> Greeting:
    """Read what to call a person: two statements."""
    rows = store.attachments_of(db, person_id)
    records = [
        SchoolRecord(row.first_name, row.family_name, row.alias_first_name, row.alias_family_name, row.protected)
        for row in rows
    ]
    shown = shown_name(records)
    return Greeting(
        name=f"{shown.first_name} {shown.family_name}" if shown else None,
        username=store.account_of(db, person_id).username,
    )
