"""A small OpenID Connect relying party: how our administration, and later we ourselves, log people in at a provider.

::

    upstream = Upstream(UpstreamProvider.at(issuer, client_id=…, client_secret=…, redirect_uri=…), transport=…)

    begun = upstream.begin()                  # keep begun.to_json() in the browser's own session …
    redirect(begun.url)                       # … and send the browser away
    login = upstream.finish(begun, request.args, now=system.now())     # at the redirect URI; raises UpstreamFault
    login.claims["uniid"], login.sid, login.auth_time, login.id_token, login.access_token
    upstream.userinfo(login.access_token, subject=login.subject)
    upstream.logout_url(login.id_token, state=…)                       # where the browser logs out of everything

``transport`` is any ``httpx.BaseTransport``; ``httpx.WSGITransport(app=…)`` talks to a provider in the same process, so
that a callback never waits for a request thread (decision 21). PKCE with S256, ``state``, ``nonce`` and ``iss``
(RFC 9207) are always used and checked. Authlib builds the requests and authenticates the client; the HTTP is httpx's own.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlencode

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idp.errors import SkolepasError
from idp.outside.jose import BadToken, half_hash, verify
from idp.outside.sealing import same

if TYPE_CHECKING:
    from collections.abc import Mapping

LEEWAY_SECONDS: Final = 60
TIMEOUT_SECONDS: Final = 10.0
_YEAR_10000: Final = 253402300800


class UpstreamFault(SkolepasError):
    """The provider refused, or what it answered does not hold. ``error`` is a code for logs, never a token."""

    def __init__(self, error: str, description: str = "") -> None:
        """Keep the provider's error code, or ours for what did not hold."""
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error


@dataclass(frozen=True, kw_only=True)
class UpstreamProvider:
    """A provider, and who we are there. Nothing is discovered: what is not configured is not used."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    post_logout_redirect_uri: str | None = None
    token_endpoint_auth_method: str = "client_secret_basic"
    algorithm: str = "RS256"
    scope: str = "openid"
    names_itself: bool = False
    """Whether it says that it sends ``iss`` along (``authorization_response_iss_parameter_supported``): an answer without is refused."""

    @classmethod
    def at(cls, issuer: str, **ours: Any) -> Self:  # noqa: ANN401 (the fields above)
        """Describe a Skolepas at ``issuer``, whose endpoints are where :mod:`idp.oidc` puts them."""
        return cls(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/oidc/authorize",
            token_endpoint=f"{issuer}/oidc/token",
            userinfo_endpoint=f"{issuer}/oidc/userinfo",
            jwks_uri=f"{issuer}/oidc/jwks",
            end_session_endpoint=f"{issuer}/oidc/logout",
            names_itself=True,
            **ours,
        )


@dataclass(frozen=True, kw_only=True)
class BegunLogin:
    """A login under way. Belongs in the browser's own session: ``to_json`` there, ``BegunLogin(**kept)`` back."""

    url: str
    state: str
    nonce: str
    verifier: str

    def to_json(self) -> dict[str, str]:
        """Return plain strings."""
        return asdict(replace(self, url=""))


@dataclass(frozen=True, kw_only=True, repr=False)
class UpstreamLogin:
    """Who the provider says logged in; ``claims`` are those of the verified ID Token."""

    subject: str
    sid: str | None
    auth_time: datetime | None
    claims: Mapping[str, Any]
    id_token: str
    access_token: str


class Upstream:
    """A relying party at one provider. One per process; safe to share between threads."""

    def __init__(self, provider: UpstreamProvider, *, transport: httpx.BaseTransport | None = None) -> None:
        """Talk to ``provider`` through ``transport``, by default the network."""
        self.provider = provider
        self._http = httpx.Client(transport=transport, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        self._jwks: dict[str, Any] = {"keys": []}

    def begin(self, *, state_prefix: str = "", **parameters: str) -> BegunLogin:
        """Return a fresh login, with further request parameters such as ``prompt="login"`` or ``ui_locales="da"``.

        ``state_prefix`` stands before a dot in ``state``, for whoever must find the login by the answer alone.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        state = f"{state_prefix}.{state}" if state_prefix else state
        url = prepare_grant_uri(
            self.provider.authorization_endpoint,
            self.provider.client_id,
            "code",
            redirect_uri=self.provider.redirect_uri,
            scope=self.provider.scope,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
            code_challenge_method="S256",
            **parameters,
        )
        return BegunLogin(url=url, state=state, nonce=nonce, verifier=verifier)

    def finish(self, begun: BegunLogin, answer: Mapping[str, str], *, now: datetime) -> UpstreamLogin:
        """Turn the parameters that came to the redirect URI into a login. Raises :class:`UpstreamFault`.

        ``error`` is then the provider's own (``login_required``, ``access_denied`` …), or ``state``, ``issuer``,
        ``token``, ``id_token``, ``unreachable`` for what did not hold.
        """
        if not same(begun.state.encode(), answer.get("state", "").encode()):
            raise UpstreamFault("state", "the answer belongs to another login")
        if answer.get("iss", None if self.provider.names_itself else self.provider.issuer) != self.provider.issuer:
            raise UpstreamFault("issuer", "the answer comes from another provider")
        if "error" in answer:
            raise UpstreamFault(answer["error"][:64])
        tokens = self._exchange(answer.get("code", ""), begun.verifier)
        claims = self._claims_of(tokens["id_token"])
        wrong = _wrong_claim(claims, self.provider, begun.nonce, tokens["access_token"], now)
        if wrong is not None:
            raise UpstreamFault("id_token", f"{wrong} does not hold")
        auth_time = claims.get("auth_time")
        return UpstreamLogin(
            subject=claims["sub"],
            sid=claims.get("sid"),
            auth_time=datetime.fromtimestamp(auth_time, UTC) if auth_time is not None else None,
            claims=claims,
            id_token=tokens["id_token"],
            access_token=tokens["access_token"],
        )

    def userinfo(self, access_token: str, *, subject: str) -> dict[str, Any]:
        """Return the claims about ``subject`` (OpenID Connect Core 5.3). Raises :class:`UpstreamFault`."""
        claims = self._json("GET", self.provider.userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if claims.get("sub") != subject:
            raise UpstreamFault("userinfo", "sub is another than in the ID Token")
        return claims

    def logout_url(self, id_token: str | None = None, *, state: str | None = None) -> str:
        """Return where to send a browser that logs out (OpenID Connect RP-Initiated Logout 1.0)."""
        wanted = {
            "id_token_hint": id_token,
            "client_id": self.provider.client_id,
            "post_logout_redirect_uri": self.provider.post_logout_redirect_uri,
            "state": state,
        }
        return f"{self.provider.end_session_endpoint}?{urlencode({k: v for k, v in wanted.items() if v})}"

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _exchange(self, code: str, verifier: str) -> dict[str, str]:
        ours = self.provider
        body = prepare_token_request(
            "authorization_code", redirect_uri=ours.redirect_uri, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        client = ClientAuth(ours.client_id, ours.client_secret, ours.token_endpoint_auth_method)
        url, headers, body = client.prepare("POST", ours.token_endpoint, headers, body)  # type: ignore[no-untyped-call]
        tokens = self._json("POST", url, headers=headers, content=body)
        if not isinstance(tokens.get("id_token"), str) or not isinstance(tokens.get("access_token"), str):
            raise UpstreamFault("token", "the answer holds no tokens")
        return tokens

    def _claims_of(self, id_token: str) -> dict[str, Any]:
        """Verify with the keys at hand, and once more with fresh ones: the provider may have rotated its keys."""
        algorithms = (self.provider.algorithm,)
        try:
            return verify(id_token, self._jwks, algorithms=algorithms)
        except BadToken:
            self._jwks = self._json("GET", self.provider.jwks_uri)
        try:
            return verify(id_token, self._jwks, algorithms=algorithms)
        except BadToken as fault:
            raise UpstreamFault("id_token", str(fault)) from fault

    def _json(self, method: str, url: str, **sent: Any) -> dict[str, Any]:  # noqa: ANN401 (httpx's own)
        try:
            response = self._http.request(method, url, **sent)
            found = response.json()
        except (httpx.HTTPError, ValueError) as fault:
            raise UpstreamFault("unreachable", type(fault).__name__) from fault
        if response.status_code != httpx.codes.OK or not isinstance(found, dict):
            error = found.get("error") if isinstance(found, dict) else None
            raise UpstreamFault(error if isinstance(error, str) else f"http-{response.status_code}")
        return found


def _wrong_claim(
    claims: Mapping[str, Any], ours: UpstreamProvider, nonce: str, access_token: str, now: datetime
) -> str | None:
    """Name the first claim that does not hold (OpenID Connect Core 3.1.3.7), or None."""
    moment = now.timestamp()
    audience = claims.get("aud")
    checks = {
        "iss": claims.get("iss") == ours.issuer,
        "sub": isinstance(claims.get("sub"), str) and bool(claims["sub"]),
        "aud": audience in (ours.client_id, [ours.client_id]),
        "azp": claims.get("azp", ours.client_id) == ours.client_id,
        "exp": _is_number(claims.get("exp")) and claims["exp"] > moment - LEEWAY_SECONDS,
        "iat": _is_number(claims.get("iat")) and claims["iat"] < moment + LEEWAY_SECONDS,
        "nonce": claims.get("nonce") == nonce,
        "auth_time": _is_moment(claims.get("auth_time", 0)),
        "at_hash": claims.get("at_hash", half_hash(access_token, ours.algorithm))
        == half_hash(access_token, ours.algorithm),
    }
    return next((name for name, holds in checks.items() if not holds), None)


def _is_moment(value: object) -> bool:
    """Say whether it is a time that a calendar has: seconds since 1970, before the year 10000."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _YEAR_10000


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
