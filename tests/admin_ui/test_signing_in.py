"""The administration signs people in through our own provider, over an in-process transport (decision 21)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from tests.opponents.browser import Browser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.admin_ui.conftest import Whole

REQUEST_THREADS = 4
AT_ONCE = 20


def test_whoever_is_not_logged_in_goes_to_the_provider_and_comes_back_to_the_page(whole: Whole) -> None:
    browser = whole.browser()
    asked = browser.open("/mit/")
    assert asked.path.startswith("/login/")
    page = whole.mit(browser, whole.asta)
    assert (page.path, page.status) == ("/mit/", 200)
    assert whole.asta.username in page.body


def test_a_session_at_the_provider_is_enough(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    browser.forget("skolepas-administration")
    page = browser.open("/mit/")
    assert (page.path, page.status) == ("/mit/", 200)
    assert any("/administration/callback" in address for address, _ in page.trail)


def test_the_cookies_cannot_be_read_by_scripts(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    for name in ("skolepas-administration", "skolepas-forms"):
        kept = browser._client.get_cookie(name, domain="localhost")
        assert kept is not None
        assert kept.http_only
        assert kept.same_site == "Lax"


def test_twenty_sign_ins_at_once_do_not_starve_four_request_threads(whole: Whole) -> None:
    """With a transport over the network each callback would hold one thread and wait for another: four would hang."""
    with ThreadPoolExecutor(REQUEST_THREADS) as request_threads, ThreadPoolExecutor(AT_ONCE) as people:

        class Server:
            """Answers each request in one of the few request threads."""

            def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
                return request_threads.submit(lambda: list(whole.application(environ, start_response))).result(
                    timeout=60
                )

        def sign_in(_: int) -> tuple[str, int]:
            browser = Browser(_Site(Server()))
            page = whole.mit(browser, whole.viggo)
            return page.path, page.status

        assert list(people.map(sign_in, range(AT_ONCE))) == [("/mit/", 200)] * AT_ONCE


class _Site:
    def __init__(self, application: Any) -> None:  # noqa: ANN401
        self._application = application

    def test_client(self) -> Client:
        return Client(self._application)


@pytest.mark.parametrize("answer", ["", "?state=unknown&code=unknown", "?error=access_denied&state=unknown"])
def test_an_answer_to_no_login_of_this_browser_gets_a_page_with_a_way_on(whole: Whole, answer: str) -> None:
    page = whole.browser().open(f"/administration/callback{answer}")
    assert page.status == 400
    assert page.link("Log ind").endswith("/mit/")


def test_a_code_does_not_sign_in_another_browser(whole: Whole) -> None:
    here, there = whole.browser(), whole.browser()
    page = whole.mit(here, whole.asta)
    callback = next(address for address, _ in page.trail if "/administration/callback" in address)
    assert there.open(callback).status == 400
    assert there.cookie("skolepas-administration") is None


def test_the_same_callback_again_begins_nothing(whole: Whole) -> None:
    browser = whole.browser()
    page = whole.mit(browser, whole.asta)
    callback = next(address for address, _ in page.trail if "/administration/callback" in address)
    assert browser.open(callback).status == 400
    assert browser.open("/mit/").status == 200


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "/\\example.org/", "javascript:1"])
def test_signing_in_leads_to_pages_of_ours_alone(whole: Whole, target: str) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    page = browser.open(f"/administration/sign-in?next={target}")
    assert (page.address, page.status) == ("http://localhost:8080/mit/", 200)


def test_two_tabs_sign_in_without_colliding(whole: Whole) -> None:
    browser = whole.browser()
    one, other = browser.open("/mit/"), browser.open("/mit/")
    for page in (one, other):
        asked = browser.open(page.address)
        arrived = (
            whole.give_code(browser, browser.type_username(asked, whole.viggo.username), whole.viggo)
            if asked.soup.find("input", attrs={"name": "username"})
            else asked
        )
        assert (arrived.path, arrived.status) == ("/mit/", 200)
