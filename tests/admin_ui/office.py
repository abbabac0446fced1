"""The office of a school: an administrator who is logged in with two factors, and forms of Brugeradministration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from idp.store.login_sessions import LoginSession, SessionFactor
from policies.vocabulary import Factor
from tests import recipes

if TYPE_CHECKING:
    from bs4 import Tag

    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser, Page

CODE = "Hest-Banan47"


@dataclass
class Office:
    """``sonja`` administers the school, and sits at ``browser``."""

    whole: Whole
    sonja: recipes.Someone
    browser: Browser

    @property
    def people(self) -> str:
        return f"/brugeradministration/{self.whole.school.number}/"

    def of(self, person: recipes.Someone) -> str:
        return f"{self.people}people/{person.id}"

    def see(self, person: recipes.Someone) -> Page:
        return self.browser.open(self.of(person))

    def act(self, person: recipes.Someone, what: str, *fields: tuple[str, str]) -> Page:
        """Open the person's page and send the form that leads to ``what``."""
        return self.send(self.see(person), what, *fields)

    def send(self, page: Page, what: str, *fields: tuple[str, str]) -> Page:
        hidden = [(str(tag["name"]), str(tag["value"])) for tag in form(page, what).find_all("input", type="hidden")]
        return self.browser.post(str(form(page, what)["action"]), [*hidden, *fields])


def form(page: Page, what: str) -> Tag:
    """The form of a page that does ``what``."""
    found = next(
        (
            one
            for one in page.soup.select("form[method=post]")
            if str(one["action"]).partition("#")[0].endswith(f"/{what}")
        ),
        None,
    )
    assert found is not None, page.body
    return found


def an_office(whole: Whole) -> Office:
    with whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, whole.system, whole.school, code=CODE)
    browser = whole.browser()
    page = whole.mit(browser, sonja)
    assert page.heading == "Sonja Kontorsen", page.body
    with_two_factors(whole, sonja)
    return Office(whole, sonja, browser)


def with_two_factors(whole: Whole, someone: recipes.Someone) -> None:
    """Let everybody's sessions of that person have been opened with a code from an app too."""
    with whole.system.database.writing() as db:
        for session_id in db.execute(select(LoginSession.id).where(LoginSession.person_id == someone.id)).scalars():
            db.execute(
                insert(SessionFactor).values(session_id=session_id, factor=Factor.TOTP, proven_at=whole.system.now())
            )


def told(page: Page) -> str:
    """What the page says, without what is only in its attributes."""
    return page.soup.get_text(" ", strip=True)
