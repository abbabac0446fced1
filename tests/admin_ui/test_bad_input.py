"""Whatever is sent to any route that takes a form, of either application: no fault of ours, and a way on for people.

The routes come from the URL maps, so a new one is tried without a word here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from admin_ui.app import create_app
from idp.app import create_app as create_idp
from tests.admin_ui.office import an_office, form, told
from tests.opponents.bad_input import FROM_ELSEWHERE, bodies, leads_on
from tests.opponents.databases import sqlite_is_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from idp.usecases.system import System
    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser, Page

FIELDS: Final = {
    "brugeradministration.force_stage": ("stage", "last_day", "reason"),
    "brugeradministration.block": ("reason",),
    "brugeradministration.unblock": ("reason",),
    "brugeradministration.give_to_class": ("class",),
    "brugeradministration.block_card": ("lost",),
    "mit.remove_factor": ("last",),
    "elevadgang.new_code": ("pupil",),
    "elevadgang.usernames": ("pupil",),
    "elevadgang.answer_step_up": ("answer", "yes"),
    "elevadgang.give_substitute": ("person", "last_day"),
    "elevadgang.stop": ("scope", "reason", "sure"),
}
"""What the administration's forms are filled in with; those that are not here are a button."""
MUST_SAY: Final = {endpoint for endpoint, names in FIELDS.items() if {"reason", "class"} & set(names)}
"""Forms where what is filled in may be wrong."""
NOBODYS: Final = 999_999
OF_NOBODY: Final = {
    "elevadgang.lift_stop", "elevadgang.new_code", "elevadgang.usernames", "elevadgang.lesson", "mit.answer_for_child",
}  # fmt: skip
"""Forms about somebody who is not there or not Sonja's, and what the school has not turned on."""
OF_SERVICES: Final = {
    "oidc.authorize",
    "oidc.par",
    "oidc.token",
    "oidc.userinfo",
    "oidc.introspect",
    "oidc.revoke",
    "oidc.logout",
    "oidc.register",
    "oidc.device_authorization",
    "saml.sso",
    "saml.slo",
    "saml.slo_soap",
    "saml.acs",
}
"""What services send, by the person's browser or themselves: taken from anywhere. A new name here is a decision."""


def routes(*apps: Flask, **about: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (an address takes anything)
    """Yield (endpoint, address) of each route that takes a POST; ids that are not in ``about`` are nobody's."""
    for app in apps:
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or set()):
                values = dict.fromkeys(rule.arguments, NOBODYS) | {
                    name: about[name] for name in rule.arguments & about.keys()
                }
                yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")


@pytest.fixture
def provider(system: System) -> Flask:
    return create_idp(system=system)


def is_for_people(page: Page) -> bool:
    return page.status not in {301, 302, 303} and page.headers.get("Content-Type", "").startswith("text/html")


def is_soap_fault(page: Page) -> bool:
    """Say whether it is a fault of the caller as SOAP 1.1, section 6.2, has it: always with the status 500."""
    return page.status == 500 and "<faultcode>S:Client</faultcode>" in page.body


def look(page: Page, what: object) -> None:
    assert page.status < 500 or is_soap_fault(page), what
    assert not is_for_people(page) or leads_on(page), what


def said(page: Page) -> bool:
    """Say whether a page says what became of the form: a fault at its field, that it was done, or an error page; cards are printed."""
    is_printed = page.headers.get("Content-Type") == "application/pdf"
    return is_printed or bool(page.soup.select(".form-error-message, [role=status], [role=alert], .ways-on"))


@sqlite_is_long
def test_no_input_breaks_a_route_of_the_provider(whole: Whole, provider: Flask) -> None:
    found = [route for route in routes(provider) if not route[0].startswith("login.")]  # those are tried in tests/login
    for endpoint, address in found:
        stranger, asta = whole.browser(), whole.browser()
        whole.mit(asta, whole.asta)
        for number, (sent, body, content_type) in enumerate(bodies(("username", "state", "client_id", "code", "next"))):
            look(asta.send(address, body, content_type), (endpoint, "Asta", sent))
            if number % 4 == 0:
                look(stranger.send(address, body, content_type), (endpoint, "a stranger", sent))


@sqlite_is_long
def test_no_input_breaks_a_form_of_the_administration(whole: Whole) -> None:
    whole.administration.config["WTF_CSRF_ENABLED"] = False  # to see what lies behind it
    about = {"number": whole.school.number, "person_id": whole.asta.id, "group_id": whole.group}
    found = dict(routes(whole.administration, **about))
    assert FIELDS.keys() <= found.keys()
    office = an_office(whole)
    for endpoint, address in found.items():
        if endpoint.startswith("sign_in."):  # it may log Sonja out
            office = an_office(whole)
        for sent, body, content_type in list(bodies(FIELDS.get(endpoint, ("nothing",))))[
            :: 1 if endpoint in FIELDS else 6
        ]:
            page = office.browser.send(address, body, content_type)
            look(page, (endpoint, sent))
            may_refuse = endpoint in MUST_SAY | OF_NOBODY or endpoint.startswith("sign_in.")
            assert may_refuse or page.status != 403, (endpoint, sent)
            assert endpoint not in MUST_SAY or said(page), (endpoint, sent, page.body)
    assert whole.mit(whole.browser(), whole.viggo).heading == "Viggo Lærersen"


@pytest.mark.parametrize("token", ["IjEi.wrong", "", "æ\0", "x" * 5000])
def test_a_page_that_is_too_old_leads_to_a_fresh_one(whole: Whole, token: str) -> None:
    office = an_office(whole)
    page = office.browser.post(f"{office.of(whole.asta)}/block", [("csrf_token", token), ("reason", "Flyttet")])
    assert (page.status, page.heading) == (400, "Siden var for gammel")
    assert page.soup.select_one(".reference")
    fresh = office.browser.open(page.link("Tilbage til siden"))
    assert fresh.path == office.of(whole.asta)
    assert "Kontoen er spærret" in told(office.send(fresh, "block", ("reason", "Flyttet")))


def test_the_fields_that_are_tried_are_those_of_the_pages(whole: Whole) -> None:
    office = an_office(whole)
    page = office.see(whole.asta)
    for what in ("stage", "block"):
        names = {str(tag["name"]) for tag in form(page, what).select("[name]")} - {"csrf_token"}
        endpoint = {"stage": "force_stage"}.get(what, what)
        assert names == set(FIELDS[f"brugeradministration.{endpoint}"])


def test_a_form_without_its_token_does_nothing_in_the_administration(whole: Whole) -> None:
    asta = whole.browser()
    whole.mit(asta, whole.asta)
    for endpoint, address in routes(whole.administration):
        page = asta.post(address, [("csrf_token", "IjEi.wrong")], follow=False)
        assert page.status in {400, 403, 404}, endpoint
        look(page, endpoint)
    assert asta.open("/mit/").heading == "Asta Prøvesen"


def test_only_what_services_send_is_taken_from_anywhere(whole: Whole, provider: Flask) -> None:
    asta = whole.browser()
    whole.mit(asta, whole.asta)
    taken = set()
    for endpoint, address in routes(provider, whole.administration):
        taken |= {endpoint for headers in FROM_ELSEWHERE if not is_refused(asta, address, headers)}
    assert taken == OF_SERVICES
    assert asta.open("/mit/").heading == "Asta Prøvesen"


def is_refused(browser: Browser, address: str, headers: dict[str, str]) -> bool:
    page = browser.post(address, [], headers=headers, follow=False)
    return (page.status, page.heading) == (403, "Det kom ikke herfra") and leads_on(page)


def test_the_administration_is_made_with_the_same_check(system: System, provider: Flask) -> None:
    administration = create_app(system, provider.wsgi_app)
    answer = administration.test_client().post("/mit/sessions/end-others", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
