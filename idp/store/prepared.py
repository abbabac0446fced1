"""Statements that are made once, when a module is loaded, and compiled once, when they first run.

SQLAlchemy looks a statement up in its cache, sets up an execution and wraps the result at every call. On the paths of
single sign-on and login that was a third of what a request costs and most of what the database costs. So their named
queries are constants with ``bindparam``; SQLAlchemy compiles each once for the database and for the values it is given,
and from then on its text goes to the driver, in the session's own transaction, with SQLAlchemy's own conversions.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Executable, Table
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow, Base

    Conversion = Callable[[Any], Any]

DRIVER = "skolepas_driver"
"""Where a session keeps the :class:`Driver` of its unit of work (:mod:`idp.store.db`)."""


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
    driver: Driver = db.info[DRIVER]
    found: Found = _Rows(())
    for each in values if isinstance(values, list) else [values or {}]:
        found = driver.run(statement, each)
    return found


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


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as the driver takes it. It keeps the statement, so that its ``id`` stays its own."""

    statement: Executable
    text: str
    placeholders: tuple[str, ...]
    constants: tuple[Any, ...]
    """A value for each placeholder; None where one is given."""
    given: tuple[tuple[int, str], ...]
    """Which placeholder takes which of the values that are given."""
    spread: tuple[tuple[int, str, int], ...]
    """Which takes one of the several values of an IN."""
    prepare: tuple[tuple[int, Conversion], ...]
    by_place: bool
    make_row: Callable[[Sequence[Any]], Any] | None
    conversions: tuple[tuple[int, Conversion], ...]

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 (a list or a dict, as the driver takes them)
        made = list(self.constants)
        for place, name in self.given:
            made[place] = values[name]
        for place, name, number in self.spread:
            made[place] = values[name][number]
        for place, convert in self.prepare:
            made[place] = convert(made[place])
        return made if self.by_place else dict(zip(self.placeholders, made, strict=True))

    def row(self, raw: Sequence[Any]) -> AnyRow:
        if self.make_row is None:
            raise AssertionError("the statement returns no rows")
        cells = list(raw)
        for place, convert in self.conversions:
            cells[place] = convert(cells[place])
        made: AnyRow = self.make_row(cells)
        return made


_compiled: dict[tuple[Any, ...], _Compiled | None] = {}


class Driver:
    """Runs the prepared statements of one unit of work, all with one cursor."""

    def __init__(self, connection: Connection) -> None:
        """Use the transaction that ``connection`` is in."""
        self._connection = connection
        self._cursor: Any = None

    def run(self, statement: Executable, values: Mapping[str, Any]) -> Found:
        """Run one. Raises what SQLAlchemy would raise."""
        connection = self._connection
        dialect = connection.dialect
        lengths = tuple(len(value) for value in values.values() if isinstance(value, (list, tuple)))
        key = (id(statement), dialect.name, *values, *lengths)
        try:
            compiled = _compiled[key]
        except KeyError:
            compiled = _compiled[key] = _compile(statement, dialect, values)
        # Whoever listens to statements (a test that counts them) is told of them by SQLAlchemy.
        if compiled is None or connection.dispatch.before_cursor_execute:
            return cast("Found", connection.execute(statement, values))
        if self._cursor is None:
            self._cursor = connection.connection.cursor()
        try:
            self._cursor.execute(compiled.text, compiled.parameters(values))
            rows = () if compiled.make_row is None else [compiled.row(raw) for raw in self._cursor.fetchall()]
        except dialect.loaded_dbapi.Error as fault:
            # Wrapped as SQLAlchemy wraps it, and the connection given up if it is lost.
            connection._handle_dbapi_exception(fault, compiled.text, None, self._cursor, None)  # noqa: SLF001
        return _Rows(rows)


def _compile(statement: Executable, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled | None:
    """Return the statement for these values; None for one that needs a default of its own made at every run."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))  # type: ignore[attr-defined]
    filled_in = {column.key: column.default for column in compiled.insert_prefetch}
    if compiled.update_prefetch or any(not default.is_scalar for default in filled_in.values()):
        return None
    state = compiled.construct_expanded_state(values)
    # For each parameter of an IN that was spread out: which one it was, and at which place.
    spread = {
        placeholder: (name, place)
        for name, placeholders in state.parameter_expansion.items()
        for place, placeholder in enumerate(placeholders)
    }

    placeholders = tuple(state.parameters if state.positiontup is None else state.positiontup)
    constants: list[Any] = []
    given, several, prepare = [], [], []
    for place, placeholder in enumerate(placeholders):
        name, number = spread.get(placeholder, (placeholder, None))
        convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        constant = None
        if name not in values:
            constant = filled_in[name].arg if name in filled_in else state.parameters[placeholder]
            constant = convert(constant) if convert else constant
        elif number is None:
            given.append((place, name))
        else:
            several.append((place, name, number))
        constants.append(constant)
        if convert is not None and name in values:
            prepare.append((place, convert))
    columns = list(statement.exported_columns)  # type: ignore[attr-defined]
    names = [
        str(column.key) for column in columns
    ]  # a column that nobody named, such as a count, is found by its place
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024
    conversions = [
        (place, convert)
        for place, column in enumerate(columns)
        if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    return _Compiled(
        statement,
        state.statement,
        placeholders,
        tuple(constants),
        tuple(given),
        tuple(several),
        tuple(prepare),
        by_place=state.positiontup is not None,
        make_row=row._make if columns else None,
        conversions=tuple(conversions),
    )
