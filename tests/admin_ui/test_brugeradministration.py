"""Brugeradministration: who gets in, whom they find, what they see of a person, and what they can do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from idp.store.affiliations import Affiliation
from idp.store.login_sessions import SessionFactor
from idp.store.people import SchoolRecord
from idp.store.rights import GrantedRight
from idp.usecases import administered
from idp.usecases.people import account_of
from policies.vocabulary import CodeKind, Factor, Level, Stage
from tests import recipes
from tests.admin_ui.office import CODE, Office, an_office, form, told, with_two_factors

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page

UNTIL = ("last_day", "2027-06-25")
WHY = ("reason", "Aftalt med hjemmet")
WORDS = ("stage", "mellemtrin")


@pytest.fixture
def office(whole: Whole) -> Office:
    return an_office(whole)


def fault(page: Page) -> str:
    return " ".join(one.get_text(" ", strip=True) for one in page.soup.select(".form-error-message"))


def acts(page: Page) -> list[str]:
    """What the page offers to do to the account; a one-time pass does nothing to it."""
    forms = [str(one["action"]) for one in page.soup.select("main form[method=post]")]
    return [action for action in forms if not action.endswith("/pass")]


# ── Who gets in ──


def test_it_is_offered_to_those_who_hold_the_right_and_leads_to_their_one_institution(office: Office) -> None:
    page = office.browser.open(office.browser.open("/mit/").link("Brugeradministration"))
    assert (page.status, page.path) == (200, office.people)
    assert "Asta Prøvesen" in told(page)
    assert "Brugeradministration" not in told(office.whole.mit(office.whole.browser(), office.whole.viggo))


def test_one_factor_is_not_enough(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, whole.system, whole.school, code=CODE)
    browser = whole.browser()
    whole.mit(browser, sonja)
    for address in ("/brugeradministration/", f"/brugeradministration/{whole.school.number}/people/{whole.asta.id}"):
        page = browser.open(address)
        assert "Asta" not in page.body
    with_two_factors(whole, sonja)
    assert "Asta" in browser.open("/brugeradministration/").body


def test_a_form_that_comes_when_the_second_factor_is_over_says_so_and_shows_the_way(office: Office) -> None:
    page = office.see(office.whole.asta)
    with office.whole.system.database.writing() as db:
        over = update(SessionFactor).where(SessionFactor.factor == Factor.TOTP)
        db.execute(over.values(expires_at=office.whole.system.now()))
    page = office.send(page, "block", WHY)
    assert (page.status, "to faktorer" in told(page)) == (403, True)
    assert "two=1" in page.link("Log ind med to faktorer")
    assert office.whole.mit(office.whole.browser(), office.whole.asta).heading == "Asta Prøvesen"


def test_two_factors_without_the_right_are_not_enough(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.viggo)
    with_two_factors(whole, whole.viggo)
    page = browser.open("/brugeradministration/")
    assert (page.status, "ret" in told(page)) == (403, True)


def test_a_right_that_has_ended_ends_here_too(office: Office, clock: StandingClock) -> None:
    assert office.see(office.whole.asta).status == 200
    with office.whole.system.database.writing() as db:
        db.execute(update(GrantedRight).values(valid_to=office.whole.system.now() + timedelta(seconds=1)))
    clock.advance(seconds=1)
    assert office.see(office.whole.asta).status == 403


# ── Whom they find ──


@pytest.mark.parametrize("text", ["asta", "ASTA prø", "prøv", "1a", "test"])
def test_people_are_found_by_name_username_and_class(office: Office, text: str) -> None:
    page = office.browser.open(f"{office.people}?q={text}")
    assert "Asta Prøvesen" in told(page)


@pytest.mark.parametrize(
    "query",
    [
        "q=sta",
        "q=asta+9z",
        "q=%00",
        "q=%F0%9F%91%8D",
        "q=%E2%80%AEasta",
        "q=" + "x" * 9000,
        "who=staff",
        "class=9999999",
    ],
)
def test_what_does_not_fit_finds_nobody_and_says_so(office: Office, query: str) -> None:
    page = office.browser.open(f"{office.people}?{query}")
    assert page.status == 200
    assert "Asta Prøvesen" not in told(page)


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=9999999999999999999999", "class=%00", "class=x", "who=x"])
def test_an_address_with_nonsense_in_it_shows_the_list(office: Office, query: str) -> None:
    page = office.browser.open(f"{office.people}?{query}")
    assert (page.status, "Asta Prøvesen" in told(page)) == (200, True)


def test_a_class_and_a_kind_of_people_can_be_chosen(office: Office) -> None:
    page = office.browser.open(office.people)
    of_1a = next(one["value"] for one in page.soup.select("#class option") if one.text == "1a")
    with office.whole.system.database.writing() as db:
        recipes.a_pupil(db, office.whole.system, office.whole.school, first_name="Uden klasse")
    assert "Uden klasse" in told(office.browser.open(office.people))
    one_class = told(office.browser.open(f"{office.people}?class={of_1a}"))
    assert ("Asta Prøvesen" in one_class, "Uden klasse" in one_class) == (True, False)
    assert "Viggo Lærersen" in told(office.browser.open(f"{office.people}?who=staff"))


def test_a_long_list_is_shown_a_page_at_a_time_in_danish_order(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(administered, "ON_A_PAGE", 2)
    with office.whole.system.database.writing() as db:
        for name in ("Ærø", "Zita", "Åse", "Øjvind"):
            recipes.a_pupil(db, office.whole.system, office.whole.school, first_name=name)
    page, seen = office.browser.open(office.people), []
    while True:
        seen += [one.text.split()[0] for one in page.soup.select("tbody th a")]
        if page.soup.select_one("a[rel=next]") is None:
            break
        page = office.browser.open(page.link("Næste"))
    assert seen == ["Asta", "Zita", "Ærø", "Øjvind", "Åse"]


def test_whoever_is_protected_anywhere_is_found_and_shown_by_the_alias_alone(office: Office) -> None:
    whole = office.whole
    with whole.system.database.writing() as db:
        hidden = recipes.a_pupil(db, whole.system, whole.school, first_name="Hemmelig", protected=True)
        elsewhere = recipes.a_pupil(db, whole.system, recipes.a_school(db, whole.system), protected=True)
        here = update(SchoolRecord).where(SchoolRecord.id == elsewhere.record_id)
        db.execute(here.values(person_id=whole.asta.id))  # another school protects Asta
    assert "Hemmelig" not in office.browser.open(office.people).body
    assert "Ingen" in told(office.browser.open(f"{office.people}?q=hemmelig"))
    assert "Alias Navn" in told(office.browser.open(f"{office.people}?q=alias"))
    for person in (hidden, whole.asta):
        page = office.see(person)
        assert (page.heading, "Hemmelig" in page.body, "Asta" in page.body) == ("Alias Navn", False, False)
        assert "Navne- og adressebeskyttelse" in told(page)


def test_whoever_nobody_has_confirmed_is_counted_and_not_shown(office: Office) -> None:
    whole = office.whole
    with whole.system.database.writing() as db:
        moved = recipes.a_pupil(db, whole.system, whole.school, first_name="Tilflyttet")
        db.execute(update(Affiliation).where(Affiliation.person_id == moved.id).values(confirmed_at=None))
    page = office.browser.open(office.people)
    assert "Tilflyttet" not in page.body
    assert "1 person er ikke vist" in told(page)
    page = office.see(moved)
    assert (page.status, "Tilflyttet" in page.body) == (403, False)


# ── What they see of a person ──


def test_the_page_tells_how_the_code_stands_and_never_the_code(office: Office) -> None:
    page = office.see(office.whole.asta)
    text = told(page)
    for said in (
        office.whole.asta.username,
        "1a",
        "1. klassetrin",
        "Indskoling",
        "Elevens eget trin",
        "23. november 2026",
    ):
        assert said in text
    for secret in ("house sun", "Hest-Banan", "$argon2", "pepper"):
        assert secret not in page.body


def test_another_institutions_people_are_as_nobody(office: Office) -> None:
    whole = office.whole
    with whole.system.database.writing() as db:
        school = recipes.a_school(db, whole.system)
        theirs = recipes.a_pupil(db, whole.system, school, first_name="Fremmed")
    pages = [
        office.see(theirs),
        office.browser.open(f"/brugeradministration/{school.number}/"),
        office.browser.open(f"/brugeradministration/{school.number}/people/{theirs.id}"),
        office.browser.open(f"/brugeradministration/{school.number}/people/{whole.asta.id}"),
        office.browser.open(f"{office.people}people/999999"),
        office.browser.open("/brugeradministration/%00/"),
    ]
    assert {(page.status, page.heading) for page in pages} == {(403, pages[0].heading)}
    assert not any("Fremmed" in page.body for page in pages)
    assert office.browser.open(f"{office.people}people/{1 << 63}").status == 404


def test_what_was_done_is_told_with_names_of_own_staff_and_of_nobody_who_is_protected(office: Office) -> None:
    whole = office.whole
    office.act(whole.asta, "stage", WORDS, UNTIL, WHY)
    text = told(office.see(whole.asta))
    assert "Følger Mellemtrin" in text
    assert "Sonja Kontorsen" in text
    with whole.system.database.writing() as db:
        record = update(SchoolRecord).where(SchoolRecord.id == office.sonja.record_id)
        db.execute(record.values(protected=True, alias_first_name="Et", alias_family_name="Alias"))
    text = told(office.see(whole.asta))
    assert "Skolen" in text
    assert "Sonja" not in text.partition("Hvad er der gjort")[2]
    assert "Et Alias" not in text.partition("Hvad er der gjort")[2]


# ── What they do ──


def test_another_stages_rules_are_put_in_force_and_taken_back(office: Office) -> None:
    whole = office.whole
    page = office.act(whole.asta, "stage", WORDS, UNTIL, WHY)
    assert (page.status, page.path) == (200, office.of(whole.asta))
    assert "Mellemtrin (4.-6. klasse), til og med 25. juni 2027" in told(page)
    assert "Aftalt med hjemmet" in told(page)
    with whole.system.database.reading() as db:
        assert account_of(db, whole.system, whole.asta.id, CodeKind.TEXT).stage is Stage.MELLEMTRIN
    page = office.send(page, "end")
    assert "Aftalt med hjemmet" not in told(page)
    with whole.system.database.reading() as db:
        assert account_of(db, whole.system, whole.asta.id, CodeKind.TEXT).stage is Stage.INDSKOLING


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((WORDS, UNTIL, ("reason", "")), "Skriv hvorfor."),
        ((WORDS, UNTIL, ("reason", "x" * 256)), "Skriv det kortere: højst 255 tegn."),
        ((WORDS, UNTIL, ("reason", "a\0b")), "Der er tegn i teksten"),
        ((WORDS, UNTIL, ("reason", "a\u202eb")), "Der er tegn i teksten"),
        ((UNTIL, WHY), "Vælg et af trinene."),
        ((("stage", "personale"), UNTIL, WHY), "Vælg et af trinene."),
        ((("stage", "\0"), UNTIL, WHY), "Vælg et af trinene."),
        ((WORDS, WHY), "Vælg den sidste dag."),
        ((WORDS, ("last_day", "i morgen"), WHY), "Vælg den sidste dag."),
        ((WORDS, ("last_day", "2026-02-30"), WHY), "Vælg den sidste dag."),
        ((WORDS, ("last_day", "\0"), WHY), "Vælg den sidste dag."),
        ((WORDS, ("last_day", "👍"), WHY), "Vælg den sidste dag."),
        ((WORDS, ("last_day", "2026-11-22"), WHY), "Den dag er forbi."),
        ((WORDS, ("last_day", "0001-01-01"), WHY), "Den dag er forbi."),
        ((WORDS, ("last_day", "9999-12-31"), WHY), "Det er for langt ude i fremtiden."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_the_rest_is_not_lost(
    office: Office, fields: tuple[tuple[str, str], ...], said: str
) -> None:
    page = office.act(office.whole.asta, "stage", *fields)
    assert page.status == 400
    assert said in fault(page)
    sent = form(page, "stage")
    filled = {str(tag["name"]): str(tag.get("value")) for tag in sent.select("input[type=text], input[type=date]")}
    for name, value in fields:
        if name in filled and "\0" not in value:
            assert filled[name] == value
    if WORDS in fields:
        assert sent.select_one("input[value=mellemtrin][checked]")
    with office.whole.system.database.reading() as db:
        account = account_of(db, office.whole.system, office.whole.asta.id, CodeKind.TEXT)
    assert account.stage is Stage.INDSKOLING


@pytest.mark.parametrize("day", ["25.06.2027", "25-06-2027", "25/06/2027", " 2027-06-25 "])
def test_a_day_may_be_typed_as_people_write_it(office: Office, day: str) -> None:
    assert "25. juni 2027" in told(office.act(office.whole.asta, "stage", WORDS, ("last_day", day), WHY))


def test_emoji_and_arabic_are_kept_as_they_were_written(office: Office) -> None:
    page = office.act(office.whole.asta, "stage", WORDS, UNTIL, ("reason", "👩‍👧 مرحبا"))
    assert "👩‍👧 مرحبا" in told(page)


def test_a_form_of_a_megabyte_is_refused_with_a_page(office: Office) -> None:
    page = office.act(office.whole.asta, "block", ("reason", "x" * (1 << 20)))
    assert (page.status, page.heading) == (413, "Det var for meget")


def test_a_form_without_the_right_token_does_nothing(office: Office) -> None:
    address = f"{office.of(office.whole.asta)}/block"
    assert office.browser.post(address, [WHY]).status == 400
    assert office.browser.post(address, [WHY, ("csrf_token", "forged")]).status == 400
    assert "Spærret" not in told(office.see(office.whole.asta))


def test_a_pupil_is_blocked_and_opened_again_with_reasons(office: Office) -> None:
    whole = office.whole
    pupil = whole.browser()
    whole.mit(pupil, whole.asta)
    assert "Skriv hvorfor." in fault(office.act(whole.asta, "block", ("reason", " ")))
    page = office.act(whole.asta, "block", WHY)
    assert "Spærret" in told(page)
    assert pupil.open("/mit/").heading != "Asta Prøvesen"
    page = office.send(page, "unblock", ("reason", "Fundet"))
    assert "Kontoen er åben igen" in told(page)
    assert whole.mit(whole.browser(), whole.asta).heading == "Asta Prøvesen"


def test_a_pupil_is_logged_out_everywhere(office: Office) -> None:
    whole = office.whole
    pupil = whole.browser()
    whole.mit(pupil, whole.asta)
    assert "Logget ud 1 sted." in told(office.act(whole.asta, "end-sessions"))
    assert pupil.open("/mit/").heading != "Asta Prøvesen"


def test_staff_and_oneself_have_no_buttons_and_a_sent_form_changes_nothing(office: Office) -> None:
    token = str(form(office.see(office.whole.asta), "block").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for person in (office.whole.viggo, office.sonja):
        page = office.see(person)
        assert page.status == 200
        assert acts(page) == []
        for what, fields in (("block", [WHY]), ("stage", [WORDS, UNTIL, WHY]), ("end-sessions", [])):
            answer = office.browser.post(f"{office.of(person)}/{what}", [("csrf_token", token), *fields])
            assert answer.status == 403
    assert office.browser.open("/mit/").heading == "Sonja Kontorsen"


def test_a_parent_is_seen_and_left_alone_but_for_who_they_are(office: Office) -> None:
    whole = office.whole
    with whole.system.database.writing() as db:
        child = recipes.a_pupil(db, whole.system, whole.school, level=Level.G5)
        mother = recipes.a_contact(db, whole.system, whole.school, of=child)
    page = office.see(mother)
    assert (page.status, acts(page)) == (200, [f"{office.of(mother)}/seen"])


# ── What they look up ──


def test_the_rules_for_codes_are_told_stage_by_stage_with_their_strength(office: Office) -> None:
    text = told(office.browser.open("/brugeradministration/code-policy"))
    for said in (
        "Indskoling (0.-3. klasse)",
        "15,4 bit",
        "hest-banan",
        "Hest-Banan47",
        "365 dage",
        "30, 14, 7, 1",
        "1 minut",
    ):
        assert said in text


def test_a_reference_is_looked_up_however_it_is_typed(office: Office) -> None:
    stranger = office.whole.browser().open("/oidc/authorize?client_id=nobody")
    shown = stranger.soup.select_one(".reference")
    assert shown is not None
    page = office.browser.open(f"/brugeradministration/reference?ref={shown.text.lower().replace('-', '%20')}")
    assert shown.text in told(page)
    assert "Sig det til dem, der driver tjenesten" in told(page)


@pytest.mark.parametrize("typed", ["K7QM-2F9X", "%00", "%F0%9F%91%8D", "x" * 5000, "%E2%80%AE", "%ff%fe"])
def test_what_is_no_reference_is_said_to_be_none(office: Office, typed: str) -> None:
    page = office.browser.open(f"/brugeradministration/reference?ref={typed}")
    assert (page.status, "Intet fundet" in told(page)) == (200, True)
