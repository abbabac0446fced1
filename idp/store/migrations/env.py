"""Alembic's way in: it uses the connection that :mod:`idp.store.schema` opened, or opens the settings' database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, BigInteger

from idp.settings import load_settings
from idp.store.base import UtcDateTime
from idp.store.db import Database
from idp.store.schema import metadata


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:  # noqa: ANN401 (Alembic's signature)
    """Write our column types in plain SQLAlchemy, so that an old migration never depends on today's code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(item, BigInteger):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


connection = context.config.attributes.get("connection")
database = None
if connection is None:
    settings = load_settings()
    database = Database.open(settings.database.url)
    connection = database.engine.connect()
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
if database is not None:
    connection.commit()
    connection.close()
    database.close()
