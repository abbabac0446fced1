"""Statements that are made once, when a module is loaded, and compiled once, when they first run.

SQLAlchemy looks a statement up in its cache, sets up an execution and wraps the result at every call. On the paths of
single sign-on and login that was a third of what a request costs and most of what the database costs. So their named
queries are constants with ``bindparam``; SQLAlchemy compiles each once for the database and for the values it is given,
and from then on its text goes to the driver, in the session's own transaction, with SQLAlchemy's own conversions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from idp.store.compiled import Compiled, compile_statement, merged
from idp.store.sqlite_lock import take_the_write_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Executable, PoolProxiedConnection, Table
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow, Base

DRIVER = "skolepas_driver"
"""Where a session keeps the :class:`Driver` of its unit of work (:mod:`idp.store.db`)."""


_PREPARED: Final = "skolepas_prepared"
_WENT_WELL: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


class Found(Protocol):
    """What a statement returned. The names are those of SQLAlchemy's own results."""

    def all(self) -> Sequence[AnyRow]:
        """Every row."""
        ...

    def one_or_none(self) -> AnyRow | None:
        """The row, if there is one; there are never more."""
        ...

    def scalar_one(self) -> Any:  # noqa: ANN401 (whatever the column holds)
        """The only column of the only row."""
        ...

    def scalar_one_or_none(self) -> Any:  # noqa: ANN401
        """The only column of the row, if there is one."""
        ...


def run(db: Session, statement: Executable, values: Mapping[str, Any] | list[dict[str, Any]] | None = None) -> Found:
    """Run a prepared statement in the session's transaction, beside the ORM: what is pending there is not flushed.

    ``statement`` is a constant: what is compiled for it is kept as long as the process lives. Several values are
    several runs, of which the last one's result comes back.
    """
    driver = driver_of(db)
    found: Found = _Rows(())
    for each in values if isinstance(values, list) else [values or {}]:
        found = driver.run(statement, each)
    return found


def run_later(db: Session, statement: Executable, values: Mapping[str, Any]) -> None:
    """Run an insert whose outcome nobody looks at: together with others like it, before the next statement or the commit.

    On PostgreSQL those that wait are one statement. What a constraint says against one is raised there, not here.
    """
    driver_of(db).run_later(statement, values)


def driver_of(db: Session) -> Driver:
    """Return the driver of the unit of work that ``db`` is."""
    driver: Driver = db.info[DRIVER]
    return driver


def table(entity: type[Base]) -> Table:
    """Return the table of a mapped class, for statements that write."""
    return cast("Table", entity.__table__)


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: Sequence[AnyRow]

    def all(self) -> Sequence[AnyRow]:
        return self.rows

    def one_or_none(self) -> AnyRow | None:
        if len(self.rows) > 1:
            raise AssertionError("more than one row")
        return self.rows[0] if self.rows else None

    def scalar_one(self) -> Any:  # noqa: ANN401
        (row,) = self.rows
        return row[0]

    def scalar_one_or_none(self) -> Any:  # noqa: ANN401
        row = self.one_or_none()
        return None if row is None else row[0]


_Waiting = tuple[Compiled, list[Any]]
"""A statement and what goes to its places."""

_compiled: dict[tuple[Any, ...], Compiled | None] = {}


class Driver:
    """The transaction of one unit of work on the driver's own connection, and the prepared statements in it.

    SQLAlchemy's :class:`Connection` is made by ``connect`` when it is needed: for the ORM, for whoever listens to
    statements, and to tell a fault.
    """

    def __init__(
        self, engine: Engine, pooled: PoolProxiedConnection, connect: Callable[[], Connection], *, read_only: bool
    ) -> None:
        """Use a connection of the pool, on which no transaction is open."""
        self.dialect = engine.dialect
        self.read_only = read_only
        self._engine = engine
        self._raw: Any = pooled.driver_connection
        self._info = pooled.info
        self._connect = connect
        self._waiting: list[_Waiting] = []

    def run(self, statement: Executable, values: Mapping[str, Any]) -> Found:
        """Run one. Raises what SQLAlchemy would raise."""
        compiled = self._compiled_for(statement, values)
        if compiled is None:
            return cast("Found", self._connect().execute(statement, values))
        return _Rows(self._sent(compiled, compiled.parameters(values)))

    def run_later(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """Keep one until the others are sent."""
        compiled = self._compiled_for(statement, values)
        if compiled is None:
            self._connect().execute(statement, values)
        else:
            self._waiting.append((compiled, compiled.parameters(values)))

    def send_waiting(self) -> None:
        """Send what waits."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._sent(*self._together(waiting))

    def _compiled_for(self, statement: Executable, values: Mapping[str, Any]) -> Compiled | None:
        """Return the compiled statement; None for one that SQLAlchemy runs itself."""
        lengths = tuple(len(value) for value in values.values() if isinstance(value, (list, tuple)))
        key = (id(statement), self.dialect.name, *values, *lengths)
        try:
            compiled = _compiled[key]
        except KeyError:
            compiled = _compiled[key] = compile_statement(statement, self.dialect, values)
        # Whoever listens to statements (a test that counts them) is told of them by SQLAlchemy.
        return None if self._engine.dispatch.before_cursor_execute else compiled

    def _sent(self, compiled: Compiled, parameters: list[Any]) -> Sequence[AnyRow]:
        self.send_waiting()
        try:
            return self._rows(compiled, parameters)
        except self.dialect.loaded_dbapi.Error as fault:
            # Wrapped as SQLAlchemy wraps it, and the connection given up if it is lost.
            self._connect()._handle_dbapi_exception(fault, compiled.text, None, None, None)  # noqa: SLF001
            raise

    def begin(self) -> None:
        """Begin the transaction."""
        raise NotImplementedError

    def commit(self) -> None:
        """Commit it."""
        raise NotImplementedError

    def _rows(self, compiled: Compiled, parameters: list[Any]) -> Sequence[AnyRow]:
        raise NotImplementedError

    def _together(self, waiting: list[_Waiting]) -> _Waiting:
        """Send all of them but one, and return that."""
        *first, last = waiting
        for compiled, parameters in first:
            self._sent(compiled, parameters)
        return last


class SqliteDriver(Driver):
    """One cursor of :mod:`sqlite3`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Open the cursor."""
        super().__init__(*args, **kwargs)
        self._cursor = self._raw.cursor()

    def begin(self) -> None:
        """Begin plainly to read, and with the write lock to write."""
        if self.read_only:
            self._cursor.execute("BEGIN")
        else:
            take_the_write_lock(self._cursor)

    def commit(self) -> None:
        """Commit."""
        self._cursor.execute("COMMIT")

    def _rows(self, compiled: Compiled, parameters: list[Any]) -> Sequence[AnyRow]:
        self._cursor.execute(compiled.text, parameters)
        if compiled.make_row is None:
            return ()
        return [compiled.row(raw) for raw in self._cursor.fetchall()]


class PostgresqlDriver(Driver):
    """psycopg's libpq and its conversions, without its cursors: those cost more than all they call.

    Each statement is prepared once for a connection, and its types are the server's to infer from the casts in it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Find what this connection has prepared."""
        super().__init__(*args, **kwargs)
        self._pgconn = self._raw.pgconn
        if _PREPARED not in self._info:
            self._info[_PREPARED] = ({}, Transformer(self._raw))
        prepared: tuple[dict[str, bytes], Any] = self._info[_PREPARED]
        self._names, self._transformer = prepared

    def begin(self) -> None:
        """Begin to write. What only reads needs no transaction: each statement sees what is committed."""
        if not self.read_only:
            self._command(b"BEGIN")

    def commit(self) -> None:
        """Commit."""
        self._command(b"COMMIT")

    def _command(self, command: bytes) -> None:
        self._checked(self._pgconn.exec_(command))

    def _rows(self, compiled: Compiled, parameters: list[Any]) -> Sequence[AnyRow]:
        name = self._names.get(compiled.text)
        if name is None:
            name = f"skolepas_{len(self._names)}".encode()
            self._checked(self._pgconn.prepare(name, compiled.text.encode()))
            self._names[compiled.text] = name
        dumped = self._transformer.dump_sequence(parameters, compiled.formats) if parameters else None
        result = self._checked(self._pgconn.exec_prepared(name, dumped))
        if compiled.make_row is None:
            return ()
        self._transformer.set_pgresult(result)
        make = compiled.row if compiled.conversions else compiled.make_row
        return cast("Sequence[AnyRow]", self._transformer.load_rows(0, result.ntuples, make))

    def _together(self, waiting: list[_Waiting]) -> _Waiting:
        """Return one statement for all of them: SQL's data-modifying WITH."""
        if len(waiting) == 1:
            return waiting[0]
        parameters = [value for _, values in waiting for value in values]
        return merged(tuple(compiled.text for compiled, _ in waiting), len(parameters)), parameters

    def _checked(self, result: Any) -> Any:  # noqa: ANN401 (psycopg's PGresult)
        if result.status not in _WENT_WELL:
            raise error_from_result(result, self._transformer.encoding)
        return result
