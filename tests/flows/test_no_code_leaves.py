"""No code, ever, in a log, an error, an address, a header, the record, or any column."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from sqlalchemy import MetaData, select, text
from structlog.testing import capture_logs

from idp.outside.hashing import CodeHasher, Verification, Verifier
from idp.usecases.windows import open_window
from policies.vocabulary import Level, WindowPurpose
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.school_day import OTHERS, PICTURES, SchoolDay, arrived
from tests.opponents.small_protocol import small_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.usecases.system import System
    from tests.opponents.browser import Page
    from tests.recipes import Someone

WORDS = "Rigtig-Kode-5512"
WRONG = "Forkert-Kode-8841"
OWN = "Tordenvejr over 7 sovende alpakaer"


@dataclass
class Watch:
    """Every page that went out, and every line that was logged."""

    pages: list[Page] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)

    def sees(self, code: str, *, shown_on: str | None = None) -> list[str]:
        """Where a code stands; ``shown_on``: the page that hands it over."""
        forms = {code, quote(code), quote(code, safe=""), code.replace(" ", "+"), str(code.split(" "))}
        found = [f"log: {line}" for line in self.lines if any(form in str(line) for form in forms)]
        for page in self.pages:
            told = [page.address, str(page.headers), *(address for address, _ in page.trail)]
            told += [] if page.step == shown_on else [page.body]
            found += [page.address for form in forms if any(form in one for one in told)]
        return found


class WatchedBrowser(Browser):
    """A browser over whose shoulder somebody looks."""

    watch: Watch

    def _ask(self, method: str, address: str, **rest: Any) -> Page:  # noqa: ANN401
        page = super()._ask(method, address, **rest)
        self.watch.pages.append(page)
        return page


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    """Look at everything that is logged, the database's own lines included."""
    watched = Watch()
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "werkzeug", "flask", "idp"):
        caplog.set_level(logging.DEBUG, logger=name)
    with capture_logs() as lines:
        watched.lines = lines
        yield watched
    watched.lines = []


def look(
    watch: Watch, caplog: pytest.LogCaptureFixture, day: SchoolDay, *codes: str, shown_on: str | None = None
) -> None:
    """Look for the codes on pages, in headers and addresses, in both kinds of log, and in every column."""
    lines = [*watch.lines, *(record.getMessage() + str(record.exc_text) for record in caplog.records)]
    seen = Watch(watch.pages, lines)
    assert watch.pages
    for code in codes:
        assert seen.sees(code, shown_on=shown_on) == []
        assert [name for name, value in columns(day.system) if code in str(value) or code.encode().hex() in value] == []


def columns(system: System) -> Iterator[tuple[str, str]]:
    """Yield (table, row) of everything that the database holds; bytes as hex digits."""
    tables = MetaData()
    with system.database.engine.connect() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                yield table.name, " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in row)


def watched(day: SchoolDay, watch: Watch) -> WatchedBrowser:
    browser = WatchedBrowser(day.app)
    browser.watch = watch
    return browser


def handed_over(day: SchoolDay, browser: Browser, someone: Someone) -> Page:
    """The page that shows a new code."""
    with day.system.database.writing() as db:
        window = open_window(db, day.system, person_id=someone.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)
    page = browser.open(day.code_page(browser, someone.username).link("tegn"))
    return browser.pick_sign(page, window.sign)


@pytest.fixture
def ella(day: SchoolDay) -> Someone:
    with day.system.database.writing() as db:
        return recipes.a_pupil(db, day.system, day.school, level=Level.G7, code=WORDS)


def test_neither_right_nor_wrong_codes_are_kept_or_told(
    day: SchoolDay, ella: Someone, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = watched(day, watch)
    page = browser.type_code(day.code_page(browser, ella.username), WRONG)
    page = browser.submit(page, ("password", WRONG), ("code", WRONG), ("extra", WRONG))
    assert arrived(browser.type_code(page, WORDS))["who"] == ella.uniid
    browser = watched(day, watch)
    page = browser.tap(day.code_page(browser, day.asta.username), OTHERS)
    assert arrived(browser.tap(page, PICTURES))["who"] == day.asta.uniid
    look(watch, caplog, day, WRONG, WORDS, PICTURES, OTHERS)


def test_a_new_code_stands_on_its_own_page_only(day: SchoolDay, watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    browser = watched(day, watch)
    shown = handed_over(day, browser, day.dina)
    code = shown.soup.select_one(".new-code")
    assert code is not None
    words = code.get_text(strip=True)
    page = browser.type_code(browser.submit(shown), WRONG)
    assert page.error
    assert arrived(browser.type_code(browser.submit(page), words))["who"] == day.dina.uniid
    assert Watch(watch.pages).sees(words) != []  # so that a page that tells it is found at all
    look(watch, caplog, day, words, shown_on="new-code")
    look(watch, caplog, day, WRONG)


def test_a_code_of_ones_own_stands_nowhere(
    day: SchoolDay, ella: Someone, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = watched(day, watch)
    page = browser.open(handed_over(day, browser, ella).link("vælge min egen"))
    page = browser.submit(page, ("password", OWN), ("again", WRONG))
    assert page.step == "choose-code"
    assert arrived(browser.submit(page, ("password", OWN), ("again", OWN)))["who"] == ella.uniid
    look(watch, caplog, day, OWN, WRONG)


class BrokenHasher(CodeHasher):
    """A hasher that falls over with the code in its hands."""

    def check(self, verifier: Verifier | None, code: str) -> Verification:  # noqa: ARG002
        raise RuntimeError("the hash falls over")

    def verifier_of(self, code: str) -> Verifier:
        raise RuntimeError(f"the hash of {len(code)} signs falls over")


def test_a_defect_in_the_middle_tells_no_code(
    day: SchoolDay, ella: Someone, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(day.system, hasher=BrokenHasher(day.system.settings.hashing, day.system.keyring.pepper))
    there = replace(day, system=broken, app=small_site(broken, day.service_id))
    browser = watched(there, watch)
    page = browser.type_code(there.code_page(browser, ella.username), WORDS)
    assert (page.status, page.heading) == (500, "Noget gik galt hos os")
    shown = handed_over(there, browser, day.dina)
    code = shown.soup.select_one(".new-code")
    assert code is not None
    words = code.get_text(strip=True)
    assert browser.type_code(browser.submit(shown), words).status == 500
    chosen = browser.open(handed_over(there, browser, ella).link("vælge min egen"))
    assert browser.submit(chosen, ("password", OWN), ("again", OWN)).status == 500
    assert [line for line in watch.lines if line["event"] == "defect"]
    look(watch, caplog, day, WORDS, OWN)
    look(watch, caplog, day, words, shown_on="new-code")


@pytest.mark.parametrize("lost", ["guesses", "code"])
def test_a_database_that_fails_in_the_middle_tells_no_code(
    day: SchoolDay, ella: Someone, watch: Watch, caplog: pytest.LogCaptureFixture, lost: str
) -> None:
    browser = watched(day, watch)
    page = day.code_page(browser, ella.username)
    with day.system.database.writing() as db:
        db.execute(text(f"ALTER TABLE {lost} RENAME TO lost"))
    assert browser.type_code(page, WORDS).status == 500
    with day.system.database.writing() as db:
        db.execute(text(f"ALTER TABLE lost RENAME TO {lost}"))
    assert arrived(browser.type_code(browser.open(page.address), WORDS))["who"] == ella.uniid
    look(watch, caplog, day, WORDS)
