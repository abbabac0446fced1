"""What every test may ask for: a migrated database of each kind, a clock that stands still, and the wired system."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from idp.bootstrap import wire
from idp.keyring import Keyring, make_keyring
from idp.settings import Settings, read_settings
from idp.store.db import Database
from idp.store.schema import upgrade
from tests import postgresql
from tests.postgresql import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from idp.usecases.system import System

pytest_plugins = ["tests.ci_strict", "tests.read_once", "tests.second_database"]

hypothesis_settings.register_profile("unhurried", deadline=None)  # how long an example takes says nothing of it
hypothesis_settings.load_profile("unhurried")

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_numbers = count(1)


class StandingClock:
    """A clock that moves only when a test says so."""

    def __init__(self, now: datetime = START) -> None:
        """Stand still at ``now``."""
        self._now = now

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    def advance(self, **span: float) -> None:
        """Move on, for example ``clock.advance(minutes=5)``."""
        self._now += timedelta(**span)


@pytest.fixture
def clock() -> StandingClock:
    """Return a clock that stands at 2026-11-23 08:00 UTC, a Monday in a school year."""
    return StandingClock()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """Return keys that are the same in every run."""
    numbers = count(1)
    return make_keyring(lambda size: next(numbers).to_bytes(1, "big") * size)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database.open(f"sqlite:///{file}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[postgresql.Cluster]:
    """Run a PostgreSQL with a migrated template database."""
    if postgresql.program("initdb") is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    for cluster in postgresql.running_cluster():
        cluster.run("CREATE DATABASE template")
        database = Database.open(cluster.url("template"))
        upgrade(database)
        database.close()
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of an empty, migrated database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        with TemporaryDirectory(prefix="skolepas-sqlite-", dir=in_memory()) as folder:
            shutil.copyfile(template, f"{folder}/skolepas.sqlite3")
            yield f"sqlite:///{folder}/skolepas.sqlite3"
        return
    cluster: postgresql.Cluster = request.getfixturevalue("postgresql_cluster")
    name = f"test{next(_numbers)}"
    cluster.run(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
    yield cluster.url(name)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Yield an open database."""
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return settings for a site on localhost with hashes that cost nothing."""
    return read_settings(
        {
            "site": {"issuer": "http://localhost:8080"},
            "database": {"url": database_url},
            "hashing": {"memory_kib": 64, "passes": 1},
        }
    )


@pytest.fixture
def system(settings: Settings, keyring: Keyring, clock: StandingClock, database: Database) -> System:
    """Return the wired system over an empty database."""
    return wire(settings, keyring=keyring, clock=clock, database=database)
