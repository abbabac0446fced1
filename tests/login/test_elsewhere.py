"""Logging in at another identity provider (decision 20): for whom it may vouch, how far, and when its word is over."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from sqlalchemy import select, update

from admin_ui.cli import Operator
from admin_ui.cli.upstreams import upstreams
from idp.store.affiliations import Affiliation
from idp.store.institutions import Institution
from idp.store.pushed_requests import PushedRequest
from idp.usecases.upstreams import offered, vouched_attachments
from policies.vocabulary import Assurance
from tests import recipes
from tests.opponents.bad_input import FROM_ELSEWHERE, bodies, leads_on
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_service import key_pair
from tests.opponents.saml_upstream import ENTITY, SamlUpstream
from tests.saml.asking import PORTAL, SUCCESS, contexts
from tests.saml.provider import Provider, a_provider

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page
from tests.opponents.saml_upstream import AskedLogin

ACS = "/saml/upstream/acs"
MFA = "urn:kommune:mfa"
THERE = SamlUpstream()


@pytest.fixture
def provider(system: System) -> Provider:
    made = a_provider(system)
    made.register(PORTAL)
    return made


def skolepas(provider: Provider, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(upstreams, list(arguments), input=given, obj=Operator(None, provider.system))


def add(provider: Provider, *more: str, school: recipes.School | None = None, subject: str = "user-id") -> Result:
    number = (school or provider.school).number
    return skolepas(
        provider, "add-saml", "--metadata", "-", "--name-da", "Kommunens login", "--institution", number, "--subject", subject, *more,
        given=THERE.metadata(),
    )  # fmt: skip


def goes_there(provider: Provider, browser: Browser, inside: str = "", **attributes: str) -> tuple[Page, AskedLogin]:
    """Begin at the service, choose the other login, and arrive there."""
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request(inside, now=provider.system.now(), **attributes)))
    page = browser.open(page.link("Jeg logger ind med et andet login"))
    button = page.soup.select("button[name=upstream]")[0]
    page = browser.submit(page, ("upstream", str(button["value"])))
    return page, THERE.asked(page.address, provider.certificates())


def comes_back(provider: Provider, browser: Browser, asked: AskedLogin, name: str, **about: Any) -> Page:  # noqa: ANN401
    now = about.pop("now", provider.system.now())
    return browser.post(ACS, THERE.answers(asked, name, now=now, **about))


def logs_in(provider: Provider, name: str | None = None, **about: Any) -> Page:  # noqa: ANN401
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    return comes_back(provider, browser, asked, name or provider.asta.uniid, **about)


def is_told(page: Page) -> bool:
    return page.soup.select_one("input[name=SAMLResponse]") is not None


def test_a_pupil_logs_in_with_the_municipalitys_login_and_the_service_is_told(provider: Provider) -> None:
    assert add(provider).exit_code == 0
    read = provider.response(PORTAL, logs_in(provider))
    assert read.status == SUCCESS
    assert read.assertion is not None
    assert read.assertion.attributes["dk:unilogin:uniid"] == (provider.asta.uniid,)
    assert read.assertion.attributes["dk:unilogin:loa"] == ("EnFaktor",)


def test_without_an_upstream_the_page_says_nothing_of_it(provider: Provider) -> None:
    page = Browser(provider.app).open(PORTAL.by_redirect(PORTAL.authn_request()))
    assert "andet login" not in page.body


def test_it_vouches_only_for_people_who_are_attached_now_where_it_was_registered(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        other = recipes.a_school(db, provider.system)
        emil = recipes.a_pupil(db, provider.system, other, code="house sun cat key")
    add(provider)
    page = logs_in(provider, emil.uniid)
    assert not is_told(page)
    assert "ingen på den skole" in page.error
    assert not is_told(logs_in(provider, "nobody"))
    with provider.system.database.writing() as db:
        db.execute(
            update(Affiliation).where(Affiliation.person_id == provider.asta.id).values(valid_to=provider.system.now())
        )
    assert not is_told(logs_in(provider))


def test_an_attachment_that_nobody_confirmed_lets_no_school_vouch(provider: Provider) -> None:
    """A school that delivers somebody else's pupil has no power over the account (decision 2)."""
    with provider.system.database.writing() as db:
        hostile = recipes.a_school(db, provider.system)
        recipes.also_attached(db, provider.system, provider.asta, hostile, recipes.ActorGroup.PUPIL, confirmed=False)
    add(provider, school=hostile)
    assert not is_told(logs_in(provider))


def test_the_person_acts_only_where_it_vouches(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        other = recipes.a_school(db, provider.system)
        recipes.also_attached(db, provider.system, provider.asta, other, recipes.ActorGroup.STAFF)
    add(provider)
    read = provider.response(PORTAL, logs_in(provider))
    assert read.assertion is not None
    assert read.assertion.attributes["dk:unilogin:aktoergruppe"] == ("Elev",)


def test_what_it_vouched_for_bounds_as_whom_one_may_act_later_too_and_not_at_all_once_it_is_disabled(
    provider: Provider,
) -> None:
    """A login that begins with such a session asks again, and so does the page on which somebody chooses who they are."""
    with provider.system.database.writing() as db:
        other = recipes.a_school(db, provider.system)
        recipes.also_attached(db, provider.system, provider.asta, other, recipes.ActorGroup.STAFF)
    add(provider)

    def may_act_through() -> frozenset[int]:
        with provider.system.database.reading() as db:
            return vouched_attachments(db, {1}, provider.asta.id)

    assert may_act_through() == {provider.asta.affiliation_id}
    skolepas(provider, "disable", ENTITY, "--why", "its keys are lost")
    assert may_act_through() == frozenset()


@postgresql_is_long
@pytest.mark.parametrize(
    ("options", "said", "told"),
    [
        ([], MFA, Assurance.EN_FAKTOR),
        (["--level", f"{MFA}=ToFaktor"], MFA, Assurance.EN_FAKTOR),
        (["--level", f"{MFA}=ToFaktor", "--cap", "ToFaktor"], MFA, Assurance.TO_FAKTOR),
        (["--level", f"{MFA}=ToFaktor", "--cap", "ToFaktor"], "urn:other", Assurance.EN_FAKTOR),
    ],
)
def test_it_vouches_no_further_than_its_cap(provider: Provider, options: list[str], said: str, told: Assurance) -> None:
    add(provider, *options)
    read = provider.response(PORTAL, logs_in(provider, context_class=said))
    assert read.assertion is not None
    assert read.assertion.attributes["dk:unilogin:loa"] == (told.value,)


@postgresql_is_long
def test_two_factors_are_asked_for_there_where_the_service_asks_for_them(provider: Provider) -> None:
    add(provider, "--level", f"{MFA}=ToFaktor", "--cap", "ToFaktor")
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser, contexts("dk:unilogin:loa:ToFaktor"))
    assert MFA in asked.root.xpath("string()")
    page = comes_back(provider, browser, asked, provider.asta.uniid, context_class=MFA)
    read = provider.response(PORTAL, page)
    assert read.assertion is not None
    assert read.assertion.context_class == "dk:unilogin:loa:ToFaktor"


def test_force_authn_is_passed_on_and_an_old_login_there_does_not_count(
    provider: Provider, clock: StandingClock
) -> None:
    add(provider)
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser, ForceAuthn="true")
    assert asked.root.get("ForceAuthn") == "true"
    before = clock.now()
    clock.advance(seconds=30)
    page = comes_back(provider, browser, asked, provider.asta.uniid, authn_instant=before - timedelta(hours=1))
    assert not is_told(page)


def test_an_answer_counts_once_in_the_browser_that_asked(provider: Provider, clock: StandingClock) -> None:
    add(provider)
    browser, elsewhere = Browser(provider.app), Browser(provider.app)
    _, asked = goes_there(provider, browser)
    assert not is_told(comes_back(provider, elsewhere, asked, provider.asta.uniid))
    assert is_told(comes_back(provider, browser, asked, provider.asta.uniid))
    clock.advance(seconds=20)  # a button pressed twice leads to a second answer
    assert not is_told(comes_back(provider, browser, asked, provider.asta.uniid))


@postgresql_is_long
def test_an_answer_that_nobody_asked_for_logs_nobody_in(provider: Provider) -> None:
    add(provider)
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    page = comes_back(provider, browser, asked, provider.asta.uniid, in_response_to="_another")
    assert (page.status, "unsolicited" in page.body) == (400, True)
    unsolicited = replace(asked, relay_state="")
    assert not is_told(comes_back(provider, browser, unsolicited, provider.asta.uniid))
    stranger = SamlUpstream(keys=key_pair("stranger"))
    _, asked = goes_there(provider, browser)
    page = browser.post(ACS, stranger.answers(asked, provider.asta.uniid, now=provider.system.now()))
    assert (is_told(page), "Prøv igen" in page.error) == (False, True)


def test_a_disabled_upstream_is_dead_at_once(provider: Provider) -> None:
    add(provider)
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    assert is_told(comes_back(provider, browser, asked, provider.asta.uniid))
    waiting = Browser(provider.app)
    _, under_way = goes_there(provider, waiting)
    done = skolepas(provider, "disable", ENTITY, "--why", "its keys are lost")
    assert "1 sessions have ended" in done.output
    assert not is_told(browser.open(PORTAL.by_redirect(PORTAL.authn_request())))
    assert not is_told(comes_back(provider, waiting, under_way, provider.asta.uniid))
    assert skolepas(provider, "enable", ENTITY).exit_code == 0
    assert is_told(logs_in(provider))


@postgresql_is_long
def test_a_person_may_be_named_by_an_attribute_and_by_username(provider: Provider) -> None:
    add(provider, "--attribute", "urn:kommune:user", subject="username")
    page = logs_in(provider, "whatever", attributes=(("urn:kommune:user", provider.asta.username.upper()),))
    assert is_told(page)


@postgresql_is_long
def test_what_is_encrypted_to_us_is_read(provider: Provider) -> None:
    add(provider)
    document = Browser(provider.app).open("/saml/upstream/metadata").body
    (text,) = etree.fromstring(document.encode()).xpath(
        "//*[@use='encryption']//*[local-name()='X509Certificate']/text()"
    )
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    sealed = SamlUpstream(encrypt_to=b64decode(text))
    page = browser.post(ACS, sealed.answers(asked, provider.asta.uniid, now=provider.system.now()))
    assert is_told(page)


def test_the_school_is_searched_and_what_was_chosen_comes_first_the_next_time(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        schools = [recipes.a_school(db, provider.system) for _ in range(25)]
    numbers = [part for one in schools for part in ("--institution", one.number)]
    assert add(provider, *numbers).exit_code == 0
    browser = Browser(provider.app)
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request()))
    choice = browser.open(page.link("Jeg logger ind med et andet login"))
    assert not choice.soup.select("button[name=upstream]")
    found = browser.open(f"{choice.address}?q={schools[3].number.lower()}")
    (button,) = found.soup.select("button[name=upstream]")
    assert browser.open(f"{choice.address}?q=%25").soup.select("button[name=upstream]") == []
    browser.submit(found, ("upstream", str(button["value"])))
    again = browser.open(choice.address)
    assert "som sidst" in again.body


@pytest.mark.parametrize("words", ["Ølstykke", "ølstykke", "ØLSTYKKE skole", "lstyk"])
def test_a_school_is_found_in_any_case_of_danish_letters(provider: Provider, words: str) -> None:
    with provider.system.database.writing() as db:
        there = recipes.a_school(db, provider.system)
        db.execute(update(Institution).where(Institution.id == there.id).values(name="Ølstykke Skole"))
    add(provider, "--institution", there.number)
    with provider.system.database.reading() as db:
        assert [one.number for one in offered(db, words)] == [there.number]


def test_one_that_is_disabled_is_registered_anew_with_other_keys_and_institutions(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        other = recipes.a_school(db, provider.system)
    assert add(provider, school=other).exit_code == 0
    assert not is_told(logs_in(provider))
    assert "disable it first" in add(provider).output
    skolepas(provider, "disable", ENTITY, "--why", "new keys")
    assert add(provider).exit_code == 0
    assert is_told(logs_in(provider))
    (one,) = json.loads(skolepas(provider, "list").stdout)
    assert (one["institutions"], one["disabled"]) == ([provider.school.number], False)


def test_metadata_that_is_out_of_date_registers_nobody(provider: Provider) -> None:
    old = THERE.metadata().replace("entityID=", 'validUntil="2001-01-01T00:00:00Z" entityID=', 1)
    told = ("--name-da", "x", "--institution", provider.school.number, "--subject", "user-id")
    done = skolepas(provider, "add-saml", "--metadata", "-", *told, given=old)
    assert (done.exit_code, "valid until 2001-01-01" in done.output) == (1, True)


def test_a_response_that_waits_for_the_browser_is_sealed(provider: Provider) -> None:
    """It may name the person by CPR."""
    add(provider, subject="cpr")
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    assert browser.post(ACS, THERE.answers(asked, "0101011234", now=provider.system.now()), follow=False).status == 303
    with provider.system.database.reading() as db:
        kept = [json.loads(each)["SAMLResponse"] for each in db.scalars(select(PushedRequest.parameters))]
    assert len(kept) == 1
    assert b"0101011234" not in b64decode(kept[0])


def test_a_response_by_redirect_is_none(provider: Provider) -> None:
    add(provider)
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    (answer,) = (
        value
        for name, value in THERE.answers(asked, provider.asta.uniid, now=provider.system.now())
        if name == "SAMLResponse"
    )
    sent = urlencode({"state": f"{asked.relay_state}.x", "SAMLResponse": answer})
    assert not is_told(browser.open(f"/login/elsewhere/callback?{sent}"))


@postgresql_is_long
def test_the_operator_registers_and_lists_and_is_told_what_is_wrong(provider: Provider) -> None:
    assert "There is no institution" in add(provider, "--institution", "X99999").output
    assert "NAME=" in add(provider, "--level", "x=Alt").output
    assert add(provider).exit_code == 0
    assert "registered already" in add(provider).output
    (one,) = json.loads(skolepas(provider, "list").stdout)
    assert (one["identifier"], one["cap"], one["disabled"]) == (ENTITY, "EnFaktor", False)
    wrong = skolepas(
        provider, "add-saml", "--metadata", "-", "--name-da", "x", "--institution", provider.school.number, "--subject", "cpr",
        given=PORTAL.metadata(),
    )  # fmt: skip
    assert "IDPSSODescriptors" in wrong.output


def test_no_input_breaks_the_choice_and_none_leads_away_but_what_was_offered(provider: Provider) -> None:
    assert add(provider).exit_code == 0
    browser = Browser(provider.app)
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request(now=provider.system.now())))
    page = browser.open(page.link("Jeg logger ind med et andet login"))
    offered = str(page.soup.select("button[name=upstream]")[0]["value"])
    for told, body, content_type in bodies(["upstream", "q"]):
        shown = browser.send(page.address, body, content_type, follow=False)
        where = shown.headers.get("Location", "")
        assert shown.status < 500, told
        assert where.startswith("/login/") or f"upstream={offered}".encode() in body or leads_on(shown), told
    for header in FROM_ELSEWHERE[:1]:
        refused = browser.post(page.address, [("upstream", offered)], headers=header)
        assert (refused.status, refused.heading) == (403, "Det kom ikke herfra")
        assert browser.open(refused.link("Tilbage til siden")).heading == page.heading


@pytest.mark.parametrize(
    "end", ["answer", "answer?kept=", "answer?kept=%00", "answer?kept=" + "x" * 5000, "?q=%ED%A0%80"]
)
def test_no_address_of_the_way_back_breaks_the_login(provider: Provider, end: str) -> None:
    assert add(provider).exit_code == 0
    browser = Browser(provider.app)
    _, asked = goes_there(provider, browser)
    handle = asked.relay_state
    for path in (f"/login/{handle}/elsewhere/{end}", f"/login/elsewhere/callback?state={handle}.{end}"):
        page = browser.open(path)
        assert page.status < 500
        assert leads_on(page)
    assert is_told(logs_in(provider))
