"""Opening the database, and the unit of work: yield, commit, else roll back.

SQLite is opened in WAL mode with foreign keys on. A unit of work that may write begins with ``BEGIN IMMEDIATE``,
so that two writers queue instead of one of them failing half-way; a reading one begins plainly and never waits.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from idp.store.prepared import DRIVER, PostgresqlDriver, SqliteDriver, driver_of
from idp.store.sqlite_lock import SQLITE_BUSY_MS, take_the_write_lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Engine

    from idp.store.base import Base

DatabaseFault = SQLAlchemyError
"""What is raised when the database does not answer, or not as it should."""

READ_ONLY = {"skolepas_read_only": True}


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

    def writing(self) -> UnitOfWork:
        """One unit of work: commits when the block ends, rolls back when it raises.

        The transaction is the driver's. The ORM joins it when it is first used, which the paths of login and single sign-on
        never do (:mod:`idp.store.prepared`).
        """
        return UnitOfWork(self.engine)

    def reading(self) -> UnitOfWork:
        """Give a session that must not write; on SQLite it never waits for a writer."""
        return UnitOfWork(self._reading)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class UnitOfWork:
    """A transaction from the pool and back: ``with database.writing() as db: …``."""

    def __init__(self, engine: Engine) -> None:
        """Use :meth:`Database.writing` or :meth:`Database.reading`."""
        self._engine = engine
        self._connection: Connection | None = None

    def __enter__(self) -> Session:
        """Begin."""
        dialect = self._engine.dialect
        try:
            self._pooled = self._engine.raw_connection()
        except dialect.loaded_dbapi.Error as fault:  # wrapped as SQLAlchemy wraps it
            raise OperationalError("connect", None, fault) from fault
        make = SqliteDriver if dialect.name == "sqlite" else PostgresqlDriver
        read_only = bool(self._engine.get_execution_options().get("skolepas_read_only"))
        try:
            self._driver = make(self._engine, self._pooled, self.connection, read_only=read_only)
            self._begin()
        except BaseException:
            self._give_back()
            raise
        self._session = _Session(self)
        self._session.info[DRIVER] = self._driver
        return self._session

    def __exit__(self, kind: type[BaseException] | None, _fault: object, _trace: object) -> None:
        """End it: commit what was written in peace."""
        try:
            if kind is None and not self._driver.read_only:
                self._commit()
        finally:
            if self._session.in_transaction():
                self._session.close()
            self._give_back()

    def connection(self) -> Connection:
        """Return SQLAlchemy's own connection in this transaction."""
        if self._connection is None:
            self._connection = Connection(self._engine, self._pooled)
            self._connection.begin()
        self._driver.send_waiting()
        return self._connection

    def _begin(self) -> None:
        try:
            self._driver.begin()
        except self._engine.dialect.loaded_dbapi.Error as fault:
            self.connection()._handle_dbapi_exception(fault, "BEGIN", None, None, None)  # noqa: SLF001
            raise

    def _commit(self) -> None:
        self._driver.send_waiting()
        if self._connection is None:
            try:
                self._driver.commit()
            except self._engine.dialect.loaded_dbapi.Error as fault:
                self.connection()._handle_dbapi_exception(fault, "COMMIT", None, None, None)  # noqa: SLF001
                raise
        else:
            if self._session.in_transaction():
                self._session.commit()  # sends what is pending
            self._connection.commit()

    def _give_back(self) -> None:
        """Give the connection back to the pool, which rolls back what is open."""
        if self._connection is not None:
            self._connection.close()
        else:
            self._pooled.close()


class _Session(Session):
    """The ORM's session of a unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        super().__init__(expire_on_commit=False)
        self._unit = unit

    def get_bind(self, *_: Any, **__: Any) -> Connection:  # noqa: ANN401 (whatever is asked for, there is one database)
        """Return the connection of the unit of work."""
        return self._unit.connection()


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
    # What runs often is prepared by us (idp.store.prepared); psycopg would drop that together with its own.
    ours = {"prepare_threshold": None}
    pool = {"pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": False}
    return {**hidden, **newest, **pool, "connect_args": ours}


def prepare_engine(engine: Engine) -> None:
    """Teach an engine what its connections must know: the zone of moments; our pragmas and when to take the write lock."""
    if engine.dialect.name == "postgresql" and not event.contains(engine, "connect", _on_postgresql_connect):
        event.listen(engine, "connect", _on_postgresql_connect)
    if engine.dialect.name != "sqlite" or event.contains(engine, "connect", _on_sqlite_connect):
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_postgresql_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection)
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _on_sqlite_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection)
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", f"busy_timeout={SQLITE_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        return  # a unit of work began it
    read_only = connection.get_execution_options().get("skolepas_read_only", False)
    statement = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    try:
        if read_only:
            connection.connection.cursor().execute(statement)
        else:
            take_the_write_lock(connection.connection.cursor())
    except connection.dialect.loaded_dbapi.Error as fault:  # wrapped as SQLAlchemy wraps what it sends itself
        raise OperationalError(statement, None, fault) from fault


def reserve_ids(session: Session, table: type[Base], count: int) -> Sequence[int]:
    """Reserve ``count`` ids of ``table`` for rows that the caller will insert in bulk in this transaction."""
    if count == 0:
        return ()
    if driver_of(session).dialect.name == "sqlite":
        # The write lock is ours, so nobody else can take these numbers.
        last = session.execute(select(func.coalesce(func.max(table.__table__.c.id), 0))).scalar_one()
        return range(last + 1, last + 1 + count)
    sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return session.execute(sequence, {"name": table.__tablename__, "count": count}).scalars().all()


def may_write(session: Session) -> bool:
    """Whether this is a unit of work that may write (:meth:`Database.writing`)."""
    return not driver_of(session).read_only


def is_reachable(database: Database) -> bool:
    """Whether a statement can be run now; for the readiness check."""
    try:
        with database.reading() as session:
            return bool(session.execute(text("SELECT 1")).scalar_one() == 1)
    except SQLAlchemyError:
        return False
