"""The reference of an error page: what is kept under it, how it may be typed, and who finds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from admin_ui.cli.audit import audit
from admin_ui.cli.worker import sweep
from idp.store.shown_errors import ShownError
from idp.usecases import blocking, shown_errors
from idp.usecases.shown_errors import FROM_ALL, FROM_ONE_NETWORK, LookedUp, as_written, look_up
from policies.vocabulary import Reason
from tests import recipes
from tests.opponents.command_line import run

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from idp.usecases.system import System
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page

WRONG = "/oidc/authorize?client_id=nobody&response_type=code&redirect_uri=http://localhost:9/"


def reference_on(page: Page) -> str:
    shown = page.soup.select_one(".reference")
    assert shown is not None, page.body
    return shown.get_text(strip=True)


def found(system: System, typed: str, by: recipes.Someone | None = None) -> LookedUp | None:
    with system.database.reading() as db:
        return look_up(db, system, typed, by=by.id if by else None)


def kept(system: System) -> int:
    with system.database.reading() as db:
        return db.execute(select(func.count()).select_from(ShownError)).scalar_one()


@pytest.mark.parametrize(
    "typed", ["K7QM-2F9X", "k7qm-2f9x", " k7qm 2f9x ", "K7QM2F9X", "K7QM–2F9X", "k-7-q-m 2.f.9.x", "K7QM\u20112F9X"]
)
def test_a_reference_is_read_however_it_is_typed(typed: str) -> None:
    assert as_written(typed) == "K7QM-2F9X"


@pytest.mark.parametrize(
    "typed", ["", "K7QM", "K7QM-2F9", "K7QM-2F9XX", "K7QM-2F9O", "K7QM-2F9\0", "👍👍👍👍👍👍👍👍", "x" * 10**6]
)
def test_what_can_be_no_reference_is_none(typed: str) -> None:
    assert as_written(typed) is None


def test_a_strangers_error_page_is_found_with_reason_and_time_and_nothing_of_where(whole: Whole) -> None:
    page = whole.browser(address="198.51.100.7").open(WRONG)
    looked_up = found(whole.system, reference_on(page).lower())
    assert looked_up is not None
    assert (looked_up.reason, looked_up.at) == (Reason.SERVICE_UNKNOWN, whole.system.now())
    assert looked_up.person_id is None
    assert "198.51.100" not in repr(looked_up)


def test_the_page_of_a_blocked_pupil_is_found_by_the_own_school_alone(whole: Whole, operator: Operator) -> None:
    system = whole.system
    with system.database.writing() as db:
        sonja = recipes.an_administrator(db, system, whole.school)
        other = recipes.an_administrator(db, system, recipes.a_school(db, system))
        blocking.block(db, system, person_id=whole.asta.id, by=None, reason="Prøve")
    reference = reference_on(whole.mit(whole.browser(), whole.asta))
    own = found(system, reference, sonja)
    assert own is not None
    assert (own.reason, own.person_id) == (Reason.ACCOUNT_BLOCKED, whole.asta.id)
    assert found(system, reference, other) is None
    printed = json.loads(run(operator, audit, "reference", reference).output)
    assert printed["reason"] == "sign-in:account-blocked"
    assert "blocked" in printed["why"]
    assert run(operator, audit, "reference", "K7QM-2F9X").exit_code == 1


def test_one_network_and_all_networks_together_keep_only_so_many_an_hour(
    whole: Whole, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_errors, "FROM_ONE_NETWORK", 3)
    monkeypatch.setattr(shown_errors, "FROM_ALL", 5)
    assert (FROM_ONE_NETWORK, FROM_ALL) == (30, 600)
    for _ in range(6):
        assert whole.browser(address="198.51.100.7").open(WRONG).status == 400
    assert kept(whole.system) == 3
    for host in range(6):
        page = whole.browser(address=f"2001:db8:0:{host}::1").open(WRONG)
        assert reference_on(page)
    assert kept(whole.system) == 5
    clock.advance(hours=1)
    whole.browser(address="198.51.100.7").open(WRONG)
    assert kept(whole.system) == 6


def test_pages_are_cleared_away_after_their_days(whole: Whole, clock: StandingClock) -> None:
    whole.browser().open(WRONG)
    clock.advance(days=whole.system.rules.lifetimes.shown_error_kept_days)
    sweep(whole.system)
    assert kept(whole.system) == 1
    clock.advance(seconds=1)
    while sweep(whole.system):
        pass
    assert kept(whole.system) == 0
