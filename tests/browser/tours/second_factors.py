"""One more factor after the code: an app, a passkey, recovery codes, and the pass that lets the first one be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pyotp
from playwright.sync_api import expect

from tests.browser.journeys import GO, SERVICE, give_code, give_username

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration, Persona
    from tests.browser.tours import Windows

TOLD = {
    "enrol-pass": "A service wants two factors, and there is only a code: a one-time pass shows that it is really you.",
    "enrol-pass-wrong": "The pass was not right.",
    "enrol-factor": "What will you use besides your code?",
    "enrol-app": "An app: it reads the image, and shows its first six digits.",
    "enrol-app-wrong": "The digits were not right.",
    "recovery-codes": "Ten recovery codes, shown once.",
    "second-factor": "The code in the app.",
    "second-factor-wrong": "That was not it.",
    "recovery": "A recovery code instead.",
    "clock": "The clock of the phone is wrong: two codes in a row repair it.",
    "pass-lost": "The phone is lost: an administrator's pass lets something new be chosen.",
}
TWO_FACTORS = "&acr_values=ToFaktor"


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with the leader, who enrols an app and is asked for it; in the end it is taken away again."""
    leader = demo.personas["leader"]
    yield from _enrol(windows(), demo, leader)
    yield from _be_asked(windows(), leader)
    no_factor_left(demo, leader)


def enrol_an_app(page: Page, demo: Demonstration, person: Persona) -> None:
    """Go from the page that asks for a pass to the recovery codes."""
    page.fill("[name=pass]", demo.command("factors", "pass", person.username, "--json")["pass"])
    page.click(GO)
    page.click(".choice")
    _give_the_apps_code(page)


def no_factor_left(demo: Demonstration, person: Persona) -> None:
    """Take away what was enrolled; recovery codes end with the last factor."""
    for factor in demo.command("factors", "list", person.username, "--json")[:1]:
        demo.command("factors", "remove", person.username, str(factor["id"]), "--last")


def _enrol(page: Page, demo: Demonstration, person: Persona) -> Iterator[tuple[str, Page]]:
    _ask_for_two(page, person)
    yield "enrol-pass", page
    page.fill("[name=pass]", "AAAA-BBBB-CCCC")
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "enrol-pass-wrong", page
    page.fill("[name=pass]", demo.command("factors", "pass", person.username, "--json")["pass"])
    page.click(GO)
    expect(page.locator(".choice")).to_be_visible()
    yield "enrol-factor", page
    page.click(".choice")
    expect(page.locator(".qr img")).to_be_visible()
    yield "enrol-app", page
    page.fill("[name=code]", "000000")
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "enrol-app-wrong", page
    _give_the_apps_code(page)
    yield "recovery-codes", page
    page.click(GO)


def _be_asked(page: Page, person: Persona) -> Iterator[tuple[str, Page]]:
    _ask_for_two(page, person)
    yield "second-factor", page
    page.fill("[name=code]", "000000")
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "second-factor-wrong", page
    for name, place in (("recovery", 0), ("clock", 1), ("pass-lost", 2)):
        page.locator(".other-way a").nth(place).click()
        expect(page.locator(".digits, [name=pass], [name=code]").first).to_be_visible()
        yield name, page
        page.go_back()


def _give_the_apps_code(page: Page) -> None:
    page.click("summary")
    seed = page.locator(".by-hand").inner_text().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(seed).now())
    page.click(GO)
    expect(page.locator(".codes")).to_be_visible()


def _ask_for_two(page: Page, person: Persona) -> None:
    """Come from the learning service, as it would send people if it wanted two factors of them."""
    language = page.evaluate("() => navigator.language")
    sent = page.request.get(f"{SERVICE}login", max_redirects=0, headers={"Accept-Language": language})
    page.goto(urljoin(sent.url, sent.headers["location"]) + TWO_FACTORS)
    give_username(page, person.username)
    give_code(page, person.code)
    expect(page.locator("main .digits, [name=pass]").first).to_be_visible()
