"""Elevadgang: a teacher gets a class in; and what the pupils see meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from playwright.sync_api import expect

from tests.browser.journeys import GO, SERVICE, give_code, give_username
from tests.browser.tours.second_factors import enrol_an_app, no_factor_left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration, Persona
    from tests.browser.tours import Windows

TOLD = {
    "elevadgang-start": "A teacher chooses one of the own classes.",
    "elevadgang-class": "The class page: how each pupil stands.",
    "elevadgang-new-code": "A new code: the pupil's sign, and how long it holds.",
    "elevadgang-wrong-sign": "Somebody picked a wrong sign, and the window is closed.",
    "elevadgang-usernames": "A username is looked up, on record.",
    "elevadgang-sheet": "The usernames of a class, to be printed.",
    "step-up": "A pupil waits for an adult; the teacher sees the same two pictures.",
    "elevadgang-waiting": "Pupils who wait for the teacher; an unusual one takes a press of its own.",
    "step-up-refused": "The teacher said no.",
    "elevadgang-substitutes": "A colleague is let in to a class for some days.",
    "mit-login-record": "What was done to an account, and by whom.",
    "elevadgang-no-class": "Somebody who has no class there.",
    "elevadgang-stop": "Emergency stop: what it would do, before it is pressed.",
    "school-record": "The leadership reads what staff did for pupils.",
}
NORDLYSSKOLEN = "X00A01"
LEVEL = "&acr_values=VoksenVerificeret"


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with the teacher of 1a and a pupil of hers; in the end the teacher's factor is taken away again."""
    teacher, pupil, page = demo.personas["teacher"], demo.personas["first-grader"], windows()
    go_to_elevadgang(page, demo, teacher)
    page.goto("/elevadgang/?choose=1")
    yield "elevadgang-start", page
    page.locator(".class-choice").filter(has_text="Egernene").first.click()
    expect(page.locator(".pupil").first).to_be_visible()
    yield "elevadgang-class", page
    yield from _codes(page, windows(), pupil)
    yield from _waiting(page, windows(), pupil)
    page.click("a[href$='/substitutes']")
    expect(page.locator("#person")).to_be_visible()
    yield "elevadgang-substitutes", page  # and it asks no more
    page.goto("about:blank")
    no_factor_left(demo, teacher)
    yield from _own_record(windows(), pupil)
    yield from _of_the_leadership(windows(), demo)


def go_to_elevadgang(page: Page, demo: Demonstration, person: Persona) -> None:
    """Open Elevadgang for the first time: with a one-time pass, for the second factor that it takes."""
    page.goto("/elevadgang/")
    give_username(page, person.username)
    give_code(page, person.code)
    enrol_an_app(page, demo, person)
    page.click(GO)
    expect(page.locator("h1")).to_be_visible()


def wait_for_an_adult(page: Page, person: Persona) -> None:
    """Come from the learning service, as it sends a pupil whom an adult must vouch for."""
    language = page.evaluate("() => navigator.language")
    sent = page.request.get(f"{SERVICE}login", max_redirects=0, headers={"Accept-Language": language})
    page.goto(urljoin(sent.url, sent.headers["location"]) + LEVEL)
    give_username(page, person.username)
    give_code(page, person.code)
    expect(page.locator(".match-sign")).to_be_visible()


def _codes(page: Page, pupils: Page, pupil: Persona) -> Iterator[tuple[str, Page]]:
    page.locator("input[name=pupil]").first.check()
    page.click(".actions .button-primary")
    expect(page.locator(".sign-word").first).to_be_visible()
    yield "elevadgang-new-code", page
    page.locator("button[formaction$='/withdraw']").first.click()
    for box in page.locator("input[name=pupil]").all()[:3]:
        box.check()
    page.click(".actions .button-secondary")
    expect(page.locator("table")).to_be_visible()
    yield "elevadgang-usernames", page
    page.click("main a.button-primary")
    page.click("form[action$='/sheet'] button")
    expect(page.locator("table")).to_be_visible()
    yield "elevadgang-sheet", page
    page.click("main a.button-primary")
    yield from _wrong_sign(page, pupils, pupil)


def _wrong_sign(page: Page, pupils: Page, pupil: Persona) -> Iterator[tuple[str, Page]]:
    page.click("[data-tick-all]")
    page.click(".actions .button-primary")
    signs = page.locator(".sign > summary img").evaluate_all(
        "all => all.map(one => one.src.match(/([a-z-]+)\\.svg/)[1])"
    )
    pupils.goto(f"{SERVICE}login")
    give_username(pupils, pupil.username)
    pupils.locator("a[href*='/sign']").first.click()
    shown = pupils.locator("[data-sign]").evaluate_all("all => all.map(one => one.dataset.sign)")
    for sign in shown:  # one that is nobody's, or that of another pupil: either is wrong for this one
        if signs.count(sign) == 0:
            pupils.click(f"[data-sign='{sign}']")
            break
    expect(pupils.get_by_role("alert")).to_be_visible()
    expect(page.locator(".window-wrong-sign")).to_be_visible()
    yield "elevadgang-wrong-sign", page
    for _ in range(page.locator("button[formaction$='/withdraw']").count()):
        page.locator("button[formaction$='/withdraw']").first.click()


def _waiting(page: Page, pupils: Page, pupil: Persona) -> Iterator[tuple[str, Page]]:
    wait_for_an_adult(pupils, pupil)
    yield "step-up", pupils
    expect(page.locator(".request")).to_be_visible()
    yield "elevadgang-waiting", page
    page.locator(".request button[name=no]").click()
    expect(pupils.locator("button[value=again]")).to_be_visible()
    yield "step-up-refused", pupils
    pupils.click("button[value=leave]")


def _own_record(page: Page, pupil: Persona) -> Iterator[tuple[str, Page]]:
    page.goto("/mit/record")
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator(".record li").first).to_be_visible()
    yield "mit-login-record", page


def _of_the_leadership(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    leader = demo.personas["leader"]
    go_to_elevadgang(page, demo, leader)
    yield "elevadgang-no-class", page
    demo.command("rights", "grant", leader.username, "brugeradministrator", "--institution", NORDLYSSKOLEN)
    page.goto("/elevadgang/?choose=1")
    page.locator(".class-choice").first.click()
    page.click("a[href$='/stop']")
    expect(page.locator("#sure")).to_be_attached()
    yield "elevadgang-stop", page
    page.goto("/brugeradministration/records")
    expect(page.locator(".record li").first).to_be_visible()
    yield "school-record", page
    for right in demo.command("rights", "list"):
        if right["username"] == leader.username:
            demo.command("rights", "end", str(right["id"]))
    no_factor_left(demo, leader)
