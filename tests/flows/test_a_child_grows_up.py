"""One child from day-care to gymnasium: the school's file moves the level, and the code follows by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.store.people import Person, Username
from idp.usecases.windows import open_window
from policies.vocabulary import WindowPurpose
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.school_day import arrived
from tests.opponents.small_protocol import small_site
from tests.recipes.deliveries import (
    a_delivery,
    a_group_element,
    a_pupil_element,
    an_importing_school,
    cpr,
    delivered,
    without_brake,
)

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page

DAYCARE, SCHOOL, GYMNASIUM = "D00001", "S00001", "G00001"
FIRST_SUMMER = datetime(2027, 8, 9, 7, 0, tzinfo=UTC)


@dataclass
class Child:
    """Who grows up, and the code that is remembered."""

    system: System
    app: Flask
    clock: StandingClock
    folder: Path
    code: str = ""
    at: str = DAYCARE

    def is_reported(self, number: str, level: str, *, gone: bool = False) -> None:
        """The source at ``number`` delivers its file; ``gone``: without the child."""
        main = f"{level}a" if level.isdigit() else "stue"
        pupil = a_pupil_element("child", cpr(1), level=level, main=main, role="Barn" if level == "DT" else "Elev")
        other = a_pupil_element("other", cpr(2 if number == DAYCARE else 3), level=level, main=main,
                                role="Barn" if level == "DT" else "Elev")  # fmt: skip
        group = a_group_element(main, level=level)
        document = a_delivery(
            group, *([] if gone else [pupil]), other, number=number, at=f"{self.clock.now():%Y-%m-%dT%H:%M:%S}"
        )
        report = delivered(self.system, self.folder, document)
        assert report.outcome.value in {"applied", "unchanged"}, report

    @property
    def person(self) -> tuple[int, str]:
        with self.system.database.reading() as db:
            row = db.execute(
                select(Username.person_id, Username.name)
                .join(Person, Person.id == Username.person_id)
                .order_by(Username.person_id)
            ).first()
        assert row is not None
        return row.person_id, row.name

    def code_page(self, browser: Browser) -> Page:
        page = browser.open(f"/ask?state={self.clock.now():%Y%m%d%H%M%S}")
        return browser.type_username(page, self.person[1])

    def proves(self, browser: Browser, page: Page) -> Page:
        """Give the remembered code on the page that asks for it."""
        return browser.tap(page, self.code) if page.values("data-picture") else browser.type_code(page, self.code)

    def takes_the_new_code(self, browser: Browser, page: Page) -> None:
        """Read the new code, repeat it, and arrive."""
        assert page.step == "new-code", page.body
        words = page.soup.select_one(".new-code")
        pictures = [str(image["src"]) for image in page.soup.select(".new-pictures img")]
        self.code = (
            words.get_text(strip=True)
            if words is not None
            else " ".join(source.rpartition("/")[2].partition(".")[0] for source in pictures)
        )
        arrived(self.proves(browser, browser.submit(page)))

    def logs_in(self) -> str:
        """Log in in a fresh browser; return what was seen on the way: the kind of page, and ``warned`` or ``forced``."""
        browser = Browser(self.app)
        page = self.code_page(browser)
        seen = page.step
        page = self.proves(browser, page)
        assert not page.error, page.error
        if page.step == "code-ends":
            seen += " warned"
            page = browser.submit(page, ("when", "later"))
        if page.step == "new-code":
            self.takes_the_new_code(browser, page)
            return f"{seen} forced"
        arrived(page)
        return seen

    def changes_now(self) -> None:
        """Log in, be warned, and take a new code at once."""
        browser = Browser(self.app)
        page = self.proves(browser, self.code_page(browser))
        assert page.step == "code-ends"
        self.takes_the_new_code(browser, browser.submit(page, ("when", "now")))

    def gets_a_first_code(self) -> None:
        with self.system.database.writing() as db:
            window = open_window(
                db, self.system, person_id=self.person[0], opened_by=None, purpose=WindowPurpose.FIRST_CODE
            )
        browser = Browser(self.app)
        page = browser.pick_sign(browser.open(self.code_page(browser).link("tegn")), window.sign)
        self.takes_the_new_code(browser, page)


@pytest.fixture
def child(system: System, clock: StandingClock, tmp_path: Path) -> Child:
    """A child in day-care in the summer before school, with a first code."""
    system = without_brake(system)
    for number in (DAYCARE, SCHOOL, GYMNASIUM):
        an_importing_school(system, number)
    with system.database.writing() as db:
        service_id = recipes.a_service(db, system, client_uri="http://localhost:9000/")
    child = Child(system, small_site(system, service_id), clock, tmp_path)
    child.is_reported(DAYCARE, "DT")
    child.gets_a_first_code()
    return child


def until(clock: StandingClock, moment: datetime) -> None:
    clock.advance(seconds=(moment - clock.now()).total_seconds())


def test_one_child_from_day_care_to_gymnasium(  # noqa: PLR0915 (one life, told in order)
    child: Child, clock: StandingClock
) -> None:
    assert child.logs_in() == "pictures"
    pictures = child.code
    summers = [FIRST_SUMMER.replace(year=FIRST_SUMMER.year + n) for n in range(9)]

    until(clock, summers[0])  # school begins; the day-care lets go, and its pictures are the school's kind of code too
    child.is_reported(SCHOOL, "0")
    child.is_reported(DAYCARE, "DT", gone=True)
    for level in ("1", "2", "3"):
        clock.advance(days=1)
        assert child.logs_in() == "pictures"
        until(clock, summers[int(level)])
        child.is_reported(SCHOOL, level)
    assert child.logs_in() == "pictures"
    assert child.code == pictures

    until(clock, summers[4])  # mellemtrin: words within thirty days, and warned at thirty, fourteen, seven and one
    child.is_reported(SCHOOL, "4")
    assert child.logs_in() == "pictures warned"
    assert child.logs_in() == "pictures"
    clock.advance(days=16)
    assert child.logs_in() == "pictures warned"
    clock.advance(days=7)
    assert child.logs_in() == "pictures warned"
    clock.advance(days=6)
    assert child.logs_in() == "pictures warned"
    clock.advance(hours=23, minutes=59, seconds=59)
    assert child.logs_in() == "pictures"
    assert child.code == pictures
    clock.advance(seconds=1)
    assert child.logs_in() == "pictures forced"
    assert child.code.islower()
    words = child.code

    for level in ("5", "6"):  # no yearly change before level 7
        until(clock, summers[int(level)])
        child.is_reported(SCHOOL, level)
        assert child.logs_in() == "password"
    assert child.code == words

    until(clock, summers[7])  # udskoling: changed at once this time
    child.is_reported(SCHOOL, "7")
    child.changes_now()
    assert child.code[-2:].isdigit()
    assert not child.code.islower()

    clock.advance(days=334)  # a year at the longest from here on
    assert child.logs_in() == "password"
    clock.advance(days=1)
    assert child.logs_in() == "password warned"
    until(clock, summers[8] + timedelta(seconds=1))
    child.is_reported(SCHOOL, "8")
    assert child.logs_in() == "password forced"

    clock.advance(days=364, hours=23)
    child.is_reported(SCHOOL, "9")
    assert child.logs_in() == "password warned"
    clock.advance(hours=1)
    assert child.logs_in() == "password forced"
    last = child.code

    clock.advance(days=360)  # gymnasium: another institution, the same person and the same code
    child.is_reported(GYMNASIUM, "U1")
    child.is_reported(SCHOOL, "9", gone=True)
    assert child.logs_in() == "password warned"
    assert child.code == last


def test_a_pupil_who_is_moved_down_by_mistake_and_up_again_keeps_the_code(child: Child, clock: StandingClock) -> None:
    clock.advance(days=1)
    child.is_reported(SCHOOL, "3")
    child.is_reported(DAYCARE, "DT", gone=True)
    clock.advance(days=1)
    child.is_reported(SCHOOL, "4")
    assert child.logs_in() == "pictures warned"
    clock.advance(days=3)
    child.is_reported(SCHOOL, "3")
    clock.advance(days=40)
    assert child.logs_in() == "pictures"
    child.is_reported(SCHOOL, "4")
    clock.advance(days=29)
    assert child.logs_in() == "pictures warned"
