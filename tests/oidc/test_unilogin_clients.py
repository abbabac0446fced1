"""Services that speak to Unilogin today find what they look for, said as they read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import insert

from idp.store.agreements import Licence
from policies.vocabulary import Factor
from tests.opponents.relying_party import CALLBACK
from tests.recipes import SECRET

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

VERIFIER = "0123456789abcdef" * 8
LIBRARY = {
    "response_type": "code",
    "client_id": "library",
    "redirect_uri": CALLBACK,
    "scope": "openid InstitutionIdsClientScope UserHasLicenseClientScope",
    "acr_values": "To_Faktor",
    "nonce": "0123456789abcdef0123",
    "code_challenge": create_s256_code_challenge(VERIFIER),  # type: ignore[no-untyped-call]
    "code_challenge_method": "S256",
}
"""The request of a library's login: a nonce and PKCE, scopes of the broker's own, and no state."""
CREDENTIALS = {"client_id": "library", "client_secret": SECRET}


def institutions(text: str) -> list[str]:
    """Read ``institution_ids`` as services do: one text, in brackets, with commas between."""
    found = re.fullmatch(r"\[([A-Z0-9]{6}(?:,[A-Z0-9]{6})*)?\]", text)
    assert found is not None, text
    return (found[1] or "").split(",") if found[1] else []


@pytest.mark.parametrize("licensed", [True, False])
def test_a_library_logs_in_and_reads_the_claims_from_introspection(provider: Provider, *, licensed: bool) -> None:
    service = provider.another("library", token_endpoint_auth_method="client_secret_post")
    if licensed:
        with provider.system.database.writing() as db:
            licence = {"service_id": service, "institution_id": provider.school.id}
            db.execute(insert(Licence), {**licence, "created_at": provider.system.now()})
    page = provider.logged_in(factor=Factor.PASSKEY).open(f"/oidc/authorize?{urlencode(LIBRARY)}")
    assert page.address.startswith(CALLBACK), page.address
    answer = {name: value for name, (value,) in parse_qs(urlsplit(page.address).query).items()}
    assert "state" not in answer
    http = provider.party().http
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    tokens = http.post("/oidc/token", data={**form, **CREDENTIALS}).json()
    told: dict[str, Any] = http.post("/oidc/introspect", data={**CREDENTIALS, "token": tokens["access_token"]}).json()
    assert told["active"] is True
    assert re.fullmatch(r"[0-9a-f]{10}", told["uniid"])
    assert (told["aktoer_gruppe"], told["unilogin_loa"], told["loa"]) == ("Elev", "ToFaktor", "3")
    assert (told["has_license"], told["spec_ver"]) == ("true" if licensed else "false", "OIDC.3.0-UNILOGIN")
    assert institutions(told["institution_ids"]) == [provider.school.number]
    assert told["acr"] == "To_Faktor"
    assert told["exp"] - told["iat"] == tokens["expires_in"] == 300
    out = http.get(
        "/oidc/logout",
        params={"post_logout_redirect_uri": "http://localhost:9000/", "id_token_hint": tokens["id_token"]},
    )
    assert out.status_code in {200, 303}


def test_a_portal_takes_the_answer_as_a_form_and_reads_the_claims_from_userinfo(provider: Provider) -> None:
    provider.another("library", token_endpoint_auth_method="client_secret_post")
    asked = {**LIBRARY, "scope": "openid", "response_mode": "form_post", "state": "0123456789abcdef"}
    del asked["acr_values"]
    page = provider.logged_in().open(f"/oidc/authorize?{urlencode(asked)}")
    posted = {str(field["name"]): str(field["value"]) for field in page.soup.select("form input[name]")}
    assert posted["state"] == asked["state"]
    http = provider.party().http
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **CREDENTIALS}
    tokens = http.post("/oidc/token", data={**form, "code": posted["code"]}).json()
    told = http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (told["unilogin_loa"], told["loa"], told["has_license"]) == ("EnFaktor", "2", "false")
    assert institutions(told["institution_ids"]) == [provider.school.number]
