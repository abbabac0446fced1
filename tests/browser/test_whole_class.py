"""A teacher and six pupils, each in a window of their own, at a service that wants more than a code."""

from __future__ import annotations

import re
from datetime import timedelta
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from admin_ui.cli import Operator
from idp.store.credentials import KnownDevice
from tests.browser import chromium, demonstration
from tests.browser.accessibility import violations
from tests.browser.demonstration import Persona
from tests.browser.journeys import SERVICE, give_code, give_username, is_inside, log_in, tab_to
from tests.browser.tours.elevadgang import go_to_elevadgang
from tests.browser.tours.second_factors import no_factor_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration

PUPILS, PEOPLE = 6, 900
"""So many pupils wait, in a class of a demo that is big enough."""


@pytest.fixture
def teacher(opened: Opener, demo: Demonstration) -> Iterator[Page]:
    """The teacher's window, on the page of the biggest class."""
    page = opened()
    to_the_class(page, demo)
    yield page
    page.goto("about:blank")  # it asks no more
    no_factor_left(demo, demo.personas["teacher"])


def to_the_class(page: Page, demo: Demonstration) -> None:
    """Go to a class of older pupils, as their teacher."""
    go_to_elevadgang(page, demo, demo.personas["teacher"])
    page.goto("/elevadgang/?choose=1")
    page.locator(".class-choice").filter(has_text="6.b").click()
    expect(page.locator(".pupil").first).to_be_visible()


def some_pupils(teacher: Page, demo: Demonstration, many: int) -> list[Persona]:
    """Pupils of the class, with a code each, by the class sheet."""
    address = teacher.url
    teacher.click("form[action$='/sheet'] button")
    names = teacher.locator("td.exact").all_inner_texts()[:many]
    teacher.goto(address)
    issued = [demo.command("codes", "issue", name, "--json") for name in names]
    return [Persona(name, name, one["code"]) for name, one in zip(names, issued, strict=True)]


def logged_in_the_day_before(demo: Demonstration) -> None:
    """Let everybody's browsers have been known for a day: a class that logs in as on any other morning."""
    system = Operator(demo.folder / "skolepas.toml").system
    with system.database.writing() as db:
        db.execute(update(KnownDevice).values(first_seen_at=system.now() - timedelta(days=1)))


def open_the_letter(page: Page) -> None:
    page.locator("a[href*='letter=1']").click()


@pytest.mark.long
def test_a_whole_class_goes_on_with_one_press(
    browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with demonstration.running(tmp_path / "demo", people=PEOPLE) as demo:
        _whole_class(demo, lambda: chromium.a_window(browser, demo.origin, language="da-DK").new_page(), capsys)


def _whole_class(demo: Demonstration, window: Callable[[], Page], capsys: pytest.CaptureFixture[str]) -> None:
    teacher = window()
    to_the_class(teacher, demo)
    pupils = [(one, window()) for one in some_pupils(teacher, demo, PUPILS)]
    for one, page in pupils:
        log_in(page, one)
    logged_in_the_day_before(demo)
    for _, page in pupils:
        open_the_letter(page)
        expect(page.locator(".match-sign")).to_be_visible()
    expect(teacher.locator(".request")).to_have_count(PUPILS)  # by itself: nobody has loaded the page anew
    signs = {tuple(page.locator(".match-sign .word").all_inner_texts()) for _, page in pupils}
    assert len(signs) == PUPILS
    assert signs == {
        tuple(one.locator(".match-picture span").all_inner_texts()) for one in teacher.locator(".request").all()
    }
    teacher.click("button[name=answer][value=all]")
    pressed = monotonic()
    left, took = list(pupils), []
    while left:
        for pair in list(left):
            if re.search(f"{SERVICE}$", pair[1].url):
                took.append(monotonic() - pressed)
                left.remove(pair)
        teacher.wait_for_timeout(50)
        assert monotonic() - pressed < 30
    for _, page in pupils:
        is_inside(page)
        expect(page.locator("[data-claim=acr]")).to_have_text("VoksenVerificeret")
        expect(page.locator(".letter")).to_be_visible()
    with capsys.disabled():
        print(f"\nfrom the press to {PUPILS} pupils' pages: median {median(took):.1f} s, slowest {max(took):.1f} s")  # noqa: T201
    assert len(took) == PUPILS


def test_a_pupil_waits_and_the_teacher_says_yes_by_the_keyboard_alone(
    opened: Opener, demo: Demonstration, teacher: Page
) -> None:
    (pupil,), page = some_pupils(teacher, demo, 1), opened()
    page.goto(f"{SERVICE}login?letter=1")
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator(".match-sign")).to_be_visible()
    assert violations(page) == []
    expect(teacher.locator(".request")).to_have_count(1)
    assert violations(teacher) == []
    teacher.focus("h1, a.skipnav")
    tab_to(teacher, ".request button[name=yes]")
    named = teacher.evaluate("() => document.activeElement.textContent.replace(/\\s+/g, ' ').trim()")
    assert named.startswith("Ja til ")
    teacher.keyboard.press("Enter")
    is_inside(page)
    expect(page.locator(".letter")).to_be_visible()


def test_a_new_code_takes_two_presses_and_what_was_ticked_survives_the_page_changing(
    opened: Opener, demo: Demonstration, teacher: Page
) -> None:
    (pupil,), page = some_pupils(teacher, demo, 1), opened()
    boxes = teacher.locator("input[name=pupil]")
    boxes.nth(0).check()  # one press
    teacher.click(".actions .button-primary")  # and another: the sign is there
    sign = teacher.locator(".sign > summary .sign-word").first.inner_text()
    boxes.nth(1).check()
    teacher.locator(".sign > summary").first.click()
    page.goto(f"{SERVICE}login")
    give_username(page, pupil.username)
    page.locator("a[href*='/sign']").first.click()
    page.locator(".signs button").filter(has_text=sign).click()
    expect(page.locator(".new-code")).to_be_visible()
    expect(teacher.locator(".window-claimed")).to_be_visible()
    expect(boxes.nth(1)).to_be_checked()
    assert page.locator(".new-code").inner_text() not in teacher.content()
