"""What SQLAlchemy makes of a statement for one database: its text, and how values go in and come out.

:mod:`idp.store.prepared` sends it, over and over.
"""

from __future__ import annotations

import re
from collections import namedtuple
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from psycopg.adapt import PyFormat
from sqlalchemy import select

from idp.store.base import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Executable
    from sqlalchemy.engine import Dialect

    from idp.store.base import AnyRow

    Conversion = Callable[[Any], Any]

_PLACE: Final = re.compile(r"\$([0-9]+)")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as the driver takes it. It keeps the statement, so that its ``id`` stays its own."""

    statement: Executable
    text: str
    constants: tuple[Any, ...]
    """A value for each placeholder; None where one is given."""
    given: tuple[tuple[int, str], ...]
    """Which placeholder takes which of the values that are given."""
    spread: tuple[tuple[int, str, int], ...]
    """Which takes one of the several values of an IN."""
    prepare: tuple[tuple[int, Conversion], ...]
    formats: tuple[PyFormat, ...]
    make_row: Callable[[Sequence[Any]], Any] | None
    conversions: tuple[tuple[int, Conversion], ...]

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """Return what goes to each place."""
        made = list(self.constants)
        for place, name in self.given:
            made[place] = values[name]
        for place, name, number in self.spread:
            made[place] = values[name][number]
        for place, convert in self.prepare:
            made[place] = convert(made[place])
        return made

    def row(self, raw: Sequence[Any]) -> AnyRow:
        """Return a row with its values as they are told to us."""
        if self.make_row is None:
            raise AssertionError("the statement returns no rows")
        cells = list(raw)
        for place, convert in self.conversions:
            cells[place] = convert(cells[place])
        made: AnyRow = self.make_row(cells)
        return made


@lru_cache(maxsize=256)
def merged(texts: tuple[str, ...], places: int) -> Compiled:
    """Put statements that return nothing into one, with the places of each after those of the one before it."""
    moved, taken = [], 0
    for text in texts:
        moved.append(_PLACE.sub(lambda place, taken=taken: f"${int(place[1]) + taken}", text))  # type: ignore[misc]
        taken += len(set(_PLACE.findall(text)))
    named = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(moved[:-1]))
    nothing: tuple[Any, ...] = ()
    return Compiled(
        select(),
        f"WITH {named} {moved[-1]}",
        constants=nothing,
        given=nothing,
        spread=nothing,
        prepare=nothing,
        formats=(PyFormat.TEXT,) * places,
        make_row=None,
        conversions=nothing,
    )


def compile_statement(statement: Executable, dialect: Dialect, values: Mapping[str, Any]) -> Compiled | None:
    """Return the statement for these values; None for one that needs a default of its own made at every run."""
    compiled: Any = statement.compile(dialect=_by_place(dialect), column_keys=list(values))  # type: ignore[attr-defined]
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

    placeholders = tuple(state.positiontup)
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
        if (convert := _conversion(column.type, dialect)) is not None
    ]
    return Compiled(
        statement,
        state.statement,
        tuple(constants),
        tuple(given),
        tuple(several),
        tuple(prepare),
        formats=(PyFormat.TEXT,) * len(placeholders),
        make_row=row._make if columns else None,
        conversions=tuple(conversions),
    )


def _by_place(dialect: Dialect) -> Dialect:
    """Return the dialect with parameters that are told by their places: libpq knows no names."""
    if dialect.positional:
        return dialect
    by_place: Dialect = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]
    by_place.server_version_info = dialect.server_version_info
    return by_place


def _conversion(kind: Any, dialect: Dialect) -> Conversion | None:  # noqa: ANN401 (a SQLAlchemy type)
    """Return what SQLAlchemy does to a value on its way out; connections to PostgreSQL speak of moments in UTC anyway."""
    if isinstance(kind, UtcDateTime) and dialect.name == "postgresql":
        return None
    convert: Conversion | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert
