"""School cards from the pages of Brugeradministration: for a pupil, for a class, blocked; when and where they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from idp.audit import AuditEvent
from idp.store.audit import AuditEvent as AuditRow
from idp.store.groups import SchoolGroup
from idp.store.login_sessions import SessionFactor
from idp.usecases import cards
from policies.cards import NO_CARDS, CardRule, card_rule
from policies.vocabulary import Factor, Level
from tests import recipes
from tests.admin_ui.office import Office, an_office, form, told, with_two_factors

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole


@pytest.fixture
def office(whole: Whole) -> Office:
    return an_office(whole)


def cards_of(office: Office) -> list[int]:
    with office.whole.system.database.reading() as db:
        return [card.person_id for card in cards.live_cards(db, office.whole.school.id)]


def test_a_pupils_card_is_made_once_as_a_pdf_and_made_worthless(office: Office) -> None:
    whole = office.whole
    made = office.act(whole.asta, "card")
    assert (made.status, made.headers["Content-Type"], made.headers["Cache-Control"]) == (
        200, "application/pdf", "no-store",
    )  # fmt: skip
    assert 'filename="elevkort-1a.pdf"' in made.headers["Content-Disposition"]
    assert cards_of(office) == [whole.asta.id]
    page = office.see(whole.asta)
    assert "Udleveret 23. november 2026" in told(page)
    assert "Fik et elevkort" in told(page)
    assert "Kortet virker ikke mere" in told(office.send(page, "card/block", ("lost", "1")))
    assert cards_of(office) == []


def test_a_whole_class_gets_cards(office: Office) -> None:
    page = office.browser.open(office.people)
    of_1a = next(str(one["value"]) for one in page.soup.select("#class option") if one.text == "1a")
    page = office.browser.open(office.browser.open(f"{office.people}?class={of_1a}").link("Elevkort til klassen"))
    assert "Intet kort" in told(page)
    made = office.send(page, "cards")
    assert (made.status, made.headers["Content-Type"]) == (200, "application/pdf")
    assert cards_of(office) == [office.whole.asta.id]


@pytest.mark.parametrize("group", ["", "0", "9999999", "-1", "%00", "x", "9" * 40])
def test_no_class_no_cards(office: Office, group: str) -> None:
    assert office.browser.open(f"{office.people}cards?class={group}").status == 200
    token = str(form(office.see(office.whole.asta), "block").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    assert office.browser.post(f"{office.people}cards", [("csrf_token", token), ("class", group)]).status == 403
    assert cards_of(office) == []


def test_whoever_gets_no_card_is_named_before_the_print_and_counted_after_it(office: Office) -> None:
    whole = office.whole
    page = office.browser.open(office.people)
    of_1a = next(str(one["value"]) for one in page.soup.select("#class option") if one.text == "1a")
    with whole.system.database.writing() as db:
        recipes.a_pupil(db, whole.system, whole.school, group=int(of_1a), first_name="Storm", level=Level.G5)
    page = office.browser.open(f"{office.people}cards?class={of_1a}")
    line = next(row.get_text(" ", strip=True) for row in page.soup.select("tbody tr") if "Storm" in row.text)
    assert "Intet kort. " in line
    assert "1 elev kan ikke få et kort" in told(page)
    assert office.send(page, "cards").headers["Content-Type"] == "application/pdf"
    assert "1 elev fik ikke et kort" in told(office.browser.open(office.people))
    assert cards_of(office) == [whole.asta.id]


def test_of_two_classes_with_one_name_the_chosen_one_gets_cards(office: Office) -> None:
    whole = office.whole
    with whole.system.database.writing() as db:
        twin = recipes.a_class(db, whole.system, whole.school, "1a-2")
        db.execute(update(SchoolGroup).where(SchoolGroup.id == twin).values(name="1a"))
        other = recipes.a_pupil(db, whole.system, whole.school, group=twin)
    page = office.browser.open(f"{office.people}cards?class={twin}")
    assert office.send(page, "cards").status == 200
    assert cards_of(office) == [other.id]


# ── When and where they work ──

SET = (("enabled", "1"), ("days", "1"), ("days", "2"), ("days", "3"), ("opens", "07:30"), ("closes", "16.00"))
NETWORKS = ("networks", "192.0.2.0/24\r\n2001:db8::/48, 198.51.100.7")


def events(office: Office) -> list[tuple[int | None, int | None]]:
    with office.whole.system.database.reading() as db:
        found = select(AuditRow.actor_id, AuditRow.institution_id).where(AuditRow.event == AuditEvent.CARD_RULES_SET)
        return [(row.actor_id, row.institution_id) for row in db.execute(found)]


def rule_of(office: Office) -> CardRule:
    with office.whole.system.database.reading() as db:
        return cards.card_rule_of(db, office.whole.school.id)


def test_the_school_says_when_and_where_its_cards_work(office: Office) -> None:
    page = office.browser.open(office.browser.open(office.people).link("Elevkort"))
    assert "Skolens kort virker ikke nu" in told(page)
    page = office.send(page, "cards/rule", *SET, NETWORKS)
    assert (
        "Kortene virker mandag til onsdag kl. 07.30-16.00 på disse netværk: 192.0.2.0/24, 2001:db8::/48, 198.51.100.7/32."
    ) in told(page)
    assert rule_of(office) == card_rule(
        enabled=True, days=[1, 2, 3], opens="07:30", closes="16:00",
        networks=["192.0.2.0/24", "2001:db8::/48", "198.51.100.7"],
    )  # fmt: skip
    assert events(office) == [(office.sonja.id, office.whole.school.id)]
    page = office.send(page, "cards/rule", *SET[1:], ("networks", ""))
    assert "Skolens kort virker ikke nu" in told(page)
    assert [tag["value"] for tag in page.soup.select("[name=days][checked]")] == ["1", "2", "3"]


def test_every_fault_is_said_beside_its_field_and_nothing_is_lost(office: Office) -> None:
    page = office.browser.open(f"{office.people}cards")
    wrong = (("enabled", "1"), ("opens", "16:00"), ("closes", "08:00"), ("networks", "skolen\n192.0.2.7/24\n::/0"))
    page = office.send(page, "cards/rule", *wrong)
    assert page.status == 400
    assert {
        str(box["id"]): len(box.select(".form-error-message")) for box in page.soup.select("[id$='-fault']")
    } == {"days-fault": 1, "closes-fault": 1, "networks-fault": 2}  # fmt: skip
    assert "192.0.2.7/24 er ikke et netværk" in told(page)
    assert page.soup.select_one("#networks").text.split() == ["skolen", "192.0.2.7/24", "::/0"]  # type: ignore[union-attr]
    assert page.soup.select_one("#enabled[checked]") is not None
    assert page.soup.select_one("#opens[value='16:00']") is not None
    assert (rule_of(office), events(office)) == (NO_CARDS, [])


@pytest.mark.parametrize("typed", ["", "\0", "👍", "\u202e7:30", "7", "25:00", "12:60", "x" * 9000, "-1:00"])
def test_what_is_no_time_day_or_network_is_refused_in_words(office: Office, typed: str) -> None:
    page = office.browser.open(f"{office.people}cards")
    fields = [("enabled", "1"), ("days", typed), ("opens", typed), ("closes", typed), ("networks", typed)]
    page = office.send(page, "cards/rule", *fields)
    assert page.status == 400
    assert {str(box["id"]) for box in page.soup.select("[id$='-fault']")} >= {
        "opens-fault", "closes-fault", "networks-fault",
    }  # fmt: skip
    assert rule_of(office) == NO_CARDS


def test_another_schools_cards_are_not_to_be_set_nor_any_with_one_factor(office: Office) -> None:
    whole = office.whole
    page = office.browser.open(f"{office.people}cards")
    token = str(form(page, "cards/rule").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    with whole.system.database.writing() as db:
        other = recipes.a_school(db, whole.system)
    address = f"/brugeradministration/{other.number}/cards/rule"
    assert office.browser.post(address, [("csrf_token", token), *SET, NETWORKS]).status == 403
    assert office.browser.post(address, [("csrf_token", token), ("opens", "x")]).status == 403
    with whole.system.database.writing() as db:
        over = update(SessionFactor).where(SessionFactor.factor == Factor.TOTP)
        db.execute(over.values(expires_at=whole.system.now()))
    assert office.send(page, "cards/rule", *SET, NETWORKS).status == 403
    assert (rule_of(office), events(office)) == (NO_CARDS, [])


def test_a_teacher_sets_nothing(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.viggo)
    with_two_factors(whole, whole.viggo)
    whole.administration.config["WTF_CSRF_ENABLED"] = False  # to see what lies behind it
    address = f"/brugeradministration/{whole.school.number}/cards/rule"
    assert browser.post(address, [*SET, NETWORKS]).status == 403
