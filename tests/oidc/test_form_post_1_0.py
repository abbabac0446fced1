"""The answer as a form: what it carries, where it may go, and that it works without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oidc.addresses import changed
from tests.opponents.databases import one_database
from tests.opponents.relying_party import CALLBACK, SITE
from tests.opponents.school_day import PICTURES

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Page
    from tests.opponents.relying_party import Begun

FORM_POST = {"response_mode": "form_post"}


def posted(page: Page) -> dict[str, str]:
    """What the page's form would carry to the service."""
    assert (page.form["action"], page.form["method"]) == (CALLBACK, "post")
    assert page.form.find("button", type="submit")
    fields = page.form.find_all("input", type="hidden")
    return {str(field["name"]): str(field["value"]) for field in fields}


def asked(provider: Provider, **parameters: str) -> tuple[Begun, Page]:
    begun = provider.party().begin(**FORM_POST, **parameters)
    return begun, provider.logged_in().open(begun.address)


@pytest.mark.spec("OAuth 2.0 Form Post Response Mode", "2")
def test_a_live_session_is_answered_with_a_form_and_no_address_holds_the_code(provider: Provider) -> None:
    begun, page = asked(provider)
    told = posted(page)
    assert (page.status, page.trail) == (200, [])
    assert set(told) == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == (begun.state, SITE)
    assert provider.party().exchange(begun, told["code"]).status_code == 200


def test_a_login_ends_with_the_form_too(provider: Provider) -> None:
    browser, begun = provider.browser(), provider.party().begin(**FORM_POST)
    page = browser.type_username(browser.open(begun.address), provider.asta.username)
    page = browser.tap(page, PICTURES)
    assert posted(page)["state"] == begun.state
    assert browser.cookie("skolepas")
    # Sent a second time, as a browser does that is told to reload, it answers the service once more.
    assert posted(browser.open(page.address))["state"] == begun.state


def test_the_page_is_kept_nowhere_and_may_post_to_this_service_alone(provider: Provider) -> None:
    _, page = asked(provider)
    policy = page.headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:9000;" in policy
    assert "script-src 'self';" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    scripts = page.soup.find_all("script")
    assert any("form_post.js" in str(script["src"]) for script in scripts)
    assert not any(script.get_text() for script in scripts)


@one_database
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"acr_values": "ToFaktor", "prompt": "none"}, "unmet_authentication_requirements"),
    ],
)
def test_an_error_is_posted_too(provider: Provider, more: dict[str, str], error: str) -> None:
    begun = provider.party().begin(**FORM_POST)
    told = posted(provider.logged_in().open(changed(begun.address, *more.items())))
    assert (told["error"], told["state"], told["iss"]) == (error, begun.state, SITE)
    assert told["error_description"]


def test_nobody_logged_in_is_posted_too(provider: Provider) -> None:
    begun = provider.party().begin(**FORM_POST, prompt="none")
    assert posted(provider.browser().open(begun.address))["error"] == "login_required"


def test_a_fault_before_the_target_is_trusted_is_posted_nowhere(provider: Provider) -> None:
    begun = provider.party().begin(**FORM_POST)
    page = provider.logged_in().open(changed(begun.address, ("redirect_uri", "https://evil.example/")))
    assert page.status == 400
    assert page.soup.find("form") is None


@one_database
@pytest.mark.parametrize(
    "state", ['"><script>alert(1)</script>', "' onfocus=x y='", "&quot;&#34;", "{{ 7 * 7 }}", "æ🦊"]
)
def test_the_state_comes_back_as_it_came_and_says_nothing_to_the_page(provider: Provider, state: str) -> None:
    begun = provider.party().begin(**FORM_POST)
    page = provider.logged_in().open(changed(begun.address, ("state", state)))
    assert posted(page)["state"] == state
    assert len(page.soup.find_all("script")) == 2
