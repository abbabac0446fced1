"""Whatever is sent to a page of the login: clear words, a way on, no fault of ours, and nothing lost.

The pages come from :data:`idp.web.login_pages.PAGES` and the URL map, so a new one is tried without a word here; one that a test should
stand at when it is tried has its way there in :data:`STATIONS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pytest
from flask import Flask

from idp.usecases.windows import open_window
from idp.web.login_flow import login_blueprint
from idp.web.login_pages import PAGES
from idp.web.session_cookie import BROWSER, DEVICES, HANDOVERS, LANGUAGE, SESSION
from policies.vocabulary import WindowPurpose
from tests.opponents.bad_input import FROM_ELSEWHERE, bodies, leads_on
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, arrived
from tests.opponents.small_protocol import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page
    from tests.opponents.factor_day import FactorDay
    from tests.recipes import Someone

FIELDS: Final = (
    "username", "password", "picture", "picture1", "picture2", "picture3", "picture4", "sign", "again", "code", "next",
    "pass", "what", "answer", "card", "still", "shared", "who", "later",
)  # fmt: skip


def forms() -> list[str]:
    """Every address below a login that takes a form, by its last part."""
    app = Flask("login")
    app.register_blueprint(login_blueprint)
    rules = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    return sorted({rule.rpartition("/")[2] for rule in rules if not rule.endswith(">")} | PAGES.keys())


def _new_code(at: FactorDay, browser: Browser, someone: Someone) -> Page:
    day = at.day
    with day.system.database.writing() as db:
        window = open_window(db, day.system, person_id=someone.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)
    page = browser.open(day.code_page(browser, someone.username).link("tegn"))
    return browser.pick_sign(page, window.sign)


def _with_app(at: FactorDay, browser: Browser) -> Page:
    at.has_app()
    return at.with_code(browser)


def _app(at: FactorDay, browser: Browser) -> Page:
    return at.begin_app(browser, at.use_pass(browser, at.with_code(browser)))


STATIONS: Final[Mapping[str, Callable[[FactorDay, Browser], Page]]] = {
    "username": lambda _at, browser: browser.open("/ask?state=one"),
    "card": lambda _at, browser: browser.open(browser.open("/ask?state=one").address.replace("username", "card")),
    "pictures": lambda at, browser: at.day.code_page(browser, at.day.asta.username),
    "password": lambda at, browser: at.day.code_page(browser, at.day.bo.username),
    "sign": lambda at, browser: browser.open(at.day.code_page(browser, at.day.asta.username).link("tegn")),
    "new-code": lambda at, browser: _new_code(at, browser, at.day.carl),
    "confirm": lambda at, browser: browser.submit(_new_code(at, browser, at.day.carl)),
    "choose-code": lambda at, browser: browser.open(_new_code(at, browser, at.day.dina).link("vælge min egen")),
    "second-factor": _with_app,
    "recovery": lambda at, browser: browser.open(_with_app(at, browser).link("nødkode")),
    "clock": lambda at, browser: browser.open(_with_app(at, browser).link("aldrig rigtig")),
    "enrol-factor": lambda at, browser: at.with_code(browser),
    "app": _app,
    "recovery-codes": lambda at, browser: browser.submit(_app(at, browser), ("code", at.app_code())),
}


def stand_at(at: FactorDay, browser: Browser, name: str) -> tuple[str, list[str]]:
    """Go to a page, or for one that no station leads to, into any login; its address and the fields of its forms."""
    page = STATIONS.get(name, STATIONS["pictures"])(at, browser)
    if name in STATIONS:
        assert page.step == name
    found = {str(tag["name"]) for tag in page.soup.select("form [name]")} if name in STATIONS else set()
    return urljoin(page.address, name), sorted(found | set(FIELDS))


@pytest.mark.parametrize("name", forms())
def test_no_input_breaks_a_page_of_the_login(factor_day: FactorDay, clock: StandingClock, name: str) -> None:
    day, browser = factor_day.day, factor_day.day.browser()
    address, fields = stand_at(factor_day, browser, name)
    for told, body, content_type in bodies(fields):
        page = browser.send(address, body, content_type)
        assert page.status < 500, told
        assert leads_on(page) or page.address.startswith(CALLBACK), told
        assert page.heading != "Den side findes ikke" or page.address.startswith(CALLBACK), told
    clock.advance(days=1)
    day.log_in(day.browser(), "/ask?state=after")


@pytest.mark.parametrize("name", sorted(STATIONS))
def test_a_form_that_another_site_sends_does_nothing_and_leads_back(factor_day: FactorDay, name: str) -> None:
    browser = factor_day.day.browser()
    address, fields = stand_at(factor_day, browser, name)
    before = browser.open(address)
    for headers in FROM_ELSEWHERE:
        refused = browser.post(address, [(field, "1") for field in fields], headers=headers)
        assert (refused.status, refused.heading) == (403, "Det kom ikke herfra")
        back = browser.open(refused.link("Tilbage til siden"))
        assert (back.step, back.error) == (before.step, before.error)


def test_a_form_that_our_own_page_sends_is_taken(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.bo.username)
    told = {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}
    assert arrived(browser.post(page.address, [("password", WORDS)], headers=told))["who"] == day.bo.uniid


def test_what_was_too_much_leads_back_to_the_same_page(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    too_much = browser.post(page.address, [("picture", "x" * (1 << 20))])
    assert (too_much.status, too_much.heading) == (413, "Det var for meget")
    assert arrived(browser.tap(browser.open(too_much.link("Tilbage til siden")), PICTURES))["who"] == day.asta.uniid


@pytest.mark.parametrize("path", ["%ED%A0%80", "%00", "%FF/%FE", "a" * 9000, "%F0%9F%A6%99/pictures", "x/%0d%0a"])
def test_no_address_breaks_the_login(day: SchoolDay, path: str) -> None:
    browser = day.browser()
    day.code_page(browser, day.asta.username)
    for page in (browser.open(f"/login/{path}"), browser.post(f"/login/{path}", [("password", "x")])):
        assert 400 <= page.status < 500 or page.status == 200
        assert leads_on(page)


@pytest.mark.parametrize("cookie", [SESSION, BROWSER, HANDOVERS, DEVICES, LANGUAGE])
@pytest.mark.parametrize("value", ["", "x" * 4000, "." * 500, '"\\377\\000"', "æøå", "a.b.c", "%00"])
def test_no_cookie_breaks_the_login(day: SchoolDay, cookie: str, value: str) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    browser.set_cookie(cookie, value)
    for shown in (browser.open(page.address), browser.tap(page, PICTURES), browser.open("/"), browser.open("/logout")):
        assert shown.status < 500
    day.log_in(day.browser(), "/ask?state=after")
