"""The demo's learning services over the wired site: the whole code flow, with a browser without JavaScript."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from admin_ui.demo.laeringsportalen.looks import LAERINGSPORTALEN, LOOKS, TALKONGEN
from admin_ui.wsgi import assemble
from idp.app import create_app
from idp.store.installation import is_demo, mark_as_demo
from idp.usecases.services import register_oidc
from policies.vocabulary import Level
from tests import recipes
from tests.opponents.browser import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed.wsgi import WSGIApplication

    from idp.usecases.system import System
    from tests.opponents.browser import Page

PICTURES = "house sun cat key"


class Site:
    def __init__(self, application: WSGIApplication, asta: recipes.Someone) -> None:
        self._application = application
        self.asta = asta

    def test_client(self) -> Client:
        return Client(self._application)

    def log_in(self, browser: Browser, service: str = "laeringsportalen") -> Page:
        start = browser.open(f"/{service}/")
        page = browser.open(start.link("Log ind med Skolepas"))
        return browser.tap(browser.type_username(page, self.asta.username), PICTURES)


@pytest.fixture
def demo_system(system: System, tmp_path: Path) -> System:
    """Return the system of a site whose settings name a demo's services."""
    proving = replace(system.settings.proving, demo_services_file=str(tmp_path / "services.json"))
    return replace(system, settings=replace(system.settings, proving=proving))


@pytest.fixture
def site(demo_system: System, tmp_path: Path) -> Site:
    system = demo_system
    mark_as_demo(system.database)
    known = {}
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        group = recipes.a_class(db, system, school)
        asta = recipes.a_pupil(db, system, school, level=Level.G1, group=group, code=PICTURES)
        for look in LOOKS:
            made = register_oidc(db, system, look.metadata("http://localhost:8080"), package=look.package)
            known[look.key] = {"client_id": made.client_id, "client_secret": made.client_secret}
    (tmp_path / "services.json").write_text(json.dumps(known), encoding="utf-8")
    return Site(assemble(system, create_app(system=system)), asta)


def claims(page: Page) -> dict[str, str]:
    return {str(cell["data-claim"]): cell.get_text(strip=True) for cell in page.soup.select("[data-claim]")}


def test_a_pupil_logs_in_and_sees_what_the_service_received(site: Site) -> None:
    page = site.log_in(Browser(site))
    assert (page.path, page.status, page.heading) == ("/laeringsportalen/", 200, "Hej Asta!")
    received = claims(page)
    assert received["uniid"] == site.asta.uniid
    assert received["aktoer_gruppe"] == "Elev"
    assert received["unilogin_loa"] == "EnFaktor"
    assert received["name"] == "Asta Prøvesen"


def test_the_front_page_shows_the_way_to_the_services_and_to_ones_own_page(site: Site) -> None:
    front = Browser(site).open("/")
    names = ("Læringsportalen", "Talkongen", "Se min egen side")
    paths = [urlsplit(front.link(name)).path for name in names]
    assert paths == ["/laeringsportalen/", "/talkongen/", "/mit/"]


def test_a_login_that_was_lost_shows_the_way_back_to_the_service(site: Site) -> None:
    first = Browser(site)
    page = first.open(first.open("/laeringsportalen/").link("Log ind med Skolepas"))
    lost = Browser(site).open(page.address)
    assert lost.status == 403
    assert lost.link("Gå til tjenesten").endswith("/laeringsportalen/")


def test_a_service_with_a_smaller_agreement_receives_no_name(site: Site) -> None:
    page = site.log_in(Browser(site), "talkongen")
    assert page.heading == "Hej!"
    assert not {"name", "given_name", "family_name", "birthdate"} & set(claims(page))
    assert "Asta" not in page.body


def test_whoever_is_logged_in_at_one_service_taps_once_at_the_other(site: Site) -> None:
    browser = Browser(site)
    site.log_in(browser)
    page = browser.open(browser.open("/talkongen/").link("Log ind med Skolepas"))
    assert (page.path, page.heading) == ("/talkongen/", "Hej!")


def test_logging_out_at_the_service_logs_out_at_the_provider(site: Site) -> None:
    browser = Browser(site)
    page = browser.submit(site.log_in(browser))
    assert page.heading == "Du er logget ud"
    after = browser.open(page.link("Gå videre til Læringsportalen"))
    assert (after.path, after.heading) == ("/laeringsportalen/logged-out", "Farvel. På gensyn!")
    assert browser.open(browser.open("/laeringsportalen/").link("Log ind")).path.startswith("/login/")
    assert browser.open(browser.open("/talkongen/").link("Log ind")).path.startswith("/login/")


def test_a_service_forgets_who_was_there_when_a_frame_says_that_the_session_has_ended(site: Site) -> None:
    browser = Browser(site)
    site.log_in(browser)
    inside = browser.open(browser.open("/talkongen/").link("Log ind med Skolepas"))
    page = browser.submit(browser.open("/logout"))
    told, other = sorted(str(frame["src"]) for frame in page.soup.find_all("iframe"))[::-1]
    assert "/talkongen/" in told
    assert browser.open(told.replace("sid=", "sid=0")).status == 200
    assert claims(browser.open(inside.path))  # that was another session's
    answer = browser.open(told)
    assert "frame-ancestors http://localhost:8080" in answer.headers["Content-Security-Policy"]
    assert not claims(browser.open("/talkongen/"))
    assert claims(browser.open("/laeringsportalen/"))
    browser.open(other)
    assert not claims(browser.open("/laeringsportalen/"))


def test_a_form_of_another_site_logs_nobody_out(site: Site) -> None:
    browser = Browser(site)
    site.log_in(browser)
    assert browser.post("/laeringsportalen/logout", []).status == 400
    assert claims(browser.open("/laeringsportalen/"))


@pytest.mark.parametrize("answer", ["", "?code=made-up&state=made-up", "?error=access_denied&state=x"])
def test_an_answer_that_does_not_hold_leads_to_another_try(site: Site, answer: str) -> None:
    page = Browser(site).open(f"/laeringsportalen/callback{answer}")
    assert page.status == 403
    assert page.link("Prøv igen").endswith("/laeringsportalen/login")


def test_the_cookie_of_a_service_is_for_that_service_alone(site: Site) -> None:
    browser = Browser(site)
    site.log_in(browser)
    kept = browser._client.get_cookie("laeringsportalen-session", domain="localhost", path="/laeringsportalen/")
    assert kept is not None
    assert kept.http_only
    assert len(kept.value) < 4000


def test_a_service_speaks_english_to_a_browser_that_asks_for_it(site: Site) -> None:
    page = Browser(site, languages="en").open("/laeringsportalen/")
    assert 'lang="en"' in page.body
    assert page.link("Log in with Skolepas")


def test_no_service_is_served_from_a_database_that_the_demo_did_not_make(demo_system: System, tmp_path: Path) -> None:
    (tmp_path / "services.json").write_text('{"laeringsportalen": {}}', encoding="utf-8")
    assert not is_demo(demo_system.database)
    nobody = recipes.Someone(0, "", "", 0, 0, None)
    site = Site(assemble(demo_system, create_app(system=demo_system)), nobody)
    assert Browser(site).open(f"/{LAERINGSPORTALEN.key}/").status == 404


def test_the_two_services_stand_on_different_agreements() -> None:
    assert LAERINGSPORTALEN.package is not TALKONGEN.package
