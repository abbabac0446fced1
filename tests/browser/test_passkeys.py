"""Passkeys in a real browser: made with a one-time pass, used without a username, as a second factor, and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration, Persona

ADD = "a[href*='task=enrol-factor']"
PASSKEY = "form[data-passkey]"
INSIDE = re.compile("/mit/$")


@pytest.fixture
def leader(demo: Demonstration) -> Iterator[Persona]:
    """Return somebody whose factors are taken away again."""
    persona = demo.personas["leader"]
    yield persona
    for factor in demo.command("factors", "list", persona.username, "--json"):
        if factor["kind"] != "recovery-code":  # they end with the last of the others
            demo.command("factors", "remove", persona.username, str(factor["id"]), "--last")


def give_authenticator(page: Page, *, knows_the_person: bool = True, offers: bool = False) -> None:
    """Let the browser have an authenticator of its own, as a telephone or a computer with a fingerprint reader has.

    ``offers``: it also answers what is only offered beside the username.
    """
    talk = page.context.new_cdp_session(page)
    talk.send("WebAuthn.enable", {"enableUI": False})
    talk.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": knows_the_person,
                "automaticPresenceSimulation": True,
            }
        },
    )
    if not offers:
        page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")


def log_in_to_mit(page: Page, person: Persona) -> None:
    page.goto("/mit/")
    give_username(page, person.username)
    give_code(page, person.code)
    expect(page).to_have_url(INSIDE)


def come_to_choose(page: Page, demo: Demonstration, person: Persona) -> None:
    """From Mit login to the page that asks what to use besides the code."""
    log_in_to_mit(page, person)
    page.click(ADD)
    give_username(page, person.username)
    give_code(page, person.code)
    page.fill("[name=pass]", demo.command("factors", "pass", person.username, "--json")["pass"])
    page.click(GO)
    expect(page.locator(".choice")).to_be_visible()


def make_passkey(page: Page, demo: Demonstration, person: Persona) -> None:
    come_to_choose(page, demo, person)
    page.click(f"{PASSKEY} button")
    expect(page.locator(".codes code")).to_have_count(10)
    page.click("form[action*='recovery-codes'] button")
    expect(page).to_have_url(INSIDE)
    expect(page.locator("#factors + ul")).to_contain_text("Adgangsnøgle")


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log ud", exact=True).first.click()
    expect(page.locator("main")).not_to_contain_text("Ud over min kode")


def test_a_passkey_is_made_and_then_logs_in_with_nothing_typed(
    page: Page, demo: Demonstration, leader: Persona
) -> None:
    give_authenticator(page)
    make_passkey(page, demo, leader)
    log_out(page)
    page.goto("/mit/")
    page.click(f"{PASSKEY} button")
    expect(page).to_have_url(INSIDE)
    expect(page.locator("main")).to_contain_text(leader.username)


def test_a_passkey_is_offered_beside_the_username(page: Page, demo: Demonstration, leader: Persona) -> None:
    give_authenticator(page, offers=True)
    make_passkey(page, demo, leader)
    log_out(page)
    page.goto("/mit/")
    expect(page).to_have_url(INSIDE)
    expect(page.locator("main")).to_contain_text(leader.username)


def test_a_passkey_is_the_second_factor(page: Page, demo: Demonstration, leader: Persona) -> None:
    give_authenticator(page)
    make_passkey(page, demo, leader)
    log_out(page)
    log_in_to_mit(page, leader)
    page.locator("a[href*='/remove']").first.click()  # takes two factors
    page.click(f"{PASSKEY} button")
    expect(page).to_have_url(re.compile("/remove$"))


def test_a_passkey_is_used_by_keyboard_alone(page: Page, demo: Demonstration, leader: Persona) -> None:
    give_authenticator(page)
    make_passkey(page, demo, leader)
    log_out(page)
    page.goto("/mit/")
    button = page.locator(f"{PASSKEY} button")
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(INSIDE)


def test_an_authenticator_that_does_not_know_the_person_makes_none(
    page: Page, demo: Demonstration, leader: Persona
) -> None:
    give_authenticator(page, knows_the_person=False)
    come_to_choose(page, demo, leader)
    page.click(f"{PASSKEY} button")
    expect(page.locator(f"{PASSKEY} [role=status]")).to_be_visible()
    assert demo.command("factors", "list", leader.username, "--json") == []


def test_without_a_passkey_for_us_the_page_says_so_and_the_username_still_works(
    page: Page, demo: Demonstration, leader: Persona
) -> None:
    give_authenticator(page)
    page.goto("/mit/")
    page.click(f"{PASSKEY} button")
    expect(page.locator(f"{PASSKEY} [role=status]")).to_be_visible()
    log_in_to_mit(page, leader)


def test_without_javascript_there_is_no_button_that_does_nothing(
    opened: Opener, demo: Demonstration, leader: Persona
) -> None:
    page = opened(javascript=False)
    come_to_choose(page, demo, leader)
    expect(page.locator(PASSKEY)).to_be_hidden()
    expect(page.locator(".choice")).to_be_visible()
    page.goto("/mit/")


def test_recovery_codes_are_copied_and_the_app_is_set_up_without_a_camera(
    opened: Opener, demo: Demonstration, leader: Persona
) -> None:
    page = opened(width=1280)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    come_to_choose(page, demo, leader)
    page.click(".choice")
    expect(page.locator(".qr img")).to_have_js_property("complete", value=True)
    assert page.locator(".qr img").evaluate("one => one.naturalWidth") > 100
    page.click("summary")
    seed = page.locator(".by-hand").inner_text().replace(" ", "")
    page.fill("[name=code]", code_now(seed))
    page.click(GO)
    page.click("[data-keep=copy]")
    expect(page.locator("[data-keep=copy]")).to_contain_text("Kopieret")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.split() == page.locator(".codes code").all_inner_texts()


def code_now(seed: str) -> str:
    return pyotp.TOTP(seed).now()
