"""A learning service: a relying party on Authlib's own client that talks to the provider over HTTP."""

from __future__ import annotations

import secrets
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

with warnings.catch_warnings():
    # Authlib names httpx's successor; the client is the same.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

if TYPE_CHECKING:
    from flask import Flask

    from idp.usecases.system import System

SITE = "http://localhost:8080"
CALLBACK = "http://localhost:9000/callback"


@dataclass
class Begun:
    """A login under way at the service."""

    address: str
    state: str
    nonce: str
    verifier: str


class RelyingParty:
    """One client of the provider. What it is told is verified as Authlib does it."""

    def __init__(
        self,
        system: System,
        app: Flask,
        *,
        client_id: str,
        secret: str | None,
        redirect_uri: str = CALLBACK,
        method: str = "client_secret_basic",
    ) -> None:
        self.system, self.client_id, self.secret, self.redirect_uri = system, client_id, secret, redirect_uri
        self.http = httpx.Client(transport=httpx.WSGITransport(app=app), base_url=SITE)
        self.metadata: dict[str, Any] = self.http.get("/.well-known/openid-configuration").json()
        self.client = OAuth2Client(
            client_id=client_id,
            client_secret=secret,
            token_endpoint_auth_method=method,
            redirect_uri=redirect_uri,
            scope="openid",
            code_challenge_method="S256",
            transport=httpx.WSGITransport(app=app),
        )

    def begin(self, **parameters: str) -> Begun:
        verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
        address, state = self.client.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, state=state, **parameters
        )
        return Begun(address, state, nonce, verifier)

    def redeem(self, begun: Begun, callback: str) -> dict[str, Any]:
        """Exchange the code; Authlib raises ``OAuthError`` when it is refused."""
        tokens: dict[str, Any] = self.client.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=callback,
            state=begun.state,
            code_verifier=begun.verifier,
        )
        return tokens

    def post_token(self, **form: str | None) -> httpx.Response:
        """Post a token request as it stands, with the secret in the header unless the form authenticates."""
        auth = None if "client_id" in form else (self.client_id, self.secret or "")
        fields = {name: value for name, value in form.items() if value is not None}
        return self.http.post("/oidc/token", data=fields, **({"auth": auth} if auth else {}))

    def exchange(self, begun: Begun, code: str, /, **other: str | None) -> httpx.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": begun.verifier,
        }
        return self.post_token(**{**form, **other})

    def keys(self) -> KeySet:
        return KeySet.import_key_set(self.http.get(self.metadata["jwks_uri"]).json())

    def claims(self, begun: Begun, tokens: dict[str, Any], algorithm: str = "RS256") -> CodeIDToken:
        """Verify an ID Token: the signature by joserfc with the keys of the endpoint, the claims by Authlib."""
        decoded = jwt.decode(tokens["id_token"], self.keys(), algorithms=[algorithm])
        claims = CodeIDToken(
            decoded.claims,
            {**decoded.header},
            {"iss": {"values": [self.metadata["issuer"]]}, "aud": {"values": [self.client_id]}},
            {"nonce": begun.nonce, "client_id": self.client_id, "access_token": tokens["access_token"]},
        )
        claims.validate(now=int(self.system.now().timestamp()))
        return claims

    def userinfo(self, access_token: str) -> httpx.Response:
        return self.http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {access_token}"})


def told(address: str) -> dict[str, str]:
    """What the address that a browser was sent to says; each parameter once."""
    pairs = parse_qs(urlsplit(address).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in pairs.values()), address
    return {name: values[0] for name, values in pairs.items()}
