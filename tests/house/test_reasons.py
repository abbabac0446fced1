"""Every refusal has a Reason, and every Reason has words in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from idp.web.messages import sentence, title, waiting
from policies.vocabulary import Reason
from tests.house.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def app() -> Iterator[Flask]:
    """A bare application that knows our texts, and nothing else."""
    app = Flask("texts")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "idp" / "translations")
    Babel(app)
    with app.test_request_context():
        yield app


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_a_sentence_in_both_languages(app: Flask, reason: Reason) -> None:
    with force_locale("en"):
        english = sentence(reason)
    with force_locale("da"):
        danish = sentence(reason)
    assert english.endswith((".", "!", "?"))
    assert danish.endswith((".", "!", "?"))
    assert danish != english


@pytest.mark.parametrize("reason", Reason)
def test_an_error_page_has_a_heading_in_both_languages(app: Flask, reason: Reason) -> None:
    with force_locale("en"):
        english = title(reason)
    with force_locale("da"):
        assert title(reason) not in {"", english}


@pytest.mark.parametrize(
    ("seconds", "danish"), [(1, "1 sekund"), (59, "59 sekunder"), (60, "1 minut"), (7200, "2 tim")]
)
def test_a_wait_is_told_in_the_unit_that_fits(app: Flask, seconds: int, danish: str) -> None:
    with force_locale("da"):
        assert danish in waiting(Reason.WAIT_BEFORE_TRYING, seconds)
