"""The whole application, wired from settings over Flask-SQLAlchemy as a server starts it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sqlalchemy import text
from structlog.testing import capture_logs

from idp.app import create_app
from idp.keyring import write_keyring
from tests.opponents.browser import Browser
from tests.opponents.school_day import PICTURES, SchoolDay

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask


def started(day: SchoolDay, folder: Path) -> Flask:
    write_keyring(day.system.keyring, folder / "secrets.toml")
    secrets = replace(day.system.settings.secrets, file=str(folder / "secrets.toml"))
    return create_app(settings=replace(day.system.settings, secrets=secrets))


def test_a_server_that_starts_from_settings_logs_people_in(day: SchoolDay, tmp_path: Path) -> None:
    app = started(day, tmp_path)
    browser = Browser(app)
    assert browser.open("/readyz").status == 200
    asked = {
        "client_id": "laeringsportalen",
        "redirect_uri": "http://localhost:9000/callback",
        "response_type": "code",
        "scope": "openid",
        "state": "one",
        "nonce": "two",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    page = browser.open(f"/oidc/authorize?{urlencode(asked)}")
    page = browser.tap(browser.type_username(page, day.asta.username), PICTURES)
    assert page.address.startswith("http://localhost:9000/callback?code=")
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_a_defect_shows_a_reference_and_no_detail(day: SchoolDay) -> None:
    def broken() -> str:
        raise RuntimeError("the secret reason")

    day.app.add_url_rule("/broken", view_func=broken)
    shown = day.browser().open("/broken")
    assert (shown.status, shown.heading) == (500, "Noget gik galt hos os")
    assert shown.soup.select_one(".reference") is not None
    assert "the secret reason" not in shown.body


def test_a_failing_statement_is_logged_without_what_it_was_to_write(day: SchoolDay) -> None:
    def broken() -> str:
        with day.system.database.writing() as db:
            db.execute(text("INSERT INTO nowhere VALUES (:code)"), {"code": "hest-banan"})
        return ""

    day.app.add_url_rule("/broken", view_func=broken)
    with capture_logs() as logged:
        assert day.browser().open("/broken").status == 500
    defects = [str(entry["exc_info"]) for entry in logged if entry["event"] == "defect"]
    assert len(defects) == 1
    assert "INSERT INTO nowhere" in defects[0]
    assert "hest-banan" not in defects[0]
