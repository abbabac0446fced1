"""The page that posts a message of ours."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from idp.app import create_app
from idp.saml.bindings_3_5_send_post import post_form
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from flask import Flask, Response

    from idp.usecases.system import System

pytestmark = one_database
CONSUMER = 'https://portal.example/acs?a=1&b="2"'
MESSAGE = '<samlp:Response xmlns:samlp="urn:x">æ</samlp:Response>'.encode()


@pytest.fixture
def app(system: System) -> Flask:
    return create_app(system)


def sent(app: Flask, *, relay_state: str | None, language: str = "da", address: str = CONSUMER) -> Response:
    with app.test_request_context("/", headers={"Accept-Language": language}):
        return post_form(address, "SAMLResponse", MESSAGE, relay_state=relay_state)


def form_of(answer: Response) -> tuple[str, dict[str, str]]:
    form = BeautifulSoup(answer.get_data(as_text=True), "html.parser").find("form", attrs={"data-send": True})
    assert form is not None
    fields = {str(each["name"]): str(each["value"]) for each in form.find_all("input")}
    return str(form["action"]), fields


@pytest.mark.spec("SAML Bindings", "3.5.4")
@pytest.mark.parametrize(
    "relay_state", [None, "", '"><script>alert(1)</script>&amp;', "-the-inputs--the-address-", "æ" * 80]
)
def test_the_form_carries_the_message_and_the_relay_state_as_they_are(app: Flask, relay_state: str | None) -> None:
    for _ in range(2):  # the second is put into a page that is kept
        answer = sent(app, relay_state=relay_state)
        action, fields = form_of(answer)
        assert action == CONSUMER
        assert b64decode(fields.pop("SAMLResponse")) == MESSAGE
        assert fields == ({} if relay_state is None else {"RelayState": relay_state})
        assert b"<script>" not in answer.data


def test_nobody_keeps_the_page_and_its_form_goes_to_the_one_service(app: Flask) -> None:
    answer = sent(app, relay_state=None, address="https://portal.example/acs")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "form-action 'self' https://portal.example" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_each_language_has_a_page_of_its_own_and_nothing_of_one_answer_is_in_the_next(app: Flask) -> None:
    pages = [sent(app, relay_state=word, language=word) for word in ("da", "en", "da")]
    texts = [page.get_data(as_text=True) for page in pages]
    assert texts[0] == texts[2]
    assert '<html lang="da">' in texts[0]
    assert '<html lang="en">' in texts[1]
    assert form_of(pages[2])[1]["RelayState"] == "da"
