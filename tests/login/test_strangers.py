"""Decision 13, a whole day of it: strangers to one account, and a spray over ten thousand (decision 51)."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from idp.audit import AuditEvent
from idp.store.audit import events
from idp.store.credentials import Guesses
from idp.store.guesses import read_guesses
from idp.usecases import guesses
from policies.vocabulary import CodeKind, Reason
from tests.opponents.school_day import OTHERS, PICTURES, WORDS, SchoolDay, a_day, arrived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

DAY = timedelta(hours=23, minutes=59)
IN_SECONDS = {"sekund": 1, "minut": 60, "time": 3600}


def told_to_wait(page: Page) -> int:
    """The seconds that the page says, 0 when it says none."""
    found = re.search(r"om (\d+) (sekund|minut|time)", page.error)
    return int(found[1]) * IN_SECONDS[found[2]] if found else 0


def wrong(browser: Browser, page: Page) -> Page:
    return browser.tap(page, OTHERS) if page.step == "pictures" else browser.type_code(page, "forkert-ord")


def right(browser: Browser, page: Page) -> Page:
    return browser.tap(page, PICTURES) if page.step == "pictures" else browser.type_code(page, WORDS)


@pytest.mark.parametrize("kind", list(CodeKind))
def test_a_stranger_who_tries_all_day_has_less_than_one_chance_in_a_thousand(
    day: SchoolDay, clock: StandingClock, kind: CodeKind
) -> None:
    owner, space = (day.asta, 43_680) if kind is CodeKind.PICTURES else (day.bo, 2_000 * 1_999)
    tablet = day.browser()
    right(tablet, day.code_page(tablet, owner.username))
    outcomes: Counter[Reason | None] = Counter()
    end, look = clock.now() + DAY, clock.now()
    while clock.now() < end:
        until = _guess(day.system, owner.username, "198.51.100.9", outcomes, kind)
        clock.advance(seconds=(until - clock.now()).total_seconds() if until else 1)
        if clock.now() >= look:
            look += timedelta(hours=6)
            page = day.code_page(tablet, owner.username, f"/ask?state={clock.now().timestamp()}&again=1")
            assert page.error == ""
            assert arrived(right(tablet, page))["who"] == owner.uniid
    assert 5 < outcomes[None] < space / 1000
    assert outcomes[Reason.ASK_YOUR_TEACHER] > 0


def test_nobody_waits_at_a_known_device_because_a_classmate_types_wrong_codes_all_morning(
    day: SchoolDay, clock: StandingClock
) -> None:
    tablet = day.browser()
    day.log_in(tablet)
    _type_wrong_codes(day.system, [f"nobody{n}" for n in range(310)], ["192.0.2.7"], seconds=0)
    assert "Rigtig mange koder var forkerte her" in day.code_page(day.browser(), day.asta.username).error
    clock.advance(seconds=1)
    day.log_in(tablet, "/ask?state=two&again=1")


def _type_wrong_codes(system: System, names: list[str], networks: list[str], *, seconds: int) -> Counter[Reason | None]:
    """Guess one code at each name from one network after another, again when told to, until the time is up."""
    clock, end = system.clock, system.now() + timedelta(seconds=seconds)
    assert hasattr(clock, "advance")
    outcomes: Counter[Reason | None] = Counter()
    waiting = [(name, networks[n % len(networks)]) for n, name in enumerate(names)]
    while True:
        told = {who: _guess(system, *who, outcomes) for who in waiting}
        waiting = [who for who, until in told.items() if until is not None]
        again = min((until for until in told.values() if until is not None), default=None)
        if again is None or again > end:
            return outcomes
        clock.advance(seconds=(again - system.now()).total_seconds())


def _guess(
    system: System,
    name: str,
    network: str,
    outcomes: Counter[Reason | None],
    kind: CodeKind = CodeKind.PICTURES,
) -> datetime | None:
    """One wrong code; how it went is counted (None: it was tried). Returns until when it must wait."""
    which = guesses.counters(system, name=name, kind=kind, address=network, device_id=None)
    with system.database.writing() as db:
        paid = guesses.charge(db, system, which)
        if isinstance(paid, guesses.Charge):
            guesses.count_for_all(db, system, which)
            outcomes[None] += 1
            return None
        outcomes[getattr(paid.lock, "reason", None)] += 1
        return paid.until


def _networks(count: int) -> Iterator[str]:
    return (f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(count))


def _names(count: int) -> list[str]:
    return [f"elev{n:05}" for n in range(count)]


@pytest.mark.parametrize(("networks", "budget"), [(1, 320), (1000, 360)])
def test_a_spray_yields_no_more_than_its_budget(system: System, networks: int, budget: int) -> None:
    outcomes = _type_wrong_codes(system, _names(420), list(_networks(networks)), seconds=300)
    assert 280 <= outcomes[None] <= budget


def test_a_spray_is_put_on_record_and_passes(system: System, clock: StandingClock) -> None:
    names = _names(420)
    outcomes = _type_wrong_codes(system, names, list(_networks(1000)), seconds=0)
    assert outcomes[Reason.STRANGERS_MUST_WAIT] >= 420 - 300
    with system.database.reading() as db:
        told = [row.facts for row in events(db, at_most=100, name=AuditEvent.STRANGERS_SLOWED)]
    assert {fact["counter"] for fact in told} == {"everywhere"}
    assert 0 < len(told) <= system.rules.lockout.everywhere.parts
    assert "198." not in str(told)
    clock.advance(hours=1)
    assert _type_wrong_codes(system, names[300:310], list(_networks(10)), seconds=0)[None] == 10


def test_many_strangers_at_once_are_all_counted_and_nobody_waits_for_ever(system: System) -> None:
    def one(share: int) -> Counter[Reason | None]:
        outcomes: Counter[Reason | None] = Counter()
        for n in range(10):
            _guess(system, f"elev{share}{n}", "192.0.2.7", outcomes)
        return outcomes

    with ThreadPoolExecutor(8) as at_once:
        assert sum((found[None] for found in at_once.map(one, range(8))), 0) == 80
    which = guesses.counters(system, name="x", kind=CodeKind.TEXT, address="192.0.2.7", device_id=None)
    assert which.shared is not None
    with system.database.reading() as db:
        (network,) = read_guesses(db, [which.shared.network])
        parts = db.execute(select(func.sum(Guesses.failures)).where(Guesses.scope == "everywhere")).scalar_one()
    assert (network.failures, parts) == (80, 80)


@pytest.fixture
def alert(system: System) -> SchoolDay:
    """A school day under a spray, on a site that notices it after one wrong code in each part."""
    rules = system.rules
    wary = replace(rules.lockout.everywhere, free_failures_least=rules.lockout.everywhere.parts)
    day = a_day(replace(system, rules=replace(rules, lockout=replace(rules.lockout, everywhere=wary))))
    day.log_in(day.browser(address="192.0.2.7"))
    _type_wrong_codes(day.system, [f"elev{n:05}" for n in range(200)], list(_networks(200)), seconds=0)
    return day


def test_during_a_spray_a_stranger_waits_in_a_network_where_nobody_has_logged_in(alert: SchoolDay) -> None:
    page = alert.code_page(alert.browser(address="203.0.113.5"), alert.asta.username)
    assert page.error.startswith("Lige nu bliver der prøvet rigtig mange forkerte koder.")
    assert told_to_wait(page) == 10
    assert alert.code_page(alert.browser(address="203.0.113.5"), "nobody99").error == page.error


def test_during_a_spray_the_school_and_known_devices_notice_nothing(alert: SchoolDay) -> None:
    alert.log_in(alert.browser(address="192.0.2.7"))
    tablet = alert.browser(address="192.0.2.7")
    alert.log_in(tablet)
    elsewhere = alert.browser(address="203.0.113.77")
    elsewhere.set_cookie("skolepas-devices", str(tablet.cookie("skolepas-devices")))
    alert.log_in(elsewhere)


def test_during_a_spray_a_network_with_more_failures_than_people_waits_too(alert: SchoolDay) -> None:
    at_school = alert.browser(address="192.0.2.7")
    page = wrong(at_school, alert.code_page(at_school, alert.bo.username))
    assert told_to_wait(alert.code_page(alert.browser(address="192.0.2.7"), alert.dina.username)) > 0
    assert page.status == 200
