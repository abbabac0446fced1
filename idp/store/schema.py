"""The schema as a whole: every table imported, and moving a database to the newest migration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from idp.store import (
    affiliations,
    agreements,
    audit,
    consents,
    contacts,
    credentials,
    device_authorizations,
    emergency_stops,
    failed_requests,
    grants,
    groups,
    institutions,
    keys,
    login_requests,
    login_sessions,
    metadata_sources,
    outbox,
    people,
    presented_jwts,
    pushed_requests,
    registration,
    rights,
    saml_logouts,
    services,
    shown_errors,
    step_up,
    sync_runs,
    upstreams,
)
from idp.store.base import Base
from idp.store.db import READ_ONLY

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from idp.store.db import Database

AGGREGATES = (
    affiliations, agreements, audit, consents, contacts, credentials, device_authorizations, emergency_stops,
    failed_requests, grants, groups, institutions, keys, login_requests, login_sessions, metadata_sources, outbox, people, presented_jwts,
    pushed_requests, registration, rights, saml_logouts, services, shown_errors, step_up, sync_runs, upstreams,
)  # fmt: skip
metadata = Base.metadata
_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Bring the database to the newest migration; nothing happens when it is there already."""
    if is_current(database):
        return
    from alembic import command  # noqa: PLC0415 (a fifth of a second that only a migration pays for)

    with database.engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest migration; like all reading it waits for no writer."""
    with database.engine.connect().execution_options(**READ_ONLY) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_revision()


def newest_revision() -> str | None:
    """Return the name of the newest migration: files are called by it, ``0001_foundation.py``, and their order is its."""
    names = (path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    return max(names, default=None)


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, for the open connection if there is one."""
    from alembic.config import Config  # noqa: PLC0415 (as above)

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    if connection is not None:
        config.attributes["connection"] = connection
    return config
