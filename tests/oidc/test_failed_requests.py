"""A service's last failed requests: what is kept for its owner, for how long, and that nobody can flood or flush it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from admin_ui.cli import Operator
from admin_ui.cli.services import services
from admin_ui.cli.worker import sweep
from idp.usecases import failed_requests
from idp.usecases.failed_requests import A_MINUTE, KEPT, Failed, KeptFailure
from tests.opponents.command_line import run
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    import pytest

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

VALUE = "evil-value"
SERVICE = "laeringsportalen"


def kept(provider: Provider) -> tuple[KeptFailure, ...]:
    with provider.system.database.reading() as db:
        return failed_requests.failures(db, provider.service_id)


def keep(provider: Provider, number: int, *, proven: bool, client_id: str = SERVICE) -> None:
    failed = Failed(reference=f"R-{number}", endpoint="token", error="invalid_grant", rule="A rule.", proven=proven)
    with provider.system.database.writing() as db:
        failed_requests.keep(db, provider.system, client_id, failed)


def test_each_refusal_is_kept_with_its_rule_and_no_value(provider: Provider, clock: StandingClock) -> None:
    party, browser = provider.party(), provider.browser()
    page = browser.open(f"/oidc/authorize?client_id={SERVICE}&redirect_uri={VALUE}&response_type=code")
    provider.ask(browser, party, response_type="token")
    party.post_token(grant_type="authorization_code", code=VALUE)
    party.post_token(client_id=SERVICE, client_secret=VALUE, grant_type="authorization_code", code="x")
    browser.open(f"/oidc/logout?client_id={SERVICE}&post_logout_redirect_uri={VALUE}")
    found = [(one.endpoint, one.error, one.parameter, one.proven) for one in reversed(kept(provider))]
    assert found == [
        ("authorize", "invalid_request", "redirect_uri", False),
        ("authorize", "unsupported_response_type", "response_type", False),
        ("token", "invalid_grant", "code", True),
        ("token", "invalid_client", None, False),
        ("logout", "invalid_request", "post_logout_redirect_uri", False),
    ]
    assert VALUE not in repr(kept(provider))
    shown = page.soup.select_one(".reference")
    assert shown is not None
    assert kept(provider)[-1].reference == shown.get_text(strip=True)
    assert {one.at for one in kept(provider)} == {clock.now()}


@one_database
def test_nothing_is_kept_where_nothing_was_refused_or_nobody_is_known(provider: Provider) -> None:
    party = provider.party()
    provider.tokens(party)
    provider.browser().open("/oidc/authorize?client_id=nobody&redirect_uri=x")
    party.post_token(client_id="nobody", client_secret="x", grant_type="authorization_code")
    assert provider.ask(provider.browser(), party, prompt="none")[1]["error"] == "login_required"
    assert kept(provider) == ()


@one_database
def test_a_level_that_was_missed_is_kept_with_the_parameter_that_asked_for_it(provider: Provider) -> None:
    party = provider.party()
    insists = json.dumps({"id_token": {"acr": {"essential": True, "value": "ToFaktor"}}})
    for asked, parameter in (({"acr_values": "ToFaktor"}, "acr_values"), ({"claims": insists}, "claims")):
        answer = provider.ask(provider.logged_in(), party, prompt="none", **asked)[1]
        assert answer["error"] == "unmet_authentication_requirements"
        assert answer["error_description"] == f"{parameter}: The level cannot be reached."
        assert (kept(provider)[0].error, kept(provider)[0].parameter) == (answer["error"], parameter)


def test_the_last_fifty_are_kept_and_strangers_push_out_strangers_alone(provider: Provider) -> None:
    keep(provider, 0, proven=True)
    for number in range(1, KEPT + 4):
        keep(provider, number, proven=False)
    found = kept(provider)
    assert len(found) == KEPT + 1
    assert [one.reference for one in found if one.proven] == ["R-0"]
    assert {"R-3", f"R-{KEPT + 4}"} & {one.reference for one in found} == set()


@one_database
def test_a_service_without_a_secret_proves_nothing(provider: Provider) -> None:
    service_id = provider.another("tavlen", confidential=False)
    keep(provider, 1, proven=True, client_id="tavlen")
    with provider.system.database.reading() as db:
        assert [one.proven for one in failed_requests.failures(db, service_id)] == [False]


@one_database
def test_a_flood_writes_so_many_a_minute_and_takes_nothing_from_another_service(
    provider: Provider, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = provider.browser()
    for _ in range(A_MINUTE + 3):
        assert browser.open(f"/oidc/authorize?client_id={SERVICE}").status == 400
    assert len(kept(provider)) == A_MINUTE
    provider.party().post_token(grant_type="authorization_code", code="x")
    assert len(kept(provider)) == A_MINUTE + 1
    clock.advance(minutes=1)
    browser.open(f"/oidc/authorize?client_id={SERVICE}")
    assert len(kept(provider)) == A_MINUTE + 2
    monkeypatch.setattr(failed_requests, "A_MINUTE_FOR_ALL", 1)
    browser.open(f"/oidc/authorize?client_id={SERVICE}")
    assert len(kept(provider)) == A_MINUTE + 2


@one_database
def test_the_operator_reads_them_and_the_worker_clears_them(provider: Provider, clock: StandingClock) -> None:
    provider.browser().open(f"/oidc/authorize?client_id={SERVICE}")
    operator = Operator(None, provider.system)
    printed = json.loads(run(operator, services, "failures", SERVICE).output)
    assert [(one["endpoint"], one["error"], one["parameter"]) for one in printed] == [
        ("authorize", "invalid_request", "redirect_uri")
    ]
    assert set(printed[0]) == {"at", "endpoint", "error", "parameter", "rule", "reference", "proven"}
    assert run(operator, services, "failures", "nobody").exit_code == 1
    clock.advance(days=provider.system.rules.lifetimes.failed_request_kept_days, seconds=1)
    while sweep(provider.system):
        pass
    assert kept(provider) == ()
