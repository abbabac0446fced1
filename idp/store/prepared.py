"""Statements that are made once, when a module is loaded, and run on the connection itself.

A statement that is built in a function is built, and hashed for SQLAlchemy's cache, at every call; one that goes through
``Session.execute`` also passes the ORM's own machinery. On the paths of single sign-on and login that was a third of what
a request costs, so their named queries are constants with ``bindparam`` and run here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import CursorResult, Executable, Table
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from idp.store.base import Base

_CONNECTION = "skolepas_connection"


def run(
    db: Session, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Run a prepared statement in the session's transaction, beside the ORM: what is pending there is not flushed."""
    connection: Connection | None = db.info.get(_CONNECTION)
    if connection is None or connection.closed:  # the session's last transaction is over
        connection = db.info[_CONNECTION] = db.connection()
    return connection.execute(statement, values)


def table(entity: type[Base]) -> Table:
    """Return the table of a mapped class, for statements that write."""
    return cast("Table", entity.__table__)
