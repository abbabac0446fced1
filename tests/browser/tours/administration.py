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
    "administration-form-not-good": "What is missing is said beside its field, and nothing is lost.",
    "administration-stage-forced": "Another stage's rules hold for a pupil, by whose decision and why.",
    "administration-blocked": "A blocked pupil.",
    "administration-cards": "School cards are given out to a class.",
    "administration-card-rule": "When and where the school's cards work, with what must be put right beside its field.",
    "administration-code-policy": "Which code is asked of whom, and how strong it is.",
    "administration-reference": "A reference that nothing is kept under.",
    "administration-reference-found": "An error page is looked up by its reference: when, why, and what to do.",
    "mit-login-factors": "Mit login of somebody with a second factor.",
    "mit-login-factor-remove": "A second factor is taken away only when that was asked twice.",
}
NORDLYSSKOLEN = "X00A01"
STAGE = "form[action$='/stage']"


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
    yield from _use_power(page)
    page.goto(f"/brugeradministration/{NORDLYSSKOLEN}/cards")
    page.select_option("#class", index=1)
    page.click("main form[method=get] button")
    expect(page.locator("main table")).to_be_visible()
    yield "administration-cards", page
    yield from _set_no_card_rule(page)
    page.goto("/brugeradministration/code-policy")
    yield "administration-code-policy", page
    page.goto("/brugeradministration/reference?ref=ABCD-2345")
    yield "administration-reference", page
    page.goto("/oidc/authorize?client_id=nobody")
    reference = page.inner_text(".reference")
    page.goto(f"/brugeradministration/reference?ref={reference.lower().replace('-', '+')}")
    expect(page.locator("#found")).to_contain_text(reference)
    yield "administration-reference-found", page
    page.goto("/mit/")
    yield "mit-login-factors", page
    page.locator("a[href*='/factors/']").first.click()
    yield "mit-login-factor-remove", page
    for right in demo.command("rights", "list"):
        if right["username"] == leader.username:
            demo.command("rights", "end", str(right["id"]))
    no_factor_left(demo, leader)


def _set_no_card_rule(page: Page) -> Iterator[tuple[str, Page]]:
    """Ask for what does not do, so that the school's cards go on as they were."""
    page.click("section[aria-labelledby=rule] summary")
    page.check("#enabled", force=True)
    page.fill("#opens", "16:00")
    page.fill("#closes", "08:00")
    page.fill("#networks", "192.0.2.7/24")
    page.click("form[action$='/cards/rule'] button")
    expect(page.locator("#networks-fault")).to_be_visible()
    yield "administration-card-rule", page


def _use_power(page: Page) -> Iterator[tuple[str, Page]]:
    """Do to the pupil of the page what an administrator can, and take all of it back."""
    page.click("#rules summary")
    page.click(f"{STAGE} button")
    expect(page.locator("#stage-reason-fault")).to_be_visible()
    yield "administration-form-not-good", page
    page.check(f"{STAGE} input[value=mellemtrin]", force=True)
    page.fill("#last_day", page.get_attribute("#last_day", "max") or "")
    page.fill("#stage-reason", "Aftalt med hjemmet")
    page.click(f"{STAGE} button")
    expect(page.locator("#rules .note")).to_contain_text("Aftalt med hjemmet")
    yield "administration-stage-forced", page
    page.click("form[action$='/stage/end'] button")
    page.click("#account summary")
    page.fill("#block-reason", "Tabt tablet")
    page.click("form[action$='/block'] button")
    expect(page.locator("form[action$='/unblock']")).to_be_visible()
    yield "administration-blocked", page
    page.fill("#block-reason", "Fundet igen")
    page.click("form[action$='/unblock'] button")
    expect(page.locator("#account summary")).to_be_visible()
