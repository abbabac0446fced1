"""Facts about this installation that decide what may be done with its database (decision 31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, select

from idp.store.keys import InstallationFact, claim_version

if TYPE_CHECKING:
    from idp.store.db import Database

DEMO: Final = "demo"


def mark_as_demo(database: Database) -> None:
    """Say that the demo made this database."""
    with database.writing() as session:
        claim_version(session, DEMO)


def is_demo(database: Database) -> bool:
    """Say whether the demo made this database; False as well for one that is empty or somebody else's."""
    if not inspect(database.engine).has_table(InstallationFact.__tablename__):
        return False
    with database.reading() as session:
        found = session.execute(select(InstallationFact.name).where(InstallationFact.name == DEMO)).scalar_one_or_none()
    return found is not None
