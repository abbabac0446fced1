"""School cards from the pages of Brugeradministration: for a pupil, for a class, and blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.usecases import cards
from tests.admin_ui.office import Office, an_office, form, told

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
