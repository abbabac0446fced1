"""What everybody may know of a person, and what must therefore not stand in the person's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.store.sign_in import known_of
from policies.chosen import About, shows_the_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from policies.tables import Rules


def known_about(db: Session, person_id: int) -> About:
    """Return names, username, birth date and schools, as the current records have them."""
    rows = known_of(db, person_id)
    names = {
        name
        for row in rows
        for name in (row.first_name, row.family_name, row.alias_first_name, row.alias_family_name)
        if name
    }
    return About(
        names=tuple(sorted(names)),
        username=next((row.username for row in rows), None),
        born=next((row.birth_date for row in rows if row.birth_date), None),
        schools=tuple(dict.fromkeys(row.school for row in rows)),
    )


def shows(db: Session, rules: Rules, person_id: int) -> Callable[[str], bool]:
    """Return what says whether a code that is about to be assigned shows the person; asked for text codes only."""
    about: list[About] = []

    def shown_in(code: str) -> bool:
        if not about:
            about.append(known_about(db, person_id))
        return shows_the_person(code, about[0], rules.chosen)

    return shown_in
