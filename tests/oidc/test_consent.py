"""A service that is not the school's is told nothing until the person has allowed it, and little then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from idp.store.people import SchoolRecord
from idp.usecases import consents
from idp.usecases.services import change_oidc, find_client
from policies.assurance import NSIS_LOA
from policies.vocabulary import Factor, Level, ReleasePackage
from tests import recipes
from tests.opponents.databases import postgresql_is_long
from tests.opponents.relying_party import told

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Browser, Page
    from tests.opponents.relying_party import RelyingParty

OLD_ENOUGH, TOO_YOUNG = date(2013, 11, 23), date(2013, 11, 24)
WORDS = "hest-banan"
NOTHING = {"sub", "unilogin_loa", "loa", "spec_ver"}


@dataclass
class Outsider:
    """A service that is not the school's, though the operator has agreed to everything, and two who are old enough."""

    provider: Provider
    party: RelyingParty
    service_id: int
    bo: recipes.Someone
    ida: recipes.Someone

    def born(self, someone: recipes.Someone, day: date | None) -> None:
        with self.provider.system.database.writing() as db:
            db.execute(update(SchoolRecord).where(SchoolRecord.id == someone.record_id).values(birth_date=day))

    def ask(self, browser: Browser, **parameters: str) -> Page:
        return browser.open(self.party.begin(**parameters).address)

    def says(self, browser: Browser, answer: str = "allow", **parameters: str) -> dict[str, str]:
        page = self.ask(browser, **parameters)
        assert page.step == "consent", f"{page.address} {page.heading}"
        return told(browser.submit(page, ("answer", answer)).address)

    def withdraw(self, someone: recipes.Someone) -> bool:
        with self.provider.system.database.writing() as db:
            return consents.withdraw(db, self.provider.system, person_id=someone.id, service_id=self.service_id)


@pytest.fixture
def outsider(provider: Provider) -> Outsider:
    service_id = provider.another(
        "spillet",
        package=ReleasePackage.FULL,
        needs_consent=True,
        scope="openid profile email",
        grant_types=["authorization_code", "refresh_token"],
    )
    with provider.system.database.writing() as db:
        bo, ida = (
            recipes.a_pupil(
                db, provider.system, provider.school, level=Level.G7, code=WORDS, first_name=name, protected=protected
            )
            for name, protected in (("Bo", False), ("Ida", True))
        )
    found = Outsider(provider, provider.party("spillet"), service_id, bo, ida)
    found.born(bo, OLD_ENOUGH)
    found.born(ida, OLD_ENOUGH)
    return found


def test_a_schools_own_service_asks_nobody(provider: Provider) -> None:
    browser = provider.logged_in()
    assert "code" in told(browser.open(provider.party().begin(prompt="consent").address).address)


def test_the_person_reads_what_would_be_told_and_is_asked_once(outsider: Outsider) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    page = outsider.ask(browser)
    words = page.soup.get_text(" ", strip=True)
    assert page.step == "consent"
    assert "Tjenesten spillet" in page.heading
    assert "Bo Prøvesen" in words
    assert "elev" in words
    assert "code" in told(browser.submit(page, ("answer", "allow")).address)
    assert "code" in told(outsider.ask(browser).address)


def test_the_page_comes_after_the_code_and_before_anything_is_told(outsider: Outsider) -> None:
    browser = outsider.provider.browser()
    page = browser.type_username(outsider.ask(browser), outsider.bo.username)
    page = browser.type_code(page, WORDS)
    assert page.step == "consent"
    assert browser.cookie("skolepas") is None
    assert "code" in told(browser.submit(page, ("answer", "allow")).address)
    assert browser.cookie("skolepas") is not None


@postgresql_is_long
@pytest.mark.parametrize(
    ("who", "claims"),
    [
        ("bo", {"name": "Bo Prøvesen", "given_name": "Bo", "family_name": "Prøvesen", "aktoer_gruppe": "Elev"}),
        ("ida", {"aktoer_gruppe": "Elev"}),
    ],
)
def test_no_more_is_told_than_was_read_whatever_was_agreed(
    outsider: Outsider, who: str, claims: dict[str, str]
) -> None:
    someone: recipes.Someone = getattr(outsider, who)
    browser = outsider.provider.logged_in(someone)
    begun = outsider.party.begin()
    answer = browser.submit(browser.open(begun.address), ("answer", "allow"))
    tokens = outsider.party.redeem(begun, answer.address)
    userinfo: dict[str, Any] = outsider.party.userinfo(tokens["access_token"]).json()
    assert userinfo.keys() == NOTHING | claims.keys()
    assert claims.items() <= userinfo.items()
    assert set(outsider.party.claims(begun, tokens)) & {"uniid", "institution_ids", "birthdate", "email"} == set()


@postgresql_is_long
def test_the_nsis_level_is_part_of_how_safely_somebody_has_logged_in(outsider: Outsider) -> None:
    provider = outsider.provider.notified("Substantial")
    party = provider.party("spillet")
    begun, browser = party.begin(), provider.logged_in(outsider.bo, factor=Factor.PASSKEY)
    tokens = party.redeem(begun, browser.submit(browser.open(begun.address), ("answer", "allow")).address)
    assert party.userinfo(tokens["access_token"]).json()[NSIS_LOA] == "Substantial"


def test_what_is_not_asked_for_is_neither_named_nor_told_and_more_is_asked_again(outsider: Outsider) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    page = outsider.ask(browser, scope="openid email")
    assert "Bo Prøvesen" not in page.body
    assert "code" in told(browser.submit(page, ("answer", "allow")).address)
    assert "code" in told(outsider.ask(browser, scope="openid email").address)
    page = outsider.ask(browser, scope="openid email profile")
    assert page.step == "consent"
    assert "Bo Prøvesen" in page.body
    assert "code" in told(browser.submit(page, ("answer", "allow")).address)
    assert "code" in told(outsider.ask(browser, scope="openid email").address)


def test_a_token_of_less_scope_tells_no_more_than_was_allowed(outsider: Outsider) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    begun = outsider.party.begin(scope="openid email")
    answer = browser.submit(browser.open(begun.address), ("answer", "allow"))
    tokens = outsider.party.redeem(begun, answer.address)
    less = outsider.party.post_token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope="openid"
    ).json()
    assert less["scope"] == "openid"
    for token in (tokens["access_token"], less["access_token"]):
        assert outsider.party.userinfo(token).json().keys() == NOTHING | {"aktoer_gruppe"}


def test_no_is_an_answer(outsider: Outsider) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    assert outsider.says(browser, "no")["error"] == "access_denied"
    assert outsider.ask(browser).step == "consent"


@postgresql_is_long
@pytest.mark.parametrize(
    "form", [[], [("answer", "allow")], [("about", "1 openid"), ("answer", "allow")], [("answer", "x")]]
)
def test_an_answer_to_another_question_is_none(outsider: Outsider, form: list[tuple[str, str]]) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    page = outsider.ask(browser)
    assert browser.post(page.address, form).step == "consent"


def test_a_service_may_have_it_asked_again_and_in_silence_gets_no_answer(outsider: Outsider) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    assert told(outsider.ask(browser, prompt="none").address)["error"] == "consent_required"
    outsider.says(browser)
    assert "code" in told(outsider.ask(browser, prompt="none").address)
    assert "code" in outsider.says(browser, prompt="consent")


@pytest.mark.parametrize(("born", "says"), [(TOO_YOUNG, "13"), (None, "hvor gammel")])
def test_a_child_is_not_asked(outsider: Outsider, born: date | None, says: str) -> None:
    outsider.born(outsider.bo, born)
    browser = outsider.provider.logged_in(outsider.bo)
    page = outsider.ask(browser)
    assert page.status == 403
    assert says in page.soup.get_text(" ", strip=True)
    assert page.soup.find("form", action=page.path) is None
    assert browser.post(page.address.replace(page.step, "consent"), [("answer", "allow")]).status == 403
    assert told(outsider.ask(browser, prompt="none").address)["error"] == "consent_required"


def test_what_is_taken_back_ends_at_once(outsider: Outsider, clock: StandingClock) -> None:
    browser = outsider.provider.logged_in(outsider.bo)
    begun = outsider.party.begin()
    answer = browser.submit(browser.open(begun.address), ("answer", "allow"))
    tokens = outsider.party.redeem(begun, answer.address)
    clock.advance(seconds=1)
    waiting, code = outsider.provider.ask(browser, outsider.party)
    assert outsider.withdraw(outsider.bo)
    assert not outsider.withdraw(outsider.bo)
    assert outsider.party.userinfo(tokens["access_token"]).status_code == 401
    assert outsider.party.exchange(waiting, code["code"]).json()["error"] == "invalid_grant"
    assert outsider.ask(browser).step == "consent"


def test_what_one_allows_nobody_else_has_allowed(outsider: Outsider) -> None:
    outsider.says(outsider.provider.logged_in(outsider.bo))
    assert outsider.ask(outsider.provider.logged_in(outsider.ida)).step == "consent"
    with outsider.provider.system.database.reading() as db:
        (listed,) = consents.allowed_services(db, outsider.bo.id)
        assert consents.allowed_services(db, outsider.ida.id) == ()
    assert (listed.id, listed.name_da) == (outsider.service_id, "Tjenesten spillet")
    assert "name" in listed.claims


def test_a_service_that_must_ask_from_now_on_is_told_nothing_for_what_it_has_already(provider: Provider) -> None:
    """Else one that manages itself got round the question: log in unasked, and register the need of it afterwards."""
    provider.another("forlaget", package=None)
    party = provider.party("forlaget")
    _, tokens = provider.tokens(party)
    with provider.system.database.writing() as db:
        client = find_client(db, "forlaget")
        assert client is not None
        change_oidc(db, provider.system, client, {"redirect_uris": [party.redirect_uri], "needs_consent": True})
    assert party.userinfo(tokens["access_token"]).json().keys() == {"sub"}
