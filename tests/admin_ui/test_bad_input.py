"""Whatever is sent to any route that takes a form, of either application: no fault of ours, and a way on for people.

The routes come from the URL maps, so a new one is tried without a word here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from admin_ui.app import create_app
from idp.app import create_app as create_idp
from tests.opponents.bad_input import FROM_ELSEWHERE, bodies, leads_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from idp.usecases.system import System
    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser, Page

FIELDS: Final = (
    "username",
    "password",
    "csrf_token",
    "reason",
    "name",
    "until",
    "stage",
    "sign",
    "state",
    "code",
    "next",
)
OF_SERVICES: Final = {"oidc.authorize", "oidc.token", "oidc.userinfo", "oidc.logout"}
"""What services send, by the person's browser or themselves: taken from anywhere. A new name here is a decision."""


def routes(*apps: Flask) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, address) of each route that takes a POST, with ids that nobody has in the address."""
    for app in apps:
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or set()):
                values: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
                yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")


@pytest.fixture
def provider(system: System) -> Flask:
    return create_idp(system=system)


def is_for_people(page: Page) -> bool:
    return page.status not in {301, 302, 303} and page.headers.get("Content-Type", "").startswith("text/html")


def look(page: Page, told: object) -> None:
    assert page.status < 500, told
    assert not is_for_people(page) or leads_on(page), told


def test_no_input_breaks_a_route_that_takes_a_form(whole: Whole, provider: Flask) -> None:
    whole.administration.config["WTF_CSRF_ENABLED"] = False  # to see what lies behind it
    found = [route for route in routes(provider, whole.administration) if not route[0].startswith("login.")]
    assert len(found) > 5
    for endpoint, address in found:  # the login's own are tried from inside of a login, in tests/login
        stranger, asta = whole.browser(), whole.browser()
        whole.mit(asta, whole.asta)
        for number, (told, body, content_type) in enumerate(bodies(FIELDS)):
            look(asta.send(address, body, content_type), (endpoint, "Asta", told))
            if number % 4 == 0:
                look(stranger.send(address, body, content_type), (endpoint, "a stranger", told))
    assert whole.mit(whole.browser(), whole.viggo).heading == "Viggo Lærersen"


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
