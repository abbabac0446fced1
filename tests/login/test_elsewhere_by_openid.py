"""The same with a strong identification that speaks OpenID Connect, over HTTP: another Skolepas stands for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from click.testing import CliRunner

from admin_ui.cli import Operator
from admin_ui.cli.upstreams import upstreams
from idp.app import create_app
from idp.bootstrap import wire
from idp.keyring import make_keyring
from idp.oidc import upstream_login
from idp.outside import upstream_oidc
from idp.outside.fetch import Unfetchable
from idp.settings import read_settings
from idp.store.db import Database
from idp.store.schema import upgrade
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Factor, ReleasePackage
from tests import recipes
from tests.opponents.browser import Browser
from tests.saml.asking import PORTAL, SUCCESS
from tests.saml.provider import Provider, a_provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page

ISSUER = "https://strong.example"
BACK = "http://localhost:8080/login/elsewhere/callback"


class Strong:
    """The other provider, with one grown-up who is logged in there."""

    def __init__(self, system: System, app: Flask, someone: recipes.Someone) -> None:
        self.system, self.app, self.someone = system, app, someone
        self.transport = httpx.WSGITransport(app=app)

    def get_json(self, url: str) -> object:
        """Stand where we would fetch its discovery document."""
        path = url.removeprefix(ISSUER)
        answer = httpx.Client(transport=self.transport, base_url=ISSUER).get(path)
        if answer.status_code != 200:
            raise Unfetchable(f"status {answer.status_code}")
        return answer.json()

    def visited(self, address: str) -> str:
        """Where a browser ends that is logged in there."""
        with self.system.database.writing() as db:
            begun = begin_session(
                db, self.system, person_id=self.someone.id, browser="x",
                factors=[ProvenFactor(Factor.PASSWORD, self.system.now()), ProvenFactor(Factor.TOTP, self.system.now())],
            )  # fmt: skip
        client = httpx.Client(transport=self.transport, cookies={"__Host-skolepas": begun.token})
        return str(client.get(address).headers["Location"])


@pytest.fixture
def strong(tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Strong]:
    settings = read_settings(
        {
            "site": {"issuer": ISSUER},
            "database": {"url": f"sqlite:///{tmp_path}/strong.sqlite3"},
            "hashing": {"memory_kib": 64, "passes": 1},
        }
    )
    database = Database.open(settings.database.url)
    upgrade(database)
    system = wire(settings, keyring=make_keyring(), clock=clock, database=database)
    with database.writing() as db:
        someone = recipes.a_teacher(db, system, recipes.a_school(db, system))
        recipes.a_service(db, system, client_id="skolepas", redirect_uri=BACK, package=ReleasePackage.SMALL)
    there = Strong(system, create_app(system), someone)
    upstream_login.party_at.cache_clear()
    client = httpx.Client
    monkeypatch.setattr(
        upstream_oidc.httpx,
        "Client",
        lambda **about: client(**{**about, "transport": about["transport"] or there.transport}),
    )
    yield there
    database.close()


@pytest.fixture
def provider(system: System, strong: Strong, tmp_path: Path) -> Provider:
    made = a_provider(replace(system, fetcher=strong))  # type: ignore[arg-type]
    made.register(PORTAL)
    (tmp_path / "secret").write_text(recipes.SECRET)
    done = CliRunner().invoke(
        upstreams,
        [
            "add-oidc", "--issuer", ISSUER, "--client-id", "skolepas", "--secret-file", str(tmp_path / "secret"),
            "--name-da", "Stærkt id", "--institution", made.school.number, "--subject", "user-id", "--attribute", "uniid",
            "--level", "ToFaktor=ToFaktor", "--cap", "ToFaktor",
        ],
        obj=Operator(None, made.system),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert recipes.SECRET not in json.dumps(json.loads(done.stdout))
    return made


def goes_there(provider: Provider, browser: Browser, **attributes: str) -> Page:
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request(now=provider.system.now(), **attributes)))
    page = browser.open(page.link("Jeg logger ind med et andet login"))
    button = page.soup.select("button[name=upstream]")[0]
    page = browser.submit(page, ("upstream", str(button["value"])))
    assert page.address.startswith(f"{ISSUER}/oidc/authorize?")
    assert provider.system is not None
    return page


def known_there_as(provider: Provider, strong: Strong) -> None:
    """Let our pupil be the one whom the other provider means."""
    with provider.system.database.writing() as db:
        db.connection().exec_driver_sql(
            f"UPDATE person SET uniid = '{strong.someone.uniid}' WHERE id = {provider.asta.id}"  # noqa: S608 (our own ids)
        )


def test_a_grown_up_logs_in_with_a_strong_identification(provider: Provider, strong: Strong) -> None:
    known_there_as(provider, strong)
    browser = Browser(provider.app)
    back = strong.visited(goes_there(provider, browser).address)
    assert back.startswith(BACK)
    read = provider.response(PORTAL, browser.open(back))
    assert read.status == SUCCESS
    assert read.assertion is not None
    assert read.assertion.attributes["dk:unilogin:loa"] == ("ToFaktor",)


def test_an_answer_of_another_login_or_browser_logs_nobody_in(provider: Provider, strong: Strong) -> None:
    known_there_as(provider, strong)
    browser, other = Browser(provider.app), Browser(provider.app)
    back = strong.visited(goes_there(provider, browser).address)
    assert other.open(back).soup.select_one("input[name=SAMLResponse]") is None
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert browser.open(back.replace(state, state[:-2] + "xx")).soup.select_one("input[name=SAMLResponse]") is None
    assert browser.open(back).soup.select_one("input[name=SAMLResponse]") is None  # the request is closed
    assert browser.open("/login/elsewhere/callback").status == 200


def test_an_answer_that_does_not_say_whose_it_is_is_none_of_a_provider_that_says_so(
    provider: Provider, strong: Strong
) -> None:
    """Otherwise one provider's code could be sent to another's token endpoint (RFC 9207 2.4, RFC 9700 4.4)."""
    known_there_as(provider, strong)
    browser = Browser(provider.app)
    address, _, query = strong.visited(goes_there(provider, browser).address).partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name != "iss"]
    assert len(kept) == len(parse_qsl(query)) - 1
    assert "Prøv igen" in browser.open(f"{address}?{urlencode(kept)}").error


def test_somebody_whom_nobody_knows_here_is_told_so(provider: Provider, strong: Strong) -> None:
    browser = Browser(provider.app)
    page = browser.open(strong.visited(goes_there(provider, browser).address))
    assert "ingen på den skole" in page.error


@pytest.mark.parametrize("auth_time", [None, 10**18, -1, "now", True])
def test_a_fresh_login_is_one_that_says_when_it_was(
    provider: Provider, strong: Strong, monkeypatch: pytest.MonkeyPatch, auth_time: object
) -> None:
    """``auth_time`` is required in the answer to ``max_age`` (OpenID Connect Core 2)."""
    known_there_as(provider, strong)
    browser = Browser(provider.app)
    asked = goes_there(provider, browser, ForceAuthn="true").address
    assert "max_age=0" in asked
    back = strong.visited(asked.replace("prompt=login", "").replace("max_age=0", ""))
    verify = upstream_oidc.verify

    def with_auth_time(*what: Any, **about: Any) -> dict[str, Any]:  # noqa: ANN401
        claims = {name: value for name, value in verify(*what, **about).items() if name != "auth_time"}
        return claims if auth_time is None else {**claims, "auth_time": auth_time}

    monkeypatch.setattr(upstream_oidc, "verify", with_auth_time)
    page = browser.open(back)
    assert (page.status, "Prøv igen" in page.error) == (200, True)


def test_a_provider_without_https_is_not_registered(provider: Provider, tmp_path: Path) -> None:
    there = {"issuer": "https://i.example", "jwks_uri": "https://i.example/j"}
    there |= {"authorization_endpoint": "https://i.example/a", "token_endpoint": "http://i.example/t"}

    class Fetched:
        def get_json(self, url: str) -> object:
            assert url.startswith("https://i.example/")
            return there

    system = replace(provider.system, fetcher=Fetched())  # type: ignore[arg-type]
    told = ("--client-id", "c", "--secret-file", str(tmp_path / "secret"), "--name-da", "d", "--subject", "user-id")
    done = CliRunner().invoke(
        upstreams,
        ["add-oidc", "--issuer", "https://i.example", *told, "--institution", provider.school.number],
        obj=Operator(None, system),
    )
    assert (done.exit_code, "no https address: token_endpoint" in done.output) == (1, True)
