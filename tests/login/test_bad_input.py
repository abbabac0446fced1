"""Whatever is sent to a page of the login: clear words, a way on, no fault of ours, and nothing lost.

The pages come from :data:`idp.web.login_pages.PAGES` and the URL map; each has its way there in :data:`STATIONS`, and a new
one without fails. The fields are those of the page. Wrong codes slow nobody down here, so that every value is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pytest
from flask import Flask

from idp.usecases.windows import open_window
from idp.web.login_flow import login_blueprint
from idp.web.login_pages import PAGES
from idp.web.session_cookie import BROWSER, DEVICES, HANDOVERS, LANGUAGE, SESSION
from policies.vocabulary import ActorGroup, Level, WindowPurpose
from tests import recipes
from tests.opponents.bad_input import FROM_ELSEWHERE, bodies, leads_on
from tests.opponents.databases import sqlite_is_long
from tests.opponents.factor_day import TASK, TWO, FactorDay
from tests.opponents.factor_day import WORDS as FACTOR_WORDS
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, a_day, arrived
from tests.opponents.small_protocol import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.usecases.system import System
    from policies.rules import LockoutRule
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page
    from tests.recipes import Someone

WITHOUT_A_FORM: Final = {"app-code"}
"""Pages of the login that only show something: the picture for the app."""
WITH_ANOTHER_PROVIDER: Final = {"elsewhere"}
"""Forms that need another provider: tried in tests/login/test_elsewhere.py."""
READ_NOTHING: Final = {"new-code", "recovery-codes", "new-codes", "cancel", "not-you"}
"""Forms of one button: whatever comes with it, the login goes on."""
ONLY_ASK_AGAIN: Final = {
    "username", "who", "code-ends", "still-you", "consent", "other-screen", "enrol-factor", "step-up",
}  # fmt: skip
"""Pages of cards and buttons, where what was not offered is asked again; and a name, which nobody is told is wrong."""
DAYS_LEFT: Final = 7


@pytest.fixture
def unlocked(system: System, clock: StandingClock) -> FactorDay:
    """A school day on which a thousand wrong codes slow nobody down."""
    rules = system.rules.lockout
    free = replace(
        rules,
        known_device=_free(rules.known_device),
        strangers={kind: _free(rule) for kind, rule in rules.strangers.items()},
        second_factor=_free(rules.second_factor),
        network=_free(rules.network),
        everywhere=replace(rules.everywhere, free_failures_least=1000 * rules.everywhere.parts),
    )
    day = a_day(replace(system, rules=replace(system.rules, lockout=free)))
    return FactorDay(day, clock, _a_teacher(day))


def _free(rule: LockoutRule) -> LockoutRule:
    return replace(rule, free_failures=1000, budget=None)


def forms() -> list[str]:
    """Every address below a login that takes a form, by its last part that is the same for all."""
    app = Flask("login")
    app.register_blueprint(login_blueprint)
    rules = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())}
    named = {rule.removeprefix("/login/<handle>/").partition("/")[0] for rule in rules} - {"<page>"}
    return sorted(named | PAGES.keys())


def _a_teacher(day: SchoolDay) -> Someone:
    with day.system.database.writing() as db:
        return recipes.a_teacher(db, day.system, day.school, code=FACTOR_WORDS)


def _another_teacher(at: FactorDay) -> None:
    """Let ``viggo`` be somebody who has no second factor yet."""
    at.viggo, at.seed = _a_teacher(at.day), b""


def _new_code(at: FactorDay, browser: Browser, someone: Someone) -> Page:
    day = at.day
    with day.system.database.writing() as db:
        window = open_window(db, day.system, person_id=someone.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)
    page = browser.open(day.code_page(browser, someone.username).link("tegn"))
    return browser.pick_sign(page, window.sign)


def _with_app(at: FactorDay, browser: Browser, ask: str = TWO) -> Page:
    if not at.seed:
        at.has_app()
    return at.with_code(browser, ask)


def _enrol(at: FactorDay, browser: Browser) -> Page:
    _another_teacher(at)
    return at.use_pass(browser, at.with_code(browser))


def _app(at: FactorDay, browser: Browser) -> Page:
    return at.begin_app(browser, _enrol(at, browser))


def _renews(at: FactorDay, browser: Browser) -> Page:
    page = _with_app(at, browser, TASK)
    at.clock.advance(seconds=60)
    return browser.submit(page, ("code", at.app_code()))


def _who(at: FactorDay, browser: Browser) -> Page:
    _another_teacher(at)
    with at.day.system.database.writing() as db:
        other = recipes.a_school(db, at.day.system)
        recipes.also_attached(db, at.day.system, at.viggo, other, ActorGroup.CONTACT)
    return at.with_code(browser, "/ask?state=one")


def _asked(at: FactorDay, browser: Browser, ask: str) -> Page:
    _another_teacher(at)
    return at.with_code(browser, ask)


def _step_up(at: FactorDay, browser: Browser) -> Page:
    page = at.day.code_page(browser, at.day.asta.username, "/ask?level=VoksenVerificeret&state=one")
    return browser.tap(page, PICTURES)


def _code_ends(at: FactorDay, browser: Browser) -> Page:
    day = at.day
    with day.system.database.writing() as db:
        pupil = recipes.a_pupil(db, day.system, day.school, level=Level.G8, code=FACTOR_WORDS)
    at.clock.advance(days=365 - DAYS_LEFT)
    return browser.type_code(day.code_page(browser, pupil.username), FACTOR_WORDS)


def _shared(at: FactorDay, browser: Browser) -> Page:
    said = (("shared-asked", "1"), ("shared", "1"), ("username", at.day.asta.username))
    return browser.submit(browser.open("/ask?state=one"), *said)


def _still_you(at: FactorDay, browser: Browser) -> Page:
    arrived(browser.tap(_shared(at, browser), PICTURES))
    return browser.open("/ask?state=two")


STATIONS: Final[Mapping[str, Callable[[FactorDay, Browser], Page]]] = {
    "username": lambda _at, browser: browser.open("/ask?state=one"),
    "language": lambda _at, browser: browser.open("/ask?state=one"),
    "passkey": lambda _at, browser: browser.open("/ask?state=one"),
    "card": lambda _at, browser: browser.open(browser.open("/ask?state=one").address.replace("username", "card")),
    "pictures": lambda at, browser: at.day.code_page(browser, at.day.asta.username),
    "password": lambda at, browser: at.day.code_page(browser, at.day.bo.username),
    "not-you": _shared,
    "still-you": _still_you,
    "sign": lambda at, browser: browser.open(at.day.code_page(browser, at.day.asta.username).link("tegn")),
    "new-code": lambda at, browser: _new_code(at, browser, at.day.carl),
    "confirm": lambda at, browser: browser.submit(_new_code(at, browser, at.day.carl)),
    "choose-code": lambda at, browser: browser.open(_new_code(at, browser, at.day.dina).link("vælge min egen")),
    "code-ends": _code_ends,
    "consent": lambda at, browser: _asked(at, browser, "/ask?state=one&consent=openid"),
    "other-screen": lambda at, browser: _asked(at, browser, "/ask?state=one&screen=WDJB-MJHT"),
    "who": _who,
    "step-up": _step_up,
    "second-factor": _with_app,
    "recovery": lambda at, browser: browser.open(_with_app(at, browser).link("nødkode")),
    "clock": lambda at, browser: browser.open(_with_app(at, browser).link("aldrig rigtig")),
    "cancel": lambda at, browser: at.with_code(browser),
    "pass": lambda at, browser: at.with_code(browser),
    "enrol-factor": _enrol,
    "new-passkey": _enrol,
    "app": _app,
    "recovery-codes": lambda at, browser: browser.submit(_app(at, browser), ("code", at.app_code())),
    "new-codes": _renews,
}


def stand_at(at: FactorDay, browser: Browser, name: str) -> tuple[Page, str, list[str]]:
    """Go to the page that has a form: the page, the form's address, and the names of its fields."""
    page = STATIONS[name](at, browser)
    where = {str(tag.get("action") or tag.get("formaction")): tag for tag in page.soup.select("[action], [formaction]")}
    found = [(address, tag) for address, tag in where.items() if f"/{name}" in address.removeprefix("/login")]
    assert found, f"no form for {name} on {page.address}: {page.body}"
    address, tag = found[0]
    form = (
        page.soup.find(id=tag["form"])
        if tag.has_attr("form")
        else tag
        if tag.name == "form"
        else tag.find_parent("form")
    )
    assert form is not None
    return page, urljoin(page.address, address), sorted({str(one["name"]) for one in form.select("[name]")})


def test_every_form_of_the_login_is_tried() -> None:
    assert set(forms()) == STATIONS.keys() | WITHOUT_A_FORM | WITH_ANOTHER_PROVIDER
    assert STATIONS.keys() >= READ_NOTHING | ONLY_ASK_AGAIN


@sqlite_is_long
@pytest.mark.parametrize("name", sorted(STATIONS))
def test_no_input_breaks_a_page_of_the_login(unlocked: FactorDay, clock: StandingClock, name: str) -> None:
    day, browser = unlocked.day, unlocked.day.browser()
    stood, address, fields = stand_at(unlocked, browser, name)
    assert bool(fields) is (name not in READ_NOTHING)
    for told, body, content_type in list(bodies(fields or ["nothing"]))[:: 6 if name in READ_NOTHING else 1]:
        if stood is None:
            browser = day.browser()
            stood, address, _ = stand_at(unlocked, browser, name)
        page = browser.send(address, body, content_type)
        went_on = page.address.startswith(CALLBACK)
        assert page.status < 500, told
        assert went_on or (leads_on(page) and page.heading != "Den side findes ikke"), told
        if name not in READ_NOTHING | ONLY_ASK_AGAIN | {"language"}:
            assert went_on or page.error or page.status == 413 or page.step == "confirm" != name, told
        if page.step not in {name, stood.step}:
            stood = None
    day.log_in(day.browser(), "/ask?state=after")


@sqlite_is_long
@pytest.mark.parametrize("name", sorted(STATIONS))
def test_a_form_that_another_site_sends_does_nothing_and_leads_back(factor_day: FactorDay, name: str) -> None:
    browser = factor_day.day.browser()
    stood, address, fields = stand_at(factor_day, browser, name)
    headers = FROM_ELSEWHERE if name == "password" else FROM_ELSEWHERE[:1]
    for header in headers:
        refused = browser.post(address, [(field, "1") for field in fields], headers=header)
        assert (refused.status, refused.heading) == (403, "Det kom ikke herfra")
        browser.open(refused.link("Tilbage til siden"))
        back = browser.open(stood.address)
        assert (back.step, back.heading, back.error) == (stood.step, stood.heading, stood.error)


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


@sqlite_is_long
@pytest.mark.parametrize("path", ["%ED%A0%80", "%00", "%FF/%FE", "a" * 9000, "%F0%9F%A6%99/pictures", "x/%0d%0a"])
def test_no_address_breaks_the_login(day: SchoolDay, path: str) -> None:
    browser = day.browser()
    day.code_page(browser, day.asta.username)
    for page in (browser.open(f"/login/{path}"), browser.post(f"/login/{path}", [("password", "x")])):
        assert 400 <= page.status < 500 or page.status == 200
        assert leads_on(page)


@sqlite_is_long
@pytest.mark.parametrize("cookie", [SESSION, BROWSER, HANDOVERS, DEVICES, LANGUAGE])
def test_no_cookie_breaks_the_login(day: SchoolDay, cookie: str) -> None:
    for value in ("", "x" * 4000, "." * 500, '"\\377\\000"', "æøå", "a.b.c", "%00"):
        browser = day.browser()
        page = day.code_page(browser, day.asta.username)
        browser.set_cookie(cookie, value)
        for shown in (
            browser.open(page.address),
            browser.tap(page, PICTURES),
            browser.open("/"),
            browser.open("/logout"),
        ):
            assert shown.status < 500, value
    day.log_in(day.browser(), "/ask?state=after")
