"""Opening the database, and the unit of work: yield, commit, else roll back.

SQLite is opened in WAL mode with foreign keys on. A unit of work that may write begins with ``BEGIN IMMEDIATE``,
so that two writers queue instead of one of them failing half-way; a reading one begins plainly and never waits.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from idp.store.prepared import DRIVER, Driver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection, Engine

    from idp.store.base import Base

DatabaseFault = SQLAlchemyError
"""What is raised when the database does not answer, or not as it should."""

READ_ONLY = {"skolepas_read_only": True}
SQLITE_BUSY_MS = 10_000
_LOOK_AGAIN_SECONDS = 0.001
_PRIMARY_CODE = 0xFF


class Database:
    """An engine and where its sessions come from; the same for web, command line, worker and sync."""

    def __init__(self, engine: Engine) -> None:
        """Use :meth:`open`, or hand in the engine that Flask-SQLAlchemy made."""
        prepare_engine(engine)
        self.engine = engine
        self._reading = engine.execution_options(**READ_ONLY)

    @classmethod
    def open(cls, url: str, *, pool_size: int = 5) -> Database:
        """Open the database at ``url`` (see ``database.url`` in the settings). Connects at first use."""
        return cls(create_engine(url, **engine_options(url, pool_size=pool_size)))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One unit of work: commits when the block ends, rolls back when it raises.

        The transaction is the connection's. The session joins it when the ORM is first used, which the paths of login and
        single sign-on never do (:mod:`idp.store.prepared`).
        """
        connection = self.engine.connect()
        try:
            transaction, session = connection.begin(), _session(connection)
            try:
                yield session
                if session.in_transaction():
                    session.commit()  # sends what is pending
                transaction.commit()
            except BaseException:
                if transaction.is_active:  # the ORM rolls back what it fails at
                    transaction.rollback()
                raise
            finally:
                if session.in_transaction():
                    session.close()
        finally:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that must not write; on SQLite it never waits for a writer."""
        connection = self._reading.connect()
        try:
            connection.begin()
            session = _session(connection)
            try:
                yield session
            finally:
                if session.in_transaction():
                    session.close()
        finally:
            connection.close()  # with a rollback

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _session(connection: Connection) -> Session:
    return Session(bind=connection, expire_on_commit=False, info={DRIVER: Driver(connection)})


def engine_options(url: str, *, pool_size: int = 5) -> dict[str, Any]:
    """Engine options for ``url``, for :func:`sqlalchemy.create_engine` and for Flask-SQLAlchemy."""
    hidden = {"hide_parameters": True}  # a failing statement in the log must not carry what it was to write
    newest: dict[str, Any] = {"pool_use_lifo": True}  # the connection used last knows statements and pages best
    if url.startswith("sqlite"):
        name = url.removeprefix("sqlite:///")
        if name and name != ":memory:":
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).touch(mode=0o600)  # for its owner alone; SQLite gives its side files the same mode
        else:
            newest = {}  # a database in memory has one connection
        return {**hidden, **newest, "connect_args": {"timeout": SQLITE_BUSY_MS / 1000}}
    return {**hidden, **newest, "pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": False}


def prepare_engine(engine: Engine) -> None:
    """Teach a SQLite engine our pragmas and when to take the write lock. Does nothing twice, nothing elsewhere."""
    if engine.dialect.name != "sqlite" or event.contains(engine, "connect", _on_sqlite_connect):
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection)
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", f"busy_timeout={SQLITE_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("skolepas_read_only", False)
    statement = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    try:
        if read_only:
            connection.connection.cursor().execute(statement)
        else:
            _take_the_write_lock(connection.connection.cursor(), statement)
    except connection.dialect.loaded_dbapi.Error as fault:  # wrapped as SQLAlchemy wraps what it sends itself
        raise OperationalError(statement, None, fault) from fault


def _take_the_write_lock(cursor: Any, statement: str) -> None:  # noqa: ANN401 (a DBAPI cursor)
    """Begin to write as soon as the one who writes is done.

    SQLite's own waiting sleeps longer each time, up to a tenth of a second, and by then others have been and gone.
    """
    patience = monotonic() + SQLITE_BUSY_MS / 1000
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        while monotonic() < patience:
            try:
                cursor.execute(statement)
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    raise
                sleep(_LOOK_AGAIN_SECONDS)
            else:
                return
        cursor.execute(statement)  # for the last time: its fault is the answer
    finally:
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")


def reserve_ids(session: Session, table: type[Base], count: int) -> Sequence[int]:
    """Reserve ``count`` ids of ``table`` for rows that the caller will insert in bulk in this transaction."""
    if count == 0:
        return ()
    if session.get_bind().dialect.name == "sqlite":
        # The write lock is ours, so nobody else can take these numbers.
        last = session.execute(select(func.coalesce(func.max(table.__table__.c.id), 0))).scalar_one()
        return range(last + 1, last + 1 + count)
    sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return session.execute(sequence, {"name": table.__tablename__, "count": count}).scalars().all()


def may_write(session: Session) -> bool:
    """Whether this is a unit of work that may write (:meth:`Database.writing`)."""
    return not session.connection().get_execution_options().get("skolepas_read_only", False)


def is_reachable(database: Database) -> bool:
    """Whether a statement can be run now; for the readiness check."""
    try:
        with database.reading() as session:
            return bool(session.execute(text("SELECT 1")).scalar_one() == 1)
    except SQLAlchemyError:
        return False
