"""The matrix, part two: cookies that are lost, time that runs out, and what others change meanwhile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import (
    LOG_IN_WITH_US,
    SERVICE,
    give_code,
    give_username,
    go_to_service,
    is_inside,
    press,
    tap,
    to_the_code,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration, Persona

pytestmark = pytest.mark.long

ATTEMPT_MINUTES = 31
"""A login is open for half an hour."""


@pytest.mark.parametrize("lost", ["everything", "skolepas-browser"])
def test_a_lost_cookie_leads_to_the_service(page: Page, demo: Demonstration, lost: str) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil)
    page.context.clear_cookies(**({} if lost == "everything" else {"name": lost}))
    give_code(page, pupil.code)
    press(page, "Gå til tjenesten")
    page.click(LOG_IN_WITH_US)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    is_inside(page)


def test_a_lost_hand_over_leads_back_to_the_code(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["pupil-at-two-schools"]
    to_the_code(page, pupil)
    give_code(page, pupil.code)
    expect(page.locator(".choice")).to_have_count(2)
    page.context.clear_cookies(name="skolepas-window")
    page.locator(".choice").first.click()
    give_code(page, pupil.code)
    page.locator(".choice").first.click()
    is_inside(page)


def test_a_lost_session_leads_to_a_new_login(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil)
    code_page = page.url
    give_code(page, pupil.code)
    is_inside(page)
    page.context.clear_cookies(name="skolepas")
    page.goto(code_page)
    press(page, "Gå til tjenesten")
    is_inside(page)  # the service has a session of its own
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator("[data-claim=sub]")).to_be_attached()


@pytest.mark.parametrize("minutes", [ATTEMPT_MINUTES, 24 * 60], ids=["half an hour", "the next day"])
def test_a_login_that_took_too_long(page: Page, demo: Demonstration, minutes: float) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil)
    with demo.later(minutes=minutes):
        give_code(page, pupil.code)
        expect(page.locator("h1")).to_have_text("Dette login er slut")
        if minutes == ATTEMPT_MINUTES:
            press(page, "Log ind igen")
        else:
            press(page, "Gå til tjenesten")
            page.click(LOG_IN_WITH_US)
        give_username(page, pupil.username)
        give_code(page, pupil.code)
        is_inside(page)


def test_a_session_that_ends_while_it_is_asked_about(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil, shared=True)
    give_code(page, pupil.code)
    is_inside(page)
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    expect(page.locator("h1")).to_contain_text("Er du stadig")
    with demo.later(minutes=20):  # unused for a quarter of an hour
        press(page, "Ja, det er mig")
        give_username(page, pupil.username)
        give_code(page, pupil.code)
        expect(page.locator("[data-claim=sub]")).to_be_attached()


def test_a_clock_that_is_ahead(page: Page, demo: Demonstration) -> None:
    page.clock.install(time="2031-01-01T08:00:00")
    pupil = demo.personas["first-grader"]
    to_the_code(page, pupil)
    page.clock.fast_forward("08:00")
    give_code(page, pupil.code)
    is_inside(page)


def test_a_window_that_lapses_while_its_code_is_shown(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    sign = demo.sign_for(pupil.username)
    to_the_code(page, pupil)
    page.click(".other-way a")
    page.click(f"button[data-sign='{sign}']")
    expect(page.locator(".new-pictures")).to_be_visible()
    with demo.later(minutes=25):
        page.click("main button.go")
        expect(page.get_by_role("alert")).to_be_visible()
        give_code(page, pupil.code)
        is_inside(page)


def test_a_code_that_was_changed_in_another_tab(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["special-class-pupil"]
    to_the_code(page, pupil)
    new = _another_code(demo, pupil)
    give_code(page, pupil.code)
    expect(page.get_by_role("alert")).to_be_visible()
    give_code(page, new)
    is_inside(page)
    demo.personas["special-class-pupil"] = type(pupil)(pupil.key, pupil.username, new)


def test_an_account_that_is_blocked_in_the_middle_and_opened_again(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["pupil-at-two-schools"]
    to_the_code(page, pupil)
    give_code(page, pupil.code)
    expect(page.locator(".choice")).to_have_count(2)
    demo.command("people", "block", pupil.username, "--reason", "Prøve")
    page.locator(".choice").first.click()
    expect(page.locator("h1")).to_have_text("Din konto er spærret")
    expect(page.locator(".reference")).to_be_visible()
    demo.command("people", "unblock", pupil.username, "--reason", "Prøve")
    page.reload()
    press(page, "Log ind igen")
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    page.locator(".choice").first.click()
    is_inside(page)


def test_a_blocked_account_lets_somebody_else_log_in(page: Page, demo: Demonstration) -> None:
    pupil, other = demo.personas["pupil-at-two-schools"], demo.personas["fifth-grader"]
    to_the_code(page, pupil)
    demo.command("people", "block", pupil.username, "--reason", "Prøve")
    give_code(page, pupil.code)
    press(page, "Log ind som en anden")
    give_username(page, other.username)
    give_code(page, other.code)
    is_inside(page)
    demo.command("people", "unblock", pupil.username, "--reason", "Prøve")


def test_a_service_that_is_disabled_in_the_middle(page: Page, demo: Demonstration, tmp_path: Path) -> None:
    pupil = demo.personas["fifth-grader"]
    page.goto(_asked_by_a_service_of_today(demo, tmp_path))
    give_username(page, pupil.username)
    demo.command("services", "disable", (tmp_path / "client").read_text(encoding="utf-8"))
    give_code(page, pupil.code)
    expect(page.locator("h1")).to_have_text("Tjenesten er ikke åben her")
    press(page, "Gå til forsiden")
    page.goto(SERVICE)
    go_to_service(page)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    is_inside(page)


def test_pictures_half_tapped_when_the_page_is_loaded_again(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    to_the_code(page, pupil)
    tap(page, pupil.code[:3])
    page.reload()
    expect(page.locator(".slot.filled")).to_have_count(0)
    give_code(page, pupil.code)
    is_inside(page)


def _another_code(demo: Demonstration, pupil: Persona) -> str | tuple[str, ...]:
    """Give the pupil another code behind the page's back."""
    issued = demo.command("codes", "issue", pupil.username, "--json")
    return tuple(issued["pictures"]) if issued.get("pictures") else str(issued["code"])


def _asked_by_a_service_of_today(demo: Demonstration, folder: Path) -> str:
    """Register a service and return the address of its request."""
    metadata = folder / "metadata.json"
    metadata.write_text(
        json.dumps(
            {
                "client_name": "Dagens tjeneste",
                "redirect_uris": [f"{demo.origin}/nowhere"],
                "token_endpoint_auth_method": "client_secret_basic",
            }
        ),
        encoding="utf-8",
    )
    client = demo.command("services", "add-oidc", "--metadata", str(metadata))["client_id"]
    (folder / "client").write_text(client, encoding="utf-8")
    return (
        f"/oidc/authorize?response_type=code&scope=openid&client_id={client}&redirect_uri={demo.origin}/nowhere"
        f"&state=s&nonce=n&code_challenge={'x' * 43}&code_challenge_method=S256"
    )
