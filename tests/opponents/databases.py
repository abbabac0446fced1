"""For tests in which little or nothing depends on the kind of database, and that come in large numbers or take long.

A test that asks for a database runs on both kinds. Where it says more with one of them, the other is left to ``.ci/run``.
"""

from __future__ import annotations

import pytest

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing depends on the kind."""

postgresql_is_long = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
"""What is tested lies above the database."""

sqlite_is_long = pytest.mark.parametrize(
    "database_url", [pytest.param("sqlite", marks=pytest.mark.long), "postgresql"], indirect=True
)
"""PostgreSQL is the stricter one, with a NUL in a text for instance."""
