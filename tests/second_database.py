"""A test of what lies above the database runs on one kind of it, and on the other in the longer part.

In the folders named here a test that would run on both leaves PostgreSQL to ``.ci/run``, which runs everything. A test that
said itself which of the two is the longer one (:mod:`tests.opponents.databases`) is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ABOVE: Final = ("tests/admin_ui/", "tests/cards/", "tests/login/", "tests/oidc/", "tests/saml/")
ON_BOTH: Final = ("test_statement_budget.py",)
_KINDS: Final = ("sqlite", "postgresql")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the second runs as long, before the marks are looked at."""
    short = {item.nodeid for item in items if item.get_closest_marker("long") is None}
    for item in _second(items):
        if item.nodeid in short and _twin(item.nodeid) in short:
            item.add_marker(pytest.mark.long)


def _second(items: Iterable[pytest.Item]) -> Iterable[pytest.Item]:
    for item in items:
        asks = (
            item.callspec.params.get("database_url")
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None
        )
        name = item.nodeid.partition("::")[0]
        if asks == "postgresql" and name.startswith(ABOVE) and not name.endswith(ON_BOTH):
            yield item


def _twin(nodeid: str) -> str:
    """Return the same test on the first kind."""
    first, second = _KINDS
    test, _, values = nodeid.rpartition("[")
    return f"{test}[{values.replace(second, first)}"
