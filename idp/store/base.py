"""Our declarative base and the column types that every table uses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Identity, Integer, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.engine import Dialect

    AnyRow = Row[*tuple[Any, ...]]
    """A row of whatever columns a named query gives; its docstring says which."""

BigId = BigInteger().with_variant(Integer, "sqlite")
JsonColumn = JSON().with_variant(JSONB, "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite forgets the zone, so it is given back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table. Constraint names are fixed so that migrations can speak of them."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, Any]: JsonColumn,
            list[str]: JsonColumn,
            list[Any]: JsonColumn,
        },
    )


RowId = Annotated[int, mapped_column(BigId, Identity(), primary_key=True)]
"""A row's own number. Bulk writers draw theirs from :func:`idp.store.db.reserve_ids`."""

Short = Annotated[str, mapped_column(String(64))]
Line = Annotated[str, mapped_column(String(255))]


def reference(table: str, *, index: bool = False) -> Any:  # noqa: ANN401 (mapped_column is as wide)
    """Return a column that points to a row of ``table``."""
    return mapped_column(BigId, ForeignKey(f"{table}.id"), index=index)
