"""The pages that SAML adds, in a browser: the way through services past a dead one, and the choice of a school."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect
from werkzeug.serving import make_server

from admin_ui.cli import Operator
from admin_ui.cli.upstreams import upstreams
from idp.app import create_app
from idp.bootstrap import wire
from idp.keyring import make_keyring
from idp.settings import read_settings
from idp.store.db import Database
from idp.store.schema import upgrade
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Factor
from tests.browser import chromium
from tests.browser.accessibility import cut, sideways, too_small, violations
from tests.opponents.saml_reader import read_message, read_query
from tests.opponents.saml_service import SamlService, key_pair
from tests.opponents.saml_upstream import SamlUpstream
from tests.saml.provider import Provider, a_provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@dataclass(frozen=True)
class Site:
    """A provider on a port of its own, and two services: one answers, the other is dead."""

    provider: Provider
    here: str
    alive: SamlService
    dead: SamlService


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[int]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def a_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("saml")
    port = a_port()
    here = f"http://localhost:{port}"
    settings = read_settings(
        {
            "site": {"issuer": here},
            "database": {"url": f"sqlite:///{folder}/site.sqlite3"},
            "hashing": {"memory_kib": 64, "passes": 1},
        }
    )
    database = Database.open(settings.database.url)
    upgrade(database)
    provider = a_provider(wire(settings, keyring=make_keyring(), database=database))

    class Alive(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/slo?"):
                self.send_response(404)
            else:
                asked = read_message(
                    read_query(f"http://alive{self.path}", certificates=provider.certificates()).message
                )
                answer = alive.logout_response(asked.id, now=provider.system.now(), destination=f"{here}/saml/slo")
                self.send_response(303)
                self.send_header("Location", alive.by_redirect(answer, at=f"{here}/saml/slo", parameter="SAMLResponse"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    def a_service(name: str, at: str) -> SamlService:
        return SamlService(
            entity_id=f"https://{name}.example/saml", consumers=(f"https://{name}.example/acs",),
            logout=(("HTTP-Redirect", at),), signs=True, keys=key_pair(name),
        )  # fmt: skip

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Alive)) as lives_at:
        alive = a_service("alive", f"http://localhost:{lives_at}/slo")
        dead = a_service("dead", f"http://localhost:{a_port()}/slo")
        provider.register(dead, decided={"name_da": "Matematikfessor"})
        provider.register(alive, decided={"name_da": "Læringsportalen"})
        done = CliRunner().invoke(
            upstreams,
            [
                "add-saml", "--metadata", "-", "--name-da", "Kommunens login", "--subject", "user-id",
                "--institution", provider.school.number,
            ],
            input=SamlUpstream().metadata(),
            obj=Operator(None, provider.system),
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        server = make_server("127.0.0.1", port, create_app(provider.system), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(provider, here, alive, dead)
        server.shutdown()
    database.close()


def logged_in(site: Site, browser: Browser, *, javascript: bool) -> Page:
    """A window whose person is logged in at both services, the dead one first."""
    provider = site.provider
    with provider.system.database.writing() as db:
        begun = begin_session(
            db, provider.system, person_id=provider.asta.id, browser="x",
            factors=[ProvenFactor(Factor.PICTURES, provider.system.now())],
        )  # fmt: skip
    window = browser.new_context(
        viewport={"width": chromium.PHONE, "height": 844}, locale="da-DK", java_script_enabled=javascript
    )
    window.add_cookies([{"name": "skolepas", "value": begun.token, "url": site.here}])
    for service in (site.dead, site.alive):
        request = service.authn_request(now=provider.system.now(), destination=f"{site.here}/saml/sso")
        answer = window.request.get(service.by_redirect(request, at=f"{site.here}/saml/sso"))
        assert "SAMLResponse" in answer.text()
    return window.new_page()


def is_for_everybody(page: Page) -> None:
    assert violations(page) == []
    for width in (chromium.PHONE, chromium.DESKTOP):
        page.set_viewport_size({"width": width, "height": 844})
        assert (sideways(page), cut(page), too_small(page)) == (0, [], [])


def test_logging_out_goes_past_a_dead_service_by_itself_and_says_so(site: Site, browser: Browser) -> None:
    page = logged_in(site, browser, javascript=True)
    page.goto(f"{site.here}/logout")
    page.click("button.go")
    page.wait_for_url("**/logout", timeout=20_000)
    expect(page.locator(".left-services .told")).to_contain_text("Læringsportalen")
    expect(page.locator(".left-services .cannot-be-told")).to_contain_text("Matematikfessor")
    page.context.close()


def test_without_scripts_the_person_presses_past_the_dead_one(site: Site, browser: Browser) -> None:
    page = logged_in(site, browser, javascript=False)
    page.goto(f"{site.here}/logout")
    page.click("button.go")
    expect(page.locator("a[data-next]")).to_contain_text("Matematikfessor")
    page.click("form[data-without] button")
    page.click("a[data-next]")
    page.wait_for_url("**/logout")
    expect(page.locator(".left-services .told")).to_contain_text("Læringsportalen")
    page.context.close()


@pytest.mark.parametrize("language", ["da-DK", "en-GB"])
def test_the_pages_are_for_everybody(site: Site, browser: Browser, language: str) -> None:
    window = browser.new_context(viewport={"width": chromium.PHONE, "height": 844}, locale=language)
    page = window.new_page()
    request = site.dead.authn_request(now=site.provider.system.now(), destination=f"{site.here}/saml/sso")
    page.goto(site.dead.by_redirect(request, at=f"{site.here}/saml/sso"))
    page.click("a[href$='/elsewhere']")
    expect(page.locator("button[name=upstream]")).to_have_count(1)
    is_for_everybody(page)
    page.keyboard.press("Tab")
    window.close()


def test_the_page_between_two_services_is_for_everybody(site: Site, browser: Browser) -> None:
    page = logged_in(site, browser, javascript=True)
    page.route("**/saml_logout.js*", lambda route: route.abort())  # so that the page stands still
    page.goto(f"{site.here}/logout")
    page.click("button.go")
    expect(page.locator("[data-next]")).to_be_visible()
    is_for_everybody(page)
    page.context.close()
