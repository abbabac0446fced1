"""The administration of an institution's people, and what one's own page says of second factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username
from tests.browser.tours.second_factors import enrol_an_app, no_factor_left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "administration-people": "The pupils of an institution.",
    "administration-search": "Looking for somebody.",
    "administration-person": "A pupil: the code's rules, another stage's rules for a while, blocking.",
    "administration-cards": "School cards are given out to a class.",
    "administration-code-policy": "Which code is asked of whom, and how strong it is.",
    "administration-reference": "An error page is looked up by its reference.",
    "mit-login-factors": "Mit login of somebody with a second factor.",
    "mit-login-factor-remove": "A second factor is taken away only when that was asked twice.",
}
NORDLYSSKOLEN = "X00A01"


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with the leader, whom the operator made an administrator, and who enrols the factor that it takes."""
    leader, page = demo.personas["leader"], windows()
    demo.command("rights", "grant", leader.username, "brugeradministrator", "--institution", NORDLYSSKOLEN)
    page.goto("/brugeradministration/")
    give_username(page, leader.username)
    give_code(page, leader.code)
    enrol_an_app(page, demo, leader)
    page.click(GO)
    expect(page.locator("h1")).to_be_visible()
    page.goto(f"/brugeradministration/{NORDLYSSKOLEN}/")
    yield "administration-people", page
    page.goto(f"/brugeradministration/{NORDLYSSKOLEN}/?q=a&who=pupils")
    yield "administration-search", page
    page.locator(f"main a[href*='/{NORDLYSSKOLEN}/person'], main table a").first.click()
    expect(page.locator("h1")).to_be_visible()
    yield "administration-person", page
    page.goto(f"/brugeradministration/{NORDLYSSKOLEN}/cards")
    expect(page.locator("h1")).to_be_visible()
    yield "administration-cards", page
    page.goto("/brugeradministration/code-policy")
    yield "administration-code-policy", page
    page.goto("/brugeradministration/reference?ref=ABCD-2345")
    yield "administration-reference", page
    page.goto("/mit/")
    yield "mit-login-factors", page
    page.locator("a[href*='/factors/']").first.click()
    yield "mit-login-factor-remove", page
    for right in demo.command("rights", "list"):
        if right["username"] == leader.username:
            demo.command("rights", "end", str(right["id"]))
    no_factor_left(demo, leader)
