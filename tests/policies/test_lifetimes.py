from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from policies.lifetimes import account_may_be_erased_at, attachment_ends_at, attachment_warns_at, is_current

if TYPE_CHECKING:
    from policies.tables import Rules

TODAY = date(2026, 8, 10)
YESTERDAY, TOMORROW = date(2026, 8, 9), date(2026, 8, 11)


@pytest.mark.parametrize(
    ("starts", "ends", "current"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (YESTERDAY, TOMORROW, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
    ],
)
def test_first_and_last_day_belong_to_an_attachment(starts: date | None, ends: date | None, *, current: bool) -> None:
    assert is_current(TODAY, starts, ends) is current


def test_an_attachment_that_nobody_renews_ends_after_a_year_and_warns_a_month_before(rules: Rules) -> None:
    renewed = datetime(2026, 1, 1, tzinfo=UTC)
    assert attachment_warns_at(rules.lifetimes, renewed) == datetime(2026, 12, 2, tzinfo=UTC)
    assert attachment_ends_at(rules.lifetimes, renewed) == datetime(2027, 1, 1, tzinfo=UTC)


def test_an_account_keeps_its_user_id_a_year_after_its_last_attachment(rules: Rules) -> None:
    ended = datetime(2026, 1, 1, tzinfo=UTC)
    assert account_may_be_erased_at(rules.lifetimes, ended) == datetime(2027, 1, 1, tzinfo=UTC)
