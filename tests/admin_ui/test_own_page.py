"""What a person's own page says, in which language, and to whom it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from idp.audit import AuditEvent
from idp.store import audit
from idp.store.people import SchoolRecord
from idp.usecases import consents
from idp.usecases.sessions import begin_session
from policies import actions
from policies.actions import Action
from policies.consent import Wish
from policies.vocabulary import ActorGroup, Level
from tests import recipes

if TYPE_CHECKING:
    import pytest

    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock


def test_it_names_the_person_the_username_the_school_and_the_class(whole: Whole) -> None:
    page = whole.mit(whole.browser(), whole.asta)
    assert page.heading == "Asta Prøvesen"
    text = page.soup.get_text(" ", strip=True)
    for said in (whole.asta.username, whole.asta.uniid, whole.school.number, "Elev", "Klasse: 1a", "1. klassetrin"):
        assert said in text


def test_a_protected_person_is_shown_the_alias_alone(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        hidden = recipes.a_pupil(
            db, whole.system, whole.school, first_name="Hemmelig", protected=True, code="cat key house sun"
        )
    page = whole.mit(whole.browser(), hidden)
    assert page.heading == "Alias Navn"
    assert "Hemmelig" not in page.body
    assert "navne- og adressebeskyttelse" in page.body


def test_a_protected_person_without_an_alias_is_shown_no_name(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        hidden = recipes.a_pupil(
            db, whole.system, whole.school, first_name="Hemmelig", protected=True, code="cat key house sun"
        )
        record = update(SchoolRecord).where(SchoolRecord.id == hidden.record_id)
        db.execute(record.values(alias_first_name=None, alias_family_name=None))
    page = whole.mit(whole.browser(), hidden)
    assert page.heading == "Dit navn er beskyttet"
    assert "Hemmelig" not in page.body


def test_a_parent_is_told_how_they_are_related_and_nothing_about_the_child(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        child = recipes.a_pupil(db, whole.system, whole.school, level=Level.G3, first_name="Barnlille")
        mother = recipes.a_contact(db, whole.system, whole.school, of=child, code="en-lang-kode")
    page = whole.mit(whole.browser(), mother)
    assert "Mor" in page.soup.get_text(" ", strip=True)
    assert "Barnlille" not in page.body


def test_it_speaks_danish_unless_the_browser_or_the_person_asks_for_english(whole: Whole) -> None:
    assert 'lang="da"' in whole.mit(whole.browser(languages="de"), whole.asta).body
    english = whole.mit(whole.browser(languages="en-GB"), whole.asta)
    assert 'lang="en"' in english.body
    assert "Who I am" in english.body


def test_the_language_is_changed_on_the_page(whole: Whole) -> None:
    browser = whole.browser()
    page = whole.mit(browser, whole.asta)
    after = browser.open(page.link("English"))
    assert (after.path, 'lang="en"' in after.body) == ("/mit/", True)


def test_whom_the_policy_refuses_gets_a_page_with_the_reason_and_a_reference(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    monkeypatch.setitem(actions.ALLOWED, Action.SEE_OWN_PAGE, frozenset())
    page = browser.open("/mit/")
    assert page.status == 403
    shown = page.soup.select_one(".reference")
    assert shown is not None
    with whole.system.database.reading() as db:
        recorded = select(audit.AuditEvent.event, audit.AuditEvent.facts)
        row = db.execute(recorded.where(audit.AuditEvent.reference == shown.get_text(strip=True))).one()
    assert (row.event, row.facts["reason"]) == (AuditEvent.LOGIN_ERROR_SHOWN, "power:right-missing")


def test_an_action_that_no_rule_names_is_nobodys(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    monkeypatch.delitem(actions.ALLOWED, Action.SEE_OWN_PAGE)
    assert browser.open("/mit/").status == 403


def test_nothing_on_the_page_is_inline_or_somebody_elses(whole: Whole) -> None:
    page = whole.mit(whole.browser(), whole.asta)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert not page.soup.select("[style], style, script:not([src]), [onclick]")
    loaded = [str(tag.get("src") or tag.get("href")) for tag in page.soup.select("script, link, img")]
    assert loaded
    assert all(address.startswith("/administration/static/") for address in loaded)


def test_no_such_page_is_said_in_our_own_words(whole: Whole) -> None:
    page = whole.browser().open("/mit/nowhere")
    assert (page.status, page.heading) == (404, "Den side findes ikke")


def test_a_login_on_a_shared_device_is_listed_as_such(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    with whole.system.database.writing() as db:
        begin_session(db, whole.system, person_id=whole.asta.id, factors=(), browser="Safari, iPad", shared=True)
    rows = [row.get_text(" ", strip=True) for row in browser.open("/mit/").soup.select(".sessions li")]
    assert [("Delt enhed" in row, "Safari, iPad" in row) for row in rows] == [(False, False), (True, True)]


def test_whoever_is_more_than_one_thing_may_act_as_the_other(whole: Whole, clock: StandingClock) -> None:
    with whole.system.database.writing() as db:
        other = recipes.a_school(db, whole.system)
    browser = whole.browser()
    page = whole.mit(browser, whole.asta)
    assert "Skift rolle eller skole" not in page.body
    with whole.system.database.writing() as db:
        recipes.also_attached(db, whole.system, whole.asta, other, ActorGroup.PUPIL, level=Level.G1)
    clock.advance(minutes=1)
    page = browser.open(browser.open("/mit/").link("Skift rolle eller skole"))
    assert page.step == "username"
    page = browser.tap(browser.type_username(page, whole.asta.username), str(whole.asta.code))
    assert page.step == "who"
    last = page.form.find_all("button")[-1]
    page = browser.submit(page, ("as", str(last["value"])))
    row = page.soup.select_one(".rows li:has(.badge-info)")
    assert row is not None
    assert other.number in row.get_text()


def test_what_somebody_has_allowed_is_listed_and_taken_back_by_nobody_else(whole: Whole) -> None:
    wish = Wish(frozenset({"openid"}), frozenset({"sub", "name"}))
    with whole.system.database.writing() as db:
        other = recipes.a_pupil(db, whole.system, whole.school)
        own, others = (
            recipes.a_service(db, whole.system, client_id=name, needs_consent=True) for name in ("spillet", "filmen")
        )
        consents.give(db, whole.system, person_id=whole.asta.id, service_id=own, wish=wish)
        consents.give(db, whole.system, person_id=other.id, service_id=others, wish=wish)
    browser = whole.browser()
    page = whole.mit(browser, whole.asta)
    text = page.soup.get_text(" ", strip=True)
    assert "Tjenesten spillet" in text
    assert "Må vide: mit navn" in text
    assert "filmen" not in text
    (token,) = {str(field["value"]) for field in page.soup.select("[name=csrf_token]")}
    for service_id in (others, own):
        page = browser.post(f"/mit/services/{service_id}/withdraw", [("csrf_token", token)])
    assert "Tjenesten spillet" not in page.soup.get_text(" ", strip=True)
    with whole.system.database.reading() as db:
        assert consents.allowed_services(db, whole.asta.id) == ()
        assert [one.id for one in consents.allowed_services(db, other.id)] == [others]
