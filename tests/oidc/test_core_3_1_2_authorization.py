"""The authorization endpoint: what is refused, who hears of it, and what a login is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import update

from idp.store.services import Service
from idp.usecases.services import disable
from policies.vocabulary import Factor
from tests import recipes
from tests.oidc.addresses import changed
from tests.opponents.databases import one_database
from tests.opponents.relying_party import CALLBACK, SITE, told
from tests.opponents.school_day import PICTURES

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider


@pytest.mark.spec("OIDC Core", "3.1.2.5")
def test_a_live_session_is_answered_at_once_with_a_code(provider: Provider) -> None:
    begun, answer = provider.ask(provider.logged_in(), provider.party())
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == begun.state
    assert len(answer["code"]) == 43


@pytest.mark.spec("OIDC Core", "3.1.2.3")
def test_without_a_session_the_person_logs_in_and_comes_back_with_a_code(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    begun = party.begin()
    page = browser.type_username(browser.open(begun.address), provider.asta.username)
    page = browser.tap(page, PICTURES)
    assert party.redeem(begun, page.address)["token_type"] == "Bearer"
    # And now there is a session.
    assert "code" in provider.ask(browser, party, prompt="none")[1]


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_a_post_is_answered_like_a_get_and_may_come_without_our_cookie(provider: Provider) -> None:
    begun = provider.party().begin(ui_locales="da", login_hint="søren")
    page = provider.logged_in().post("/oidc/authorize", parse_qsl(urlsplit(begun.address).query))
    assert page.address.startswith(CALLBACK)
    assert page.trail[0][1] == 303
    assert told(page.address)["state"] == begun.state


@pytest.mark.spec("OIDC Core", "3.1.2.6")
def test_prompt_none_without_a_session_is_login_required(provider: Provider) -> None:
    begun, answer = provider.ask(provider.browser(), provider.party(), prompt="none")
    assert answer["error"] == "login_required"
    assert answer["state"] == begun.state
    assert answer["iss"] == SITE


@pytest.mark.spec("OIDC Core", "3.1.2.6")
def test_prompt_none_is_told_when_a_second_factor_must_be_enrolled_first(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        teacher = recipes.a_teacher(db, provider.system, provider.school, code="Hest-Banan47")
    browser, party = provider.logged_in(teacher, factor=Factor.PASSWORD), provider.party()
    answer = provider.ask(browser, party, acr_values="ToFaktor", prompt="none")[1]
    assert answer["error"] == "interaction_required"
    assert browser.open(party.begin(acr_values="ToFaktor").address).step == "enrol-factor"


def test_prompt_none_with_a_session_gives_a_code(provider: Provider) -> None:
    assert "code" in provider.ask(provider.logged_in(), provider.party(), prompt="none")[1]


@one_database
@pytest.mark.parametrize("prompt", ["none login", "login none", "none consent"])
def test_prompt_none_stands_alone(provider: Provider, prompt: str) -> None:
    assert provider.ask(provider.logged_in(), provider.party(), prompt=prompt)[1]["error"] == "invalid_request"


@one_database
@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_prompt_login_asks_again_and_tells_the_new_time(provider: Provider, clock: StandingClock, prompt: str) -> None:
    party, browser = provider.party(), provider.logged_in()
    clock.advance(minutes=3)
    begun = party.begin(prompt=prompt)
    page = browser.open(begun.address)
    assert page.step == "username"
    page = browser.tap(browser.type_username(page, provider.asta.username), PICTURES)
    claims = party.claims(begun, party.redeem(begun, page.address))
    assert claims["auth_time"] == int(clock.now().timestamp())


def test_a_prompt_that_nobody_knows_is_ignored(provider: Provider) -> None:
    assert "code" in provider.ask(provider.logged_in(), provider.party(), prompt="consent sing")[1]


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_max_age_asks_again_only_when_the_login_is_older(provider: Provider, clock: StandingClock) -> None:
    party, browser = provider.party(), provider.logged_in()
    clock.advance(minutes=5)
    assert "code" in provider.ask(browser, party, max_age="300")[1]
    assert browser.open(party.begin(max_age="299").address).step == "username"
    assert provider.ask(browser, party, max_age="299", prompt="none")[1]["error"] == "login_required"


def test_an_age_of_nothing_asks_again_like_prompt_login(provider: Provider, clock: StandingClock) -> None:
    party, browser = provider.party(), provider.logged_in()
    clock.advance(seconds=1)
    assert provider.ask(browser, party, max_age="0", prompt="none")[1]["error"] == "login_required"
    begun = party.begin(max_age="0")
    page = browser.open(begun.address)
    assert page.step == "username"
    clock.advance(minutes=2)
    page = browser.tap(browser.type_username(page, provider.asta.username), PICTURES)
    claims = party.claims(begun, party.redeem(begun, page.address))
    assert claims["auth_time"] == int(clock.now().timestamp())


@one_database
@pytest.mark.parametrize("age", ["-1", "1.5", "soon", "١", "99999999999"])
def test_an_age_that_is_no_number_is_refused(provider: Provider, age: str) -> None:
    assert provider.ask(provider.logged_in(), provider.party(), max_age=age)[1]["error"] == "invalid_request"


def test_the_longest_age_is_no_defect(provider: Provider) -> None:
    assert "code" in provider.ask(provider.logged_in(), provider.party(), max_age="9999999999")[1]


def test_a_login_hint_fills_in_the_username_and_ui_locales_choose_the_language(provider: Provider) -> None:
    page = provider.browser().open(provider.party().begin(login_hint="asta1234", ui_locales="en da").address)
    field = page.form.find("input", attrs={"name": "username"})
    assert field is not None
    assert field["value"] == "asta1234"
    assert page.headers["Content-Language"] == "en"


@one_database
@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.parametrize("level", ["EnFaktor", "ToFaktor EnFaktor", "urn:unknown", ""])
def test_a_level_that_the_login_has_is_enough_and_unknown_ones_are_ignored(provider: Provider, level: str) -> None:
    assert "code" in provider.ask(provider.logged_in(), provider.party(), acr_values=level)[1]


@one_database
@pytest.mark.parametrize(
    ("factor", "asked", "acr"),
    [
        (Factor.PASSKEY, "To_Faktor", "To_Faktor"),
        (Factor.PASSKEY, "ToFaktor", "ToFaktor"),
        (Factor.PASSKEY, "EnFaktor", "EnFaktor"),
        (Factor.PASSKEY, "", "ToFaktor"),
        (Factor.PICTURES, "urn:unknown", "EnFaktor"),
    ],
)
def test_the_level_is_told_by_the_name_it_was_asked_by(
    provider: Provider, factor: Factor, asked: str, acr: str
) -> None:
    party = provider.party()
    begun, answer = provider.ask(provider.logged_in(factor=factor), party, acr_values=asked)
    claims = party.claims(begun, party.redeem(begun, f"{CALLBACK}?code={answer['code']}&state={begun.state}"))
    assert claims["acr"] == acr


@one_database
@pytest.mark.parametrize("level", ["ToFaktor", "To_Faktor"])
def test_a_level_that_the_person_cannot_reach_is_refused_never_quietly_missed(provider: Provider, level: str) -> None:
    party, browser = provider.party(), provider.logged_in()
    begun = party.begin(acr_values=level)
    page = browser.open(begun.address)
    if not page.address.startswith(CALLBACK):
        page = browser.tap(browser.type_username(page, provider.asta.username), PICTURES)
    assert told(page.address)["error"] == "unmet_authentication_requirements"


def test_an_nsis_level_is_refused_where_none_is_notified(provider: Provider) -> None:
    nsis = "https://data.gov.dk/concept/core/nsis/loa/Substantial"
    answer = provider.ask(provider.logged_in(), provider.party(), acr_values=nsis)[1]
    assert answer["error"] == "unmet_authentication_requirements"


def test_a_services_registered_minimum_is_not_lowered_by_a_request(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        db.execute(update(Service).values(least_assurance="ToFaktor"))
    browser = provider.logged_in(factor=Factor.PASSKEY)
    party = provider.party()
    begun, answer = provider.ask(browser, party, acr_values="EnFaktor")
    claims = party.claims(begun, party.redeem(begun, f"{CALLBACK}?code={answer['code']}&state={begun.state}"))
    assert claims["unilogin_loa"] == "ToFaktor"
    assert "error" in provider.ask(provider.logged_in(), party, acr_values="EnFaktor", prompt="none")[1]


@one_database
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "query.jwt"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://localhost/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"id_token_hint": "not.a.token"}, "invalid_request"),
    ],
)
@pytest.mark.spec("OIDC Core", "3.1.2.6")
def test_a_fault_after_the_target_is_trusted_goes_to_the_service(
    provider: Provider, more: dict[str, str], error: str
) -> None:
    begun = provider.party().begin()
    page = provider.logged_in().open(changed(begun.address, *more.items()))
    assert page.trail[-1][1] == 303
    answer = told(page.address)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, begun.state, SITE)


@one_database
@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.parametrize(
    "more",
    [
        *({"display": value} for value in ("page", "popup", "touch", "wap", "hologram")),
        {"claims_locales": "da en"},
        {"claims_locales": "tlh-Latn x"},
        {"ui_locales": "tlh"},
        {"prompt": "create"},
    ],
)
def test_what_changes_no_page_of_ours_is_taken(provider: Provider, more: dict[str, str]) -> None:
    assert "code" in provider.ask(provider.logged_in(), provider.party(), **more)[1]
    assert provider.browser().open(provider.party().begin(**more).address).step == "username"


def test_scopes_that_a_service_may_not_ask_for_are_left_out(provider: Provider) -> None:
    provider.another("wider", scope="openid profile email")
    for client_id, granted in (("laeringsportalen", "openid"), ("wider", "openid email")):
        party = provider.party(client_id)
        begun, answer = provider.ask(provider.logged_in(), party, scope="openid email address sing email")
        tokens = party.redeem(begun, f"{CALLBACK}?code={answer['code']}&state={begun.state}")
        assert tokens["scope"] == granted


def test_parameters_that_nobody_knows_are_ignored(provider: Provider) -> None:
    assert "code" in provider.ask(provider.logged_in(), provider.party(), extra="1", display="popup", claims="{}")[1]


@one_database
@pytest.mark.spec("RFC 6749", "3.1")
@pytest.mark.parametrize("name", ["scope", "nonce", "response_type", "code_challenge", "prompt"])
def test_a_parameter_that_comes_twice_is_refused_towards_the_service(provider: Provider, name: str) -> None:
    begun = provider.party().begin(prompt="none")
    page = provider.logged_in().open(f"{begun.address}&{name}=x")
    answer = told(page.address)
    assert answer["error"] == "invalid_request"
    assert name in answer["error_description"]


def test_a_state_that_comes_twice_is_not_echoed(provider: Provider) -> None:
    page = provider.logged_in().open(f"{provider.party().begin().address}&state=other")
    assert "state" not in told(page.address)


@one_database
@pytest.mark.spec("RFC 9700", "4.11")
@pytest.mark.parametrize(
    "more",
    [
        [("client_id", "nobody")],
        [("client_id", "")],
        [("client_id", "laeringsportalen"), ("client_id", "laeringsportalen")],
        [("redirect_uri", "")],
        [("redirect_uri", CALLBACK), ("redirect_uri", CALLBACK)],
        [("redirect_uri", CALLBACK), ("redirect_uri", "https://evil.example/")],
        [("redirect_uri", "https://evil.example/")],
    ],
)
def test_as_long_as_the_target_is_not_trusted_the_person_sees_the_fault(
    provider: Provider, more: list[tuple[str, str]]
) -> None:
    page = provider.logged_in().open(changed(provider.party().begin().address, *more))
    assert page.trail == []
    assert page.status == 400
    assert page.heading


@pytest.mark.parametrize(
    ("name", "value", "heading"),
    [
        ("client_id", "nobody", "Vi kender ikke tjenesten"),
        ("redirect_uri", "https://evil.example/", "Tjenesten spurgte forkert"),
    ],
)
def test_the_heading_says_what_is_wrong_with_the_service(
    provider: Provider, name: str, value: str, heading: str
) -> None:
    page = provider.browser().open(changed(provider.party().begin().address, (name, value)))
    assert page.heading == heading


@one_database
@pytest.mark.parametrize(
    "raw", ["%ff", "a=%00", "state=%0d%0aX: y", "state=%80", "&".join(f"p{n}=1" for n in range(101))]
)
def test_a_request_that_cannot_be_read_is_shown_to_the_person(provider: Provider, raw: str) -> None:
    page = provider.logged_in().open(f"{provider.party().begin().address}&{raw}")
    assert page.status == 400
    assert page.trail == []


def test_a_request_of_many_kilobytes_is_refused(provider: Provider) -> None:
    party, browser = provider.party(), provider.logged_in()
    assert browser.open(party.begin(extra="x" * 17_000).address).status == 400
    posted = parse_qsl(urlsplit(party.begin(extra="x" * 17_000).address).query)
    assert browser.post("/oidc/authorize", posted).status == 400


def test_a_disabled_service_is_refused_before_anything_is_read(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        disable(db, provider.system, provider.service_id, why="")
    page = provider.logged_in().open(provider.party().begin().address)
    assert (page.status, page.trail) == (403, [])


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_an_id_token_hint_of_somebody_else_gets_no_code(provider: Provider) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    with provider.system.database.writing() as db:
        other = recipes.a_pupil(db, provider.system, provider.school)
    hint = tokens["id_token"]
    assert "code" in provider.ask(provider.logged_in(), party, id_token_hint=hint, prompt="none")[1]
    answer = provider.ask(provider.logged_in(other), party, id_token_hint=hint, prompt="none")[1]
    assert answer["error"] == "login_required"


def test_who_is_expected_may_log_in_where_somebody_else_is_logged_in(provider: Provider, clock: StandingClock) -> None:
    party = provider.party()
    begun, tokens = provider.tokens(party)
    subject = party.claims(begun, tokens)["sub"]
    with provider.system.database.writing() as db:
        other = recipes.a_pupil(db, provider.system, provider.school)
    browser = provider.logged_in(other)
    clock.advance(minutes=1)
    begun = party.begin(id_token_hint=tokens["id_token"])
    page = browser.open(begun.address)
    assert page.step == "username"
    page = browser.tap(browser.type_username(page, provider.asta.username), PICTURES)
    assert party.claims(begun, party.redeem(begun, page.address))["sub"] == subject


def test_an_id_token_hint_of_another_client_is_refused(provider: Provider) -> None:
    provider.another("another")
    _, tokens = provider.tokens(provider.party("another"))
    answer = provider.ask(provider.logged_in(), provider.party(), id_token_hint=tokens["id_token"])[1]
    assert answer["error"] == "invalid_request"
