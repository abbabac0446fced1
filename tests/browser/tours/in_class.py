"""In class: codes under way, a lesson that was approved, a wait that came to nothing, a stop, and a parent at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from admin_ui.cli import Operator
from idp.store.class_state import usernames_of
from idp.store.custody import ties_of
from idp.usecases.custody import confirm_seen
from idp.usecases.people import find_by_username
from tests.browser.demonstration import Persona
from tests.browser.journeys import GO, SERVICE, give_code, give_username
from tests.browser.tours.elevadgang import NORDLYSSKOLEN, go_to_elevadgang, wait_for_an_adult
from tests.browser.tours.second_factors import enrol_an_app, no_factor_left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "elevadgang-claimed": "The pupil has picked the right sign, and is at it.",
    "elevadgang-second-browser": "Another browser gave the right sign too.",
    "elevadgang-done": "The pupil has a new code.",
    "elevadgang-lapsed": "Nobody picked the sign within five minutes.",
    "elevadgang-lesson": "A lesson is approved beforehand: its sign is shown to the class.",
    "step-up-lesson": "A pupil in a lesson that was approved picks its sign.",
    "step-up-lapsed": "Nobody has answered.",
    "elevadgang-stopped": "Emergency stop: what it did.",
    "mit-login-children-unknown": "A parent whom no school has seen yet.",
    "mit-login-children": "A parent's child waits.",
    "child-record": "A parent reads what was done to the child's account.",
}
IN_USE = "4.b"
"""A class with nobody in it who is known by name elsewhere in the demo."""


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with the leader, who helps a class as an administrator, and with a parent."""
    leader, page = demo.personas["leader"], windows()
    demo.command("rights", "grant", leader.username, "brugeradministrator", "--institution", NORDLYSSKOLEN)
    go_to_elevadgang(page, demo, leader)
    _to_class(page, IN_USE)
    pupils = _usernames(page)
    yield from _codes(page, windows, demo, pupils[0])
    yield from _lesson(page, windows(), demo, pupils[1])
    yield from _asked_in_vain(windows(), demo, pupils[2])
    yield from _stop(page)
    page.goto("about:blank")
    yield from _parent(windows, demo)
    for right in demo.command("rights", "list"):
        if right["username"] == leader.username:
            demo.command("rights", "end", str(right["id"]))
    no_factor_left(demo, leader)


def _to_class(page: Page, name: str) -> None:
    page.goto("/elevadgang/?choose=1")
    page.locator(".class-choice").filter(has_text=name).first.click()
    expect(page.locator(".pupil").first).to_be_visible()


def _usernames(page: Page) -> list[str]:
    address = page.url
    page.click("form[action$='/sheet'] button")
    names = page.locator("td.exact").all_inner_texts()
    page.goto(address)
    return names


def _codes(page: Page, windows: Windows, demo: Demonstration, username: str) -> Iterator[tuple[str, Page]]:
    page.locator("input[name=pupil]").first.check()
    page.click(".actions .button-primary")
    sign = page.locator(".sign > summary .sign-word").first.inner_text()
    pupil = windows()
    _pick(pupil, username, sign)
    expect(pupil.locator(".new-code")).to_be_visible()
    expect(page.locator(".window-claimed")).to_be_visible()
    yield "elevadgang-claimed", page
    _pick(windows(), username, sign)
    expect(page.locator(".alarm")).to_be_visible()
    yield "elevadgang-second-browser", page
    code = pupil.locator(".new-code").inner_text()
    pupil.click(GO)
    give_code(pupil, code)
    expect(page.locator(".window-done")).to_be_visible()
    yield "elevadgang-done", page
    page.locator("input[name=pupil]").nth(3).check()
    page.click(".actions .button-primary")
    with demo.later(minutes=6):
        page.reload()
        expect(page.locator(".window-lapsed")).to_be_visible()
        yield "elevadgang-lapsed", page


def _pick(page: Page, username: str, sign: str) -> None:
    page.goto(f"{SERVICE}login")
    give_username(page, username)
    page.locator("a[href*='/sign']").first.click()
    page.locator(".signs button").filter(has_text=sign).click()


def _lesson(page: Page, pupil: Page, demo: Demonstration, username: str) -> Iterator[tuple[str, Page]]:
    here = ("--network", "127.0.0.0/8", "--network", "::1/128")
    demo.command("institutions", "lessons", NORDLYSSKOLEN, "--on", *here)
    page.reload()
    page.click("[data-tick-all]")
    page.click(".actions button[formaction$='/lesson']")
    expect(page.locator(".lesson")).to_be_visible()
    yield "elevadgang-lesson", page
    wait_for_an_adult(pupil, _with_code(demo, username))
    pupil.click("details.lesson summary")
    yield "step-up-lesson", pupil
    pupil.click("button[value=leave]")
    demo.command("institutions", "lessons", NORDLYSSKOLEN, "--off")


def _asked_in_vain(page: Page, demo: Demonstration, username: str) -> Iterator[tuple[str, Page]]:
    wait_for_an_adult(page, _with_code(demo, username))
    with demo.later(minutes=11):
        page.reload()
        expect(page.locator("button[value=again]")).to_be_visible()
        yield "step-up-lapsed", page


def _stop(page: Page) -> Iterator[tuple[str, Page]]:
    _to_class(page, IN_USE)
    page.click("a[href$='/stop']")
    page.fill("[name=reason]", "Listen med koder lå i klassen / The list of codes lay about")
    page.check("[name=scope][value=class]")
    page.check("#sure", force=True)
    page.click("main button.danger")
    expect(page.locator("#report")).to_be_visible()
    yield "elevadgang-stopped", page


def _parent(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    parent, page = demo.personas["parent"], windows()
    page.goto("/mit/children")
    give_username(page, parent.username)
    give_code(page, parent.code)
    page.locator(".choice").first.click()
    enrol_an_app(page, demo, parent)
    page.click(GO)
    expect(page.locator("#live")).to_be_visible()
    expect(page.locator(".note").first).to_be_visible()
    yield "mit-login-children-unknown", page
    child = _seen_in_person(demo, parent)
    pupil = windows()
    wait_for_an_adult(pupil, _with_code(demo, child))
    page.reload()
    expect(page.locator(".match")).to_be_visible()
    yield "mit-login-children", page
    page.locator(".request-actions button[name=yes]").click()
    page.locator("a[href$='/record']").first.click()
    expect(page.locator(".record li").first).to_be_visible()
    yield "child-record", page
    page.goto("about:blank")
    no_factor_left(demo, parent)


def _with_code(demo: Demonstration, username: str) -> Persona:
    issued = demo.command("codes", "issue", username, "--json")
    return Persona(username, username, tuple(issued["pictures"]) if "pictures" in issued else issued["code"])


def _seen_in_person(demo: Demonstration, parent: Persona) -> str:
    """Let the school have seen the parent, and return the username of a child in the parent's custody there."""
    system = Operator(demo.folder / "skolepas.toml").system
    with system.database.writing() as db:
        found, by = (find_by_username(db, one.username) for one in (parent, demo.personas["leader"]))
        if found is None or by is None:
            raise LookupError(parent.key)
        tie = next(one for one in ties_of(db, found.person_id) if one.custody)
        confirm_seen(db, system, person_id=found.person_id, institution_id=tie.institution_id, by=by.person_id)
        return usernames_of(db, [tie.person_id])[tie.person_id]
