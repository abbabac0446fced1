"""For tests in which nothing depends on the kind of database, and that come in large numbers."""

from __future__ import annotations

import pytest

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
