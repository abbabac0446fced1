"""Decision 14, request by request: a name that nobody has is answered like one that somebody has.

Compared are status, headers, words, the statements that reached the database and the number of hashes, through every step
of a login. Time itself is measured by ``./do bench names`` and asserted nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, update

from idp.outside.hashing import CodeHasher, Verification, Verifier
from idp.store.credentials import Code
from idp.store.people import Person
from idp.usecases import guesses
from idp.usecases.people import account_named
from policies.vocabulary import ActorGroup, CodeKind
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.opponents.school_day import OTHERS, SchoolDay, a_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page

BEGINNINGS = ("BEGIN", "ROLLBACK", "COMMIT")


class CountingHasher(CodeHasher):
    """The real one, counted."""

    hashes = 0

    def check(self, verifier: Verifier | None, code: str) -> Verification:
        self.hashes += 1
        return super().check(verifier, code)


@dataclass(frozen=True)
class Answer:
    """One response, and what it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    statements: tuple[str, ...]
    hashes: int


class Measured(Browser):
    """A browser that notes of each request what an attacker could, and what the server did for it."""

    def __init__(self, day: SchoolDay, hasher: CountingHasher, name: str, address: str) -> None:
        super().__init__(day.app, address=address)
        self.day, self.hasher, self.name, self.answers = day, hasher, name, list[Answer]()

    def _ask(self, method: str, address: str, *, follow: bool, **rest: Any) -> Page:  # noqa: ANN401
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(BEGINNINGS):
                statements.append(" ".join(statement.split()))

        engine, before = self.day.system.database.engine, self.hasher.hashes
        event.listen(engine, "before_cursor_execute", note)
        try:
            page = super()._ask(method, address, follow=False, **rest)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        headers = tuple((name, self._plain(value)) for name, value in page.headers.items())
        hashes = self.hasher.hashes - before
        self.answers.append(Answer(page.status, headers, self._plain(page.body), tuple(statements), hashes))
        if follow and page.status == 303:
            return self._ask("GET", page.address, follow=True)
        return page

    def _plain(self, text: str) -> str:
        """What is left without what differs from one login to the next."""
        text = re.sub(r"/login/[A-Za-z0-9_-]{20,}", "/login/HANDLE", text.replace(self.name, "NAME"))
        text = re.sub(r"challenge&#34;: &#34;[A-Za-z0-9_-]{43}&", "challenge&", text)
        text = re.sub(r'value="[A-Za-z0-9_=-]{20,}"', 'value="VALUE"', text)
        return re.sub(r"(skolepas[a-z-]*)=[A-Za-z0-9_.-]{20,}", r"\1=COOKIE", text)


@dataclass
class Comparison:
    day: SchoolDay
    hasher: CountingHasher
    clock: StandingClock
    networks: Iterator[int] = field(default_factory=lambda: count(1))

    def browser(self, name: str) -> Measured:
        """A browser in a network of its own, for one network's counter is the same for all names."""
        return Measured(self.day, self.hasher, name, f"192.0.2.{next(self.networks)}")

    def nobody(self, like: str, kind: CodeKind) -> str:
        """A name of the same length that nobody has, with the same kind of page."""
        with self.day.system.database.reading() as db:
            for n in range(200):
                name = f"{n}{'ingen' * 4}"[: len(like)]
                if account_named(db, self.day.system, name).kind is kind:
                    return name
        raise AssertionError("every name got the other kind")

    def try_everything(self, name: str, prepare: Callable[[Browser], object] | None = None) -> list[Answer]:
        """The whole way of somebody who does not know the code: wrong codes, delays, ask your teacher, a wrong sign."""
        browser = self.browser(name)
        if prepare is not None:
            prepare(browser)
            browser.answers.clear()
        self.clock.advance(
            minutes=16
        )  # what a process keeps for a quarter of an hour is fetched now, and not in between
        self.day.code_page(self.browser("warm"), "warm")
        page = self.day.code_page(browser, name, "/ask?state=one&again=1")
        browser.open(page.address)
        for n in range(5):
            page = browser.tap(page, OTHERS) if page.step == "pictures" else browser.type_code(page, f"forkert-{n}")
        browser.submit(page)
        self.clock.advance(minutes=5)
        page = browser.tap(page, OTHERS) if page.step == "pictures" else browser.type_code(page, "forkert-igen")
        sign = browser.open(page.link("tegn"))
        browser.submit(sign)
        browser.pick_sign(sign, next(iter(sign.values("data-sign"))))
        browser.open(page.address.replace(page.step, "new-code"))
        browser.open(page.address.replace(page.step, "username"))
        return browser.answers


@pytest.fixture
def comparison(system: System, clock: StandingClock) -> Comparison:
    hasher = CountingHasher(system.settings.hashing, system.keyring.pepper)
    compared = Comparison(a_day(replace(system, hasher=hasher)), hasher, clock)
    # Everything has gone through before, so that no cache and no counter that all share is filled by the first of two.
    for n in range(200):
        which = guesses.counters(system, name=f"warm{n}", kind=CodeKind.TEXT, address=f"198.51.100.{n}", device_id=None)
        with system.database.writing() as db:
            guesses.count_for_all(db, system, which)
    compared.try_everything("somebody")
    clock.advance(days=1)
    return compared


def differences(known: list[Answer], unknown: list[Answer]) -> list[str]:
    """What tells one from the other, in lines; nothing when nothing does."""
    assert len(known) == len(unknown) > 5
    found = []
    for number, (one, other) in enumerate(zip(known, unknown, strict=True)):
        for part in ("status", "headers", "body", "statements", "hashes"):
            ours, theirs = (_lines(getattr(answer, part)) for answer in (one, other))
            found += [f"answer {number}, {part}: {line}" for line in unified_diff(theirs, ours, n=0, lineterm="")][2:]
    return found


def _lines(part: Any) -> list[str]:  # noqa: ANN401
    return (
        part.splitlines()
        if isinstance(part, str)
        else [str(line) for line in part]
        if isinstance(part, tuple)
        else [str(part)]
    )


def blocked(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.execute(update(Person).where(Person.id == day.asta.id).values(blocked_at=day.system.now()))


def suspended(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.execute(update(Code).where(Code.person_id == day.asta.id).values(suspended_at=day.system.now()))


def at_two_schools(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        recipes.also_attached(db, day.system, day.asta, recipes.a_school(db, day.system), ActorGroup.PUPIL)


@postgresql_is_long
@pytest.mark.parametrize("state", [None, blocked, suspended, at_two_schools])
def test_through_every_step_of_a_login_with_pictures(
    comparison: Comparison, state: Callable[[SchoolDay], None] | None
) -> None:
    if state is not None:
        state(comparison.day)
    name = comparison.day.carl.username if state is None else comparison.day.asta.username
    unknown = comparison.nobody(name, CodeKind.PICTURES)
    assert differences(comparison.try_everything(name), comparison.try_everything(unknown)) == []


@postgresql_is_long
@pytest.mark.parametrize("who", ["bo", "dina"], ids=["with a code", "without a code yet"])
def test_through_every_step_of_a_login_with_a_text(comparison: Comparison, who: str) -> None:
    name: str = getattr(comparison.day, who).username
    unknown = comparison.nobody(name, CodeKind.TEXT)
    assert differences(comparison.try_everything(name), comparison.try_everything(unknown)) == []


@postgresql_is_long
def test_on_a_tablet_that_others_have_logged_in_on(comparison: Comparison) -> None:
    day, name = comparison.day, comparison.day.bo.username
    unknown = comparison.nobody(name, CodeKind.TEXT)

    def shared(browser: Browser) -> None:
        day.log_in(browser)
        comparison.clock.advance(seconds=1)

    known, other = (comparison.try_everything(someone, prepare=shared) for someone in (name, unknown))
    assert differences(known, other) == []


@postgresql_is_long
def test_when_the_days_tries_are_spent(comparison: Comparison) -> None:
    day, system = comparison.day, comparison.day.system
    names = (day.carl.username, comparison.nobody(day.carl.username, CodeKind.PICTURES))
    for _ in range(43):
        for n, name in enumerate(names):
            which = guesses.counters(
                system, name=name, kind=CodeKind.PICTURES, address=f"203.0.113.{n}", device_id=None
            )
            with system.database.writing() as db:
                assert isinstance(guesses.charge(db, system, which), guesses.Charge)
        comparison.clock.advance(minutes=5)
    day.code_page(comparison.browser("warm"), "warm")
    told = []
    for name in names:
        browser = comparison.browser(name)
        page = day.code_page(browser, name)
        told.append((page.error, browser.tap(page, OTHERS).error, browser.answers))
    assert differences(told[0][2], told[1][2]) == []
    assert told[0][:2] == told[1][:2]
    assert told[0][0] == told[0][1] == "Der har været for mange forsøg i dag. Spørg din lærer om hjælp."
