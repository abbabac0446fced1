"""Many rows at once: COPY on PostgreSQL where it pays, executemany elsewhere, and ending rows by their ids."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, bindparam, insert, text, update

from idp.store.prepared import driver_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import Base

COPY_FROM = 200
"""Fewer rows than this go faster as one executemany."""
AT_ONCE = 2_000
"""Values in one IN list; SQLite takes 32,766 parameters, PostgreSQL 65,535."""
_ROSTERS = 0x5B01E9A5  # any number that no other advisory lock of ours uses


def table_of(model: type[Base]) -> Table:
    """Return the Core table of a model."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 (every model of ours is one table)
    return table


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns. The caller reserved their ids (:func:`idp.store.db.reserve_ids`)."""
    if not rows:
        return
    table = table_of(model)
    if driver_of(session).dialect.name == "postgresql" and len(rows) >= COPY_FROM:
        _copy(session, table, rows)
        return
    session.execute(insert(table), list(rows))


def update_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], *, key: str = "id") -> None:
    """Update rows by ``key``; each mapping holds the key and the same columns. Ended rows are left as they were."""
    if not rows:
        return
    table = table_of(model)
    changed = [name for name in rows[0] if name != key]
    statement = (
        update(table)
        .where(table.c[key] == bindparam("the_key"), table.c.valid_to.is_(None))
        .values({name: bindparam(f"new_{name}") for name in changed})
    )
    session.execute(
        statement, [{"the_key": row[key], **{f"new_{name}": row[name] for name in changed}} for row in rows]
    )


def end_rows(session: Session, model: type[Base], ids: Iterable[int], at: datetime, *, key: str = "id") -> None:
    """Set ``valid_to`` on the rows that are still current (decision 3: rows end, they are not deleted)."""
    table = table_of(model)
    for some in in_pieces(ids):
        session.execute(update(table).where(table.c[key].in_(some), table.c.valid_to.is_(None)).values(valid_to=at))


def in_pieces(values: Iterable[Any], size: int = AT_ONCE) -> Iterator[list[Any]]:
    """Yield lists of at most ``size`` values."""
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece


def queue_for_accounts(session: Session) -> None:
    """Wait until no other transaction is making accounts in bulk. On SQLite the write lock sees to that already."""
    if driver_of(session).dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ROSTERS})


def _copy(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    from psycopg import sql  # noqa: PLC0415 (only where PostgreSQL is the database)

    dialect = driver_of(session).dialect
    names = list(rows[0])
    ready = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    connection: Any = session.connection().connection.dbapi_connection
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [prepare(row[name]) if prepare else row[name] for name, prepare in zip(names, ready, strict=True)]
            )
