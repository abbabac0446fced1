"""The schema as a whole: every table imported, and moving a database to the newest migration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from idp.store import (
    affiliations,
    agreements,
    audit,
    contacts,
    credentials,
    grants,
    groups,
    institutions,
    keys,
    login_requests,
    login_sessions,
    outbox,
    people,
    rights,
    services,
    step_up,
    sync_runs,
)
from idp.store.base import Base

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from idp.store.db import Database

AGGREGATES = (
    affiliations, agreements, audit, contacts, credentials, grants, groups, institutions, keys, login_requests,
    login_sessions, outbox, people, rights, services, step_up, sync_runs,
)  # fmt: skip
metadata = Base.metadata


def upgrade(database: Database) -> None:
    """Bring the database to the newest migration; nothing happens when it is there already."""
    if is_current(database):
        return
    with database.engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest migration."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest_revision()


def newest_revision() -> str | None:
    """Return the name of the newest migration."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, for the open connection if there is one."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config
