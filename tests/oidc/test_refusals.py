"""What a service's developer is told of a broken rule: the code, the rule and the parameter, and never a value."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.oidc.parameters import Fault
from idp.usecases.client_metadata import MetadataRefused, accept
from tests.house.tree import ROOT, files, text
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

SENT = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")
VALUE = "<b>http%3A%2F%2Fevil.example%2F%22quoted"
KNOWN = "/oidc/authorize?client_id=laeringsportalen"
ON_A_PAGE = [
    ("/oidc/authorize", "invalid_request", "client_id"),
    (f"/oidc/authorize?client_id={VALUE}", "invalid_client", "client_id"),
    (KNOWN, "invalid_request", "redirect_uri"),
    (f"{KNOWN}&redirect_uri={VALUE}", "invalid_request", "redirect_uri"),
    (f"/oidc/logout?id_token_hint={VALUE}", "invalid_request", "id_token_hint"),
    (f"/oidc/logout?state={VALUE}&state=2", "invalid_request", "state"),
]


def faults_written() -> list[ast.Call]:
    """Every ``Fault(…)`` in the code of the protocol."""
    ours = [ROOT / path for path in files() if path.is_relative_to(Path("idp/oidc")) and path.suffix == ".py"]
    calls = [node for path in ours for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Fault"]


def test_a_description_names_the_parameter_and_holds_no_other_signs_than_it_may() -> None:
    assert Fault("invalid_request", "It is missing.", "code").told == "code: It is missing."
    assert Fault("invalid_request", "code is missing.", "code").told == "code is missing."
    assert Fault("invalid_request", 'æ "quoted" \\ \n\x7f').told == "? 'quoted' / ??"


def test_every_rule_is_written_in_the_signs_that_may_be_sent() -> None:
    written = [part.value for call in faults_written() for part in ast.walk(call) if isinstance(part, ast.Constant)]
    assert len(written) > 50
    assert [part for part in written if isinstance(part, str) and part and SENT.fullmatch(part) is None] == []


@one_database
@pytest.mark.parametrize(("address", "error", "parameter"), ON_A_PAGE)
def test_a_page_tells_the_developer_folded_and_repeats_no_value(
    provider: Provider, address: str, error: str, parameter: str
) -> None:
    page = provider.browser().open(address)
    assert page.status == 400
    folded = page.soup.select_one("details.broken")
    assert folded is not None
    assert not folded.has_attr("open")
    assert [code.get_text() for code in folded.select("code")] == [error, parameter]
    assert page.soup.select_one(".reference") is not None
    assert "evil.example" not in page.soup.select_one("main").get_text()  # type: ignore[union-attr]
    assert "<b>" not in page.body


@one_database
def test_an_answer_in_json_names_rule_and_parameter(provider: Provider) -> None:
    party = provider.party()
    refused = [
        party.post_token(code=VALUE),
        party.post_token(grant_type=VALUE),
        party.post_token(grant_type="authorization_code"),
        party.post_token(grant_type="authorization_code", code=VALUE),
        party.post_token(client_id=VALUE, client_secret=VALUE),
        party.http.get("/oidc/userinfo", params={"access_token": VALUE}),
    ]
    told = [(answer.json()["error"], answer.json()["error_description"]) for answer in refused]
    named = ["grant_type", "grant_type", "code", "code", "client_id", "access_token"]
    assert all(name in description for name, (_, description) in zip(named, told, strict=True)), told
    assert all(SENT.fullmatch(description) and "evil" not in description for _, description in told)
    challenged = refused[-1].headers["WWW-Authenticate"]
    assert f'error_description="{told[-1][1]}"' in challenged


def test_every_rule_names_its_parameter_unless_it_is_about_the_whole_request() -> None:
    bare = [ast.unparse(call) for call in faults_written() if len(call.args) < 3 and ast.unparse(call.args[-1]) != "''"]
    about = ("str(unreadable)", "must be POST", "client registered token_endpoint_auth_method")
    answers = ("access_denied", "Somebody else is logged in", "was used up or replaced")
    assert [fault for fault in bare if not any(part in fault for part in (*about, *answers))] == []


@one_database
def test_every_endpoint_that_services_post_to_answers_in_json(provider: Provider) -> None:
    http = provider.party().http
    paths = [rule.rule for rule in provider.app.url_map.iter_rules() if rule.endpoint == "oidc.not_posted"]
    assert len(paths) == 6
    for path in paths:
        got = http.get(path)
        assert (got.status_code, got.headers["Allow"], got.json()["error"]) == (405, "POST", "invalid_request"), path
        posted = http.post(path, data={"client_id": VALUE, "client_secret": VALUE})
        assert posted.status_code in {400, 401, 403}, path
        assert SENT.fullmatch(posted.json()["error_description"]), path
        assert posted.headers["Cache-Control"] == got.headers["Cache-Control"] == "no-store", path


@pytest.mark.spec("RFC 7591", "3.2.2")
def test_what_is_wrong_with_metadata_is_told_in_the_same_signs() -> None:
    metadata = {
        "redirect_uris": ["ftp://x"],
        'é"_encrypted_response_alg': "A",
        "client_uri": "næste",
        "grant_types": [],
    }
    with pytest.raises(MetadataRefused) as refused:
        accept(metadata)
    assert SENT.fullmatch(refused.value.to_json()["error_description"])
