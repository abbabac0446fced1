from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import request
from sqlalchemy import select
from structlog.testing import capture_logs

from idp.errors import ConfigurationFault
from idp.settings import read_settings
from idp.store.audit import AuditEvent
from idp.store.db import DatabaseFault
from idp.store.shown_errors import ShownError
from idp.usecases import shown_errors
from idp.web import errors
from idp.web.headers import form_targets
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.school_day import OTHERS, PICTURES, SchoolDay, a_day
from tests.opponents.small_protocol import small_site

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.opponents.browser import Page


def cookies(day: SchoolDay) -> dict[str, str]:
    """The Set-Cookie lines of a whole login by the cookie's name."""
    client = day.app.test_client()
    base = day.system.settings.site.issuer
    lines = []
    answer = client.get(f"{base}/ask", base_url=base)
    lines += answer.headers.getlist("Set-Cookie")
    browser = day.browser()
    browser._client = client
    page = browser.open(answer.headers["Location"])
    page = browser.tap(browser.type_username(page, day.asta.username), PICTURES)
    lines += page.headers.getlist("Set-Cookie")  # type: ignore[attr-defined]
    return {line.partition("=")[0]: line for line in lines}


def test_cookies_are_closed_to_scripts_and_to_other_sites(day: SchoolDay) -> None:
    found = cookies(day)
    assert set(found) == {"skolepas", "skolepas-browser", "skolepas-devices"}
    for line in found.values():
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line


def test_the_session_goes_when_the_browser_closes_and_the_device_stays(day: SchoolDay) -> None:
    found = cookies(day)
    assert "Max-Age" not in found["skolepas"]
    assert "Expires" not in found["skolepas"]
    assert "Max-Age" in found["skolepas-devices"]


def test_over_https_cookies_are_secure_and_bound_to_the_host(system: System) -> None:
    secure = replace(system.settings, site=replace(system.settings.site, issuer="https://login.example.dk"))
    day = a_day(replace(system, settings=secure))
    answer = day.app.test_client().get("https://login.example.dk/ask", base_url="https://login.example.dk")
    line = answer.headers["Set-Cookie"]
    assert line.startswith("__Host-skolepas-browser=")
    assert "Secure" in line
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_a_login_gives_the_session_a_new_token(day: SchoolDay) -> None:
    browser = day.browser()
    planted = "p" * 43
    browser.set_cookie("skolepas", planted)
    day.log_in(browser)
    assert browser.cookie("skolepas") not in {None, planted}


def test_no_page_may_run_what_stands_in_it_or_be_framed(day: SchoolDay) -> None:
    page = day.code_page(day.browser(), day.asta.username)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.body
    assert " style=" not in page.body
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_forms_may_lead_to_the_service_of_the_login_and_to_no_other(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.open("/ask")
    assert "form-action 'self' http://localhost:9000;" in page.headers["Content-Security-Policy"]
    assert "form-action 'self';" in browser.open("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("address", "sources"),
    [
        ("https://a.example/callback", ("https://a.example",)),
        ("dk.example.app:/callback", ("dk.example.app:",)),
        ("https://a.example;script-src */x", ()),
        ("", ()),
    ],
)
def test_a_redirect_address_becomes_one_source(address: str, sources: tuple[str, ...]) -> None:
    assert form_targets([address]) == sources


def test_what_is_personal_is_not_kept_and_static_files_are(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    assert page.headers["Cache-Control"] == "no-store"
    style = page.soup.find("link", rel="stylesheet")
    assert style is not None
    shown = browser.open(str(style["href"]))
    assert shown.status == 200
    assert "public" in shown.headers["Cache-Control"]


def kept_under(day: SchoolDay, shown: Page) -> str | None:
    """The reason that is kept under the reference of an error page."""
    reference = shown.soup.select_one(".reference")
    assert reference is not None
    with day.system.database.reading() as db:
        assert db.execute(select(AuditEvent.id).where(AuditEvent.reference == reference.text)).all() == []
        return db.execute(select(ShownError.reason).where(ShownError.reference == reference.text)).scalar_one_or_none()


def test_an_error_page_has_a_reference_that_is_kept_and_not_on_the_audit_record(day: SchoolDay) -> None:
    page = day.code_page(day.browser(), day.asta.username)
    assert kept_under(day, day.browser().open(page.address)) == "sign-in:attempt-elsewhere"


def test_beyond_so_many_an_hour_a_strangers_error_page_is_in_the_log_alone(
    day: SchoolDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_errors, "FROM_ONE_NETWORK", 1)
    assert kept_under(day, day.browser().open("/login/nothing")) == "sign-in:attempt-gone"
    with capture_logs() as logged:
        shown = day.browser().open("/login/nothing")
    assert kept_under(day, shown) is None
    reference = shown.soup.select_one(".reference")
    assert reference is not None
    assert reference.text in {entry.get("reference") for entry in logged}


def test_an_error_page_is_shown_once_though_it_cannot_be_kept(day: SchoolDay, monkeypatch: pytest.MonkeyPatch) -> None:
    page = day.code_page(day.browser(), day.asta.username)
    asked = []

    def locked(*_args: object, **_more: object) -> None:
        asked.append("once")
        raise DatabaseFault("database is locked")

    monkeypatch.setattr(errors, "keep", locked)
    with capture_logs() as logged:
        shown = day.browser().open(page.address)
    assert (shown.status, asked) == (403, ["once"])
    assert "error not kept" in {entry["event"] for entry in logged}


def test_a_redirect_of_the_router_names_no_host(day: SchoolDay) -> None:
    answer = day.app.test_client().get("/login//x?a=1", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "/login/x?a=1")


def test_a_page_that_is_not_there_leads_on(day: SchoolDay) -> None:
    shown = day.browser().open("/nowhere")
    assert (shown.status, shown.heading) == (404, "Den side findes ikke")
    assert day.browser().open(shown.link("Gå til forsiden")).status == 200


def test_nothing_secret_is_logged(day: SchoolDay) -> None:
    browser = day.browser()
    with capture_logs() as logged:
        page = browser.tap(day.code_page(browser, day.asta.username), OTHERS)
        browser.tap(page, PICTURES)
    assert len(logged) >= 5
    for secret in ("house", day.asta.username, str(browser.cookie("skolepas")), page.path):
        assert secret not in repr(logged)


def test_the_site_says_that_it_is_alive_ready_and_counted(day: SchoolDay) -> None:
    browser = day.browser()
    assert browser.open("/healthz").body == "ok\n"
    assert browser.open("/readyz").body == "ok\n"
    day.log_in(browser)
    assert 'skolepas_logins_total{outcome="succeeded"}' in day.browser(address="127.0.0.1").open("/metrics").body


def test_figures_are_not_for_those_who_come_through_a_proxy(day: SchoolDay) -> None:
    answer = day.app.test_client().get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ("", "127.0.0.1", 200),
        ("", "::1", 200),
        ("", "::ffff:127.0.0.1", 200),
        ("", "192.0.2.7", 404),
        ("", "", 404),
        ("10.1.0.0/16 fd00::/8", "10.1.2.3", 200),
        ("10.1.0.0/16 fd00::/8", "fd00::7", 200),
        ("10.1.0.0/16 fd00::/8", "10.2.2.3", 404),
    ],
)
def test_figures_are_for_this_machine_and_the_operators_networks(
    system: System, networks: str, address: str, status: int
) -> None:
    server = replace(system.settings.server, metrics_networks=networks)
    day = a_day(replace(system, settings=replace(system.settings, server=server)))
    assert day.browser(address=address).open("/metrics").status == status
    assert day.browser(address=address).open("/healthz").status == 200


@pytest.mark.parametrize("networks", ["10.1.0.1/16", "everybody", "10.0.0.0/8,fd00::/8"])
def test_networks_that_are_none_are_refused(networks: str) -> None:
    with pytest.raises(ConfigurationFault, match="metrics_networks"):
        read_settings({"server": {"metrics_networks": networks}})


def test_forwarded_addresses_count_only_from_trusted_proxies(system: System) -> None:
    trusting = read_settings({"site": {"trusted_proxies": 1}, "hashing": {"memory_kib": 64, "passes": 1}})
    day = a_day(replace(system, settings=trusting))
    assert where(day) == "10.1.1.1 https"


def test_forwarded_addresses_are_ignored_where_no_proxy_is_trusted(day: SchoolDay) -> None:
    assert where(day) == "127.0.0.1 http"


def where(day: SchoolDay) -> str:
    """Return the address and scheme that the application believes in."""
    day.app.add_url_rule("/where", view_func=lambda: f"{request.remote_addr} {request.scheme}")
    return (
        day.app.test_client().get("/where", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.1.1"}).text
    )


def test_forms_may_lead_to_where_the_service_sends_people_without_a_licence(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        service_id = recipes.a_service(
            db, day.system, client_id="licensed", missing_license_url="https://licence.example/buy"
        )
    page = Browser(small_site(day.system, service_id)).open("/ask")
    assert (
        "form-action 'self' http://localhost:9000 https://licence.example;" in page.headers["Content-Security-Policy"]
    )
