"""A school, three people, a service, and browsers to log in with: what the tests of the login share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from policies.vocabulary import Level
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.small_protocol import CALLBACK, small_site

if TYPE_CHECKING:
    from flask import Flask

    from idp.usecases.system import System
    from tests.opponents.browser import Page

PICTURES = "house sun cat key"
OTHERS = "cat key house sun"
WORDS = "hest-banan"


@dataclass
class SchoolDay:
    """Who is there. ``asta`` has pictures, ``bo`` has words, ``carl`` (level 1) and ``dina`` (level 5) have no code."""

    system: System
    app: Flask
    service_id: int
    school: recipes.School
    asta: recipes.Someone
    bo: recipes.Someone
    carl: recipes.Someone
    dina: recipes.Someone

    def browser(self, **about: str) -> Browser:
        return Browser(self.app, **about)

    def code_page(self, browser: Browser, name: str, ask: str = "/ask?state=one") -> Page:
        """Come from the service and type a username; a login that is resumed begins with the name again."""
        page = browser.open(ask)
        if page.step != "username":
            page = browser.open(page.address.replace(page.step, "username"))
        return browser.type_username(page, name)

    def log_in(self, browser: Browser, ask: str = "/ask?state=one") -> Page:
        """Log Asta in."""
        page = browser.tap(self.code_page(browser, self.asta.username, ask), PICTURES)
        assert arrived(page)["who"] == self.asta.uniid
        return page


def arrived(page: Page) -> dict[str, str]:
    """What the service was told, when the browser stands there."""
    assert page.address.startswith(CALLBACK), f"{page.address} {page.status} {page.heading} {page.error}"
    return {name: values[0] for name, values in parse_qs(urlsplit(page.address).query).items()}


@pytest.fixture
def day(system: System) -> SchoolDay:
    return a_day(system)


def a_day(system: System) -> SchoolDay:
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        service_id = recipes.a_service(db, system, client_uri="http://localhost:9000/")
        return SchoolDay(
            system=system,
            app=small_site(system, service_id),
            service_id=service_id,
            school=school,
            asta=recipes.a_pupil(db, system, school, code=PICTURES),
            bo=recipes.a_pupil(db, system, school, level=Level.G5, code=WORDS),
            carl=recipes.a_pupil(db, system, school),
            dina=recipes.a_pupil(db, system, school, level=Level.G5),
        )
