"""A teacher with and without second factors, and what the tests of second factors do with one."""

from __future__ import annotations

import json
from base64 import b32decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from idp.outside.one_time_codes import code_at, step_at
from idp.usecases.passes import issue_pass
from tests import recipes
from tests.opponents.school_day import SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.authenticator import Authenticator
    from tests.opponents.browser import Browser, Page

WORDS = "Hest-Banan47"
TWO = "/ask?level=ToFaktor&state=two"
TASK = "/ask?level=EnFaktor&task=enrol-factor&state=task"


@dataclass
class FactorDay:
    """``viggo`` is a teacher with words and no second factor."""

    day: SchoolDay
    clock: StandingClock
    viggo: recipes.Someone
    seed: bytes = b""
    codes: list[str] = field(default_factory=list)

    def code_page(self, browser: Browser, ask: str = TWO) -> Page:
        return self.day.code_page(browser, self.viggo.username, ask)

    def with_code(self, browser: Browser, ask: str = TWO) -> Page:
        """Come from the service and give the right code."""
        return browser.type_code(self.code_page(browser, ask), WORDS)

    def a_pass(self, someone: recipes.Someone | None = None) -> str:
        with self.day.system.database.writing() as db:
            return issue_pass(db, self.day.system, person_id=(someone or self.viggo).id, issued_by=None).text

    def use_pass(self, browser: Browser, page: Page, typed: str | None = None) -> Page:
        return browser.submit(page, ("pass", typed or self.a_pass()))

    def begin_app(self, browser: Browser, page: Page) -> Page:
        """Choose an app, and let it read the key."""
        page = browser.post(page.address, [("what", "app")])
        shown = page.soup.select_one(".by-hand")
        assert shown is not None, page.body
        self.seed = b32decode(shown.get_text().replace(" ", ""))
        return page

    def app_code(self, off: int = 0) -> str:
        return code_at(self.seed, step_at(self.day.system.now()) + off)

    def note_codes(self, page: Page) -> None:
        self.codes = [code.get_text() for code in page.soup.select(".codes code")]

    def enrol_app(self, browser: Browser, page: Page) -> Page:
        """From the page that asks what to enrol, through the recovery codes."""
        page = browser.submit(self.begin_app(browser, page), ("code", self.app_code()))
        assert page.step == "recovery-codes", (page.step, page.error)
        self.note_codes(page)
        return browser.submit(page)

    def has_app(self) -> None:
        """Let Viggo have an app, and half a minute pass."""
        browser = self.day.browser()
        arrived(self.enrol_app(browser, self.use_pass(browser, self.with_code(browser))))
        self.clock.advance(seconds=60)

    def has_passkey(self, device: Authenticator) -> None:
        browser = self.day.browser()
        page = self.make_passkey(browser, self.use_pass(browser, self.with_code(browser)), device)
        assert page.step == "recovery-codes", (page.step, page.error)
        self.note_codes(page)
        arrived(browser.submit(page))

    def make_passkey(self, browser: Browser, page: Page, device: Authenticator) -> Page:
        form = page.soup.find("form", attrs={"data-passkey": "create"})
        assert form is not None, page.body
        return browser.post(str(form["action"]), [("answer", device.create(str(form["data-options"])))])

    def use_passkey(self, browser: Browser, page: Page, device: Authenticator) -> Page:
        form = page.soup.find("form", attrs={"data-passkey": "get"})
        assert form is not None, page.body
        return browser.post(str(form["action"]), [("answer", device.get(str(form["data-options"])))])

    def events(self, name: str) -> list[dict[str, object]]:
        with self.day.system.database.reading() as db:
            rows = db.execute(text("SELECT event, facts FROM audit_event ORDER BY id")).all()
        facts = [row.facts for row in rows if row.event == name]
        return [json.loads(one) if isinstance(one, str) else one for one in facts]


@pytest.fixture
def factor_day(day: SchoolDay, clock: StandingClock) -> FactorDay:
    with day.system.database.writing() as db:
        viggo = recipes.a_teacher(db, day.system, day.school, code=WORDS)
    return FactorDay(day, clock, viggo)
