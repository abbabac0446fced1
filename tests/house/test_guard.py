"""Every route of the administration names the action it needs, or says why it needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from admin_ui.app import create_app
from admin_ui.guard import UnguardedRoute, action_of, install, needs, open_to_all, unguarded
from policies.actions import ALLOWED, Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from idp.usecases.system import System

OPEN_TO_ALL = {"static", "language.choose", "sign_in.begin", "sign_in.callback", "sign_in.signed_out"}
"""What anybody may reach without being logged in. A new name here is a decision."""

POLLED = {"elevadgang.live", "mit.children_live"}
"""What pages ask for by themselves."""


@pytest.fixture
def administration(system: System) -> Flask:
    return create_app(system, nobody_answers)


def nobody_answers(_environ: object, start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [])
    return []


def test_no_route_is_forgotten(administration: Flask) -> None:
    assert len(administration.view_functions) > len(OPEN_TO_ALL)
    assert unguarded(administration) == []


def test_only_the_named_routes_are_open_to_all(administration: Flask) -> None:
    needing = {name for name in administration.view_functions if isinstance(action_of(administration, name), Action)}
    assert set(administration.view_functions) - needing <= OPEN_TO_ALL
    assert "mit.own_page" in needing


def test_every_action_says_whose_it_is() -> None:
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_reaches_no_page_that_needs_an_action(administration: Flask, method: str) -> None:
    client = administration.test_client()
    administration.config["WTF_CSRF_ENABLED"] = False
    guarded = [
        rule
        for rule in administration.url_map.iter_rules()
        if rule.endpoint not in OPEN_TO_ALL and method in (rule.methods or set())
    ]
    assert guarded
    for rule in guarded:
        address = administration.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
        answer = client.open(address, method=method)
        if rule.endpoint in POLLED:  # nobody looks at the answer but a script
            assert (answer.status_code, answer.data) == (401, b"")
            continue
        assert answer.status_code == 303, rule.endpoint
        assert "/mit/" not in answer.headers["Location"].partition("?")[0]


def test_an_application_with_a_forgotten_route_does_not_start() -> None:
    app = Flask("forgetful", static_folder=None)
    app.add_url_rule("/forgotten", "forgotten", lambda: "hello")
    with pytest.raises(UnguardedRoute, match="forgotten"):
        install(app)


def test_a_marked_route_is_not_forgotten() -> None:
    app = Flask("careful", static_folder=None)
    app.add_url_rule("/own", "own", needs(Action.SEE_OWN_PAGE)(lambda: "own"))
    app.add_url_rule("/open", "open", open_to_all("a test")(lambda: "open"))
    assert unguarded(app) == []
    assert action_of(app, "own") is Action.SEE_OWN_PAGE
