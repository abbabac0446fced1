"""The relying party that the Foundation's suite plays: it asks, redeems, and looks closely at everything that comes back."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.conformance.clients import algorithm_of
from tests.conformance.verdict import Failed, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.clients import Key
    from tests.conformance.site import Provider
    from tests.conformance.visitor import Page

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ANY_HEADER: Final = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
_SKEW_SECONDS: Final = 5
_ANSWER: Final = {"code", "state", "iss"}


@dataclass(frozen=True)
class Asked:
    """An authorization request on its way: its parameters and what is kept until the answer comes."""

    parameters: Mapping[str, str]
    verifier: str = ""

    @property
    def state(self) -> str | None:
        return self.parameters.get("state")


@dataclass(frozen=True)
class Tokens:
    """A good answer of the token endpoint, and the ID Token in it as it was verified."""

    answer: Mapping[str, Any]
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def access(self) -> str:
        return str(self.answer["access_token"])

    @property
    def id_token(self) -> str:
        return str(self.answer["id_token"])

    @property
    def refresh(self) -> str | None:
        return self.answer.get("refresh_token")


@dataclass
class Party:
    """One client. ``key`` signs its assertions and request objects, ``dpop_key`` its DPoP proofs (None: Bearer tokens)."""

    provider: Provider
    client_id: str
    secret: str | None
    redirect_uri: str
    scope: str = "openid"
    method: str = "client_secret_basic"
    key: Key | None = None
    dpop_key: Key | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    nonce: str | None = None
    """What the provider's last answer wants in the next DPoP proof."""
    transport: httpx.BaseTransport | None = None
    """How the provider is reached; over TLS, unless the checks themselves are tested."""

    def __post_init__(self) -> None:
        self.http = httpx.Client(verify=self.provider.authority.trusting, timeout=30, transport=self.transport)
        self.discovery: dict[str, Any] = self.http.get(
            f"{self.provider.issuer}/.well-known/openid-configuration"
        ).json()

    def close(self) -> None:
        self.http.close()

    @property
    def now(self) -> int:
        return int(self.provider.clock.now().timestamp())

    # ── The authorization request ──

    def ask(self, *, pkce: bool = False, **changes: str | None) -> Asked:
        """An authorization request; ``changes`` adds, replaces or (None) leaves parameters out."""
        verifier = secrets.token_urlsafe(48) if pkce else ""
        proof = {"code_challenge": s256(verifier), "code_challenge_method": "S256"} if pkce else {}
        whole: dict[str, str | None] = {
            "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": self.scope,
            "state": secrets.token_urlsafe(8), "nonce": secrets.token_urlsafe(8), "response_type": "code",
            **proof, **changes,
        }  # fmt: skip
        return Asked({name: value for name, value in whole.items() if value is not None}, verifier)

    def address(self, parameters: Mapping[str, str]) -> str:
        """Where the visitor goes with these parameters."""
        return f"{self.discovery['authorization_endpoint']}?{urlencode(parameters)}"

    def code(self, asked: Asked, page: Page) -> str:
        """The code that the visitor has carried back, after the checks on everything that stands beside it."""
        sent = self.answered(asked, page)
        if "error" in sent:
            raise Failed(f"refused with {sent['error']}: {sent.get('error_description', '')}")
        registered = parse_qs(urlsplit(asked.parameters.get("redirect_uri", self.redirect_uri)).query)
        expect(
            all(sent.get(name) == value[0] for name, value in registered.items()), "the redirect address lost its query"
        )
        more = sorted(sent.keys() - _ANSWER - registered.keys())
        expect(not more, f"unexpected parameters beside the code: {more}")
        expect(sent.get("code"), "the answer has no code")
        return sent["code"]

    def error(self, asked: Asked, page: Page, *expected: str) -> str:
        """The error that the visitor has carried back; one of ``expected``, where any are named."""
        sent = self.answered(asked, page)
        expect("code" not in sent, "there is a code where an error belongs")
        expect("error" in sent, "the answer has no error")
        description = sent.get("error_description", "")
        printable = all(32 <= ord(sign) < 127 and sign not in '"\\' for sign in description)
        expect(printable, f"error_description has a character that RFC 6749 4.1.2.1 does not allow: {description!r}")
        expect(not expected or sent["error"] in expected, f"error is {sent['error']}: {description}")
        return sent["error"]

    def answered(self, asked: Asked, page: Page) -> Mapping[str, str]:
        """What came back to our redirect address, with the state that was sent and the issuer (RFC 9207)."""
        if page.sent is None:
            raise Failed(f"nothing came back to the redirect address: {page.said}")
        wanted = asked.parameters.get("redirect_uri", self.redirect_uri)
        expect(page.address.partition("?")[0] == wanted.partition("?")[0], f"sent on to {page.address}")
        expect(page.sent.get("state") == asked.state, "state is not the one that was sent")
        expect(page.sent.get("iss") == self.provider.issuer, "iss is not the issuer (RFC 9207 2)")
        by_post = asked.parameters.get("response_mode") == "form_post"
        expect(page.by_post == by_post, "the answer came in another response mode than was asked for")
        return page.sent

    # ── The token endpoint ──

    def post_token(self, form: Mapping[str, str], *, authenticate: bool = True, **proof: Any) -> httpx.Response:  # noqa: ANN401
        """Post a form to the token endpoint as this client does; ``proof`` changes the DPoP proof (see :meth:`dpop`)."""
        address = self.discovery["token_endpoint"]
        if self.dpop_key is None:
            return self.post(address, form, authenticate=authenticate)
        if "client_assertion" in form:  # it counts once, so the nonce must be right at once
            self.userinfo("no-token")
        return self.with_proof(
            "POST", address, lambda shown: self.post(address, form, {"DPoP": shown}, authenticate=authenticate), **proof
        )

    def with_proof(
        self,
        method: str,
        address: str,
        send: Callable[[str], httpx.Response],
        **proof: Any,  # noqa: ANN401
    ) -> httpx.Response:
        """Send a request with a DPoP proof, and once more with the nonce that the answer asks for (RFC 9449 8)."""
        answer = send(self.dpop(method, address, **proof))
        if wants_nonce(answer):
            self.nonce = answer.headers["DPoP-Nonce"]
            answer = send(self.dpop(method, address, **proof))
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer

    def post(
        self,
        address: str,
        form: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        authenticate: bool = True,
    ) -> httpx.Response:
        """Post a form to an endpoint that authenticates clients."""
        fields, sent = dict(form), dict(headers or {})
        if authenticate and self.method == "client_secret_basic":
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret or '')}"
            sent["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif authenticate and self.method == "client_secret_post":
            fields |= {"client_id": self.client_id, "client_secret": self.secret or ""}
        elif authenticate and self.method == "private_key_jwt" and "client_assertion" not in fields:
            fields |= self.with_assertion(self.assertion())
        return self.http.post(address, data=fields, headers=sent)

    @staticmethod
    def with_assertion(assertion: str) -> dict[str, str]:
        """The fields that carry a client assertion (RFC 7523 2.2)."""
        return {"client_assertion_type": ASSERTION, "client_assertion": assertion}

    def redeeming(self, asked: Asked, code: str) -> dict[str, str]:
        """The form that redeems a code."""
        proof = {"code_verifier": asked.verifier} if asked.verifier else {}
        redirect_uri = asked.parameters.get("redirect_uri", self.redirect_uri)
        return {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **proof}

    def redeem(self, asked: Asked, code: str) -> Tokens:
        """Redeem a code, and verify all that comes."""
        return self.tokens(self.post_token(self.redeeming(asked, code)), nonce=asked.parameters.get("nonce"))

    def refresh(self, token: str) -> httpx.Response:
        """Use a refresh token."""
        return self.post_token({"grant_type": "refresh_token", "refresh_token": token})

    def tokens(self, response: httpx.Response, *, nonce: str | None = None) -> Tokens:
        """Look at a good answer of the token endpoint (RFC 6749 5.1, OpenID Connect Core 3.1.3.3)."""
        expect(
            response.status_code == httpx.codes.OK,
            f"the token endpoint answers {response.status_code}: {response.text}",
        )
        expect(_is_json(response), "the token endpoint's answer is not application/json")
        expect("no-store" in response.headers.get("Cache-Control", ""), "the answer with the tokens may be cached")
        answer = response.json()
        kind = "dpop" if self.dpop_key else "bearer"
        expect(str(answer.get("token_type", "")).lower() == kind, f"token_type is {answer.get('token_type')}")
        expect(_enough(answer.get("access_token", "")), "the access token is too easy to guess")
        expires = answer.get("expires_in")
        expect(isinstance(expires, int) and expires > 0, f"expires_in is {expires!r}")
        if "id_token" not in answer:
            raise Failed("there is no ID Token")
        header, claims = self.verified(answer["id_token"])
        self._look_at_id_token(claims, answer["access_token"])
        expect(
            claims.get("nonce") == nonce or (nonce is None and "nonce" not in claims),
            "nonce is not the one that was sent",
        )
        return Tokens(answer, header, claims)

    def refused(self, response: httpx.Response, *errors: str) -> None:
        """Look at a refusal of an endpoint (RFC 6749 5.2): its status, its form, and one of the errors."""
        expect(
            response.status_code in {400, 401},
            f"answers {response.status_code} where a refusal belongs: {response.text[:200]}",
        )
        expect(_is_json(response), "the refusal is not application/json")
        answer = response.json()
        expect(
            response.status_code == httpx.codes.BAD_REQUEST or answer.get("error") == "invalid_client",
            "401 with another error than invalid_client",
        )
        expect(answer.get("error") in errors, f"error is {answer.get('error')}: {answer.get('error_description')}")
        expect("access_token" not in answer, "a refusal with an access token")

    # ── ID Tokens and other JWTs of the provider ──

    def keys(self) -> KeySet:
        return KeySet.import_key_set(self.http.get(self.discovery["jwks_uri"]).json())

    def verified(self, token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Header and claims of a JWT that the provider has signed, by the key that its header names."""
        header = jws.extract_compact(token.encode()).headers()
        expect(header.get("kid"), "the JWT's header names no key (kid)")
        wanted = self.metadata.get("id_token_signed_response_alg", "RS256")
        try:
            decoded = jwt.decode(token, self.keys(), algorithms=[wanted])
        except (JoseError, ValueError) as fault:
            raise Failed(f"the JWT cannot be verified: {fault}") from fault
        return decoded.header, decoded.claims

    def _look_at_id_token(self, claims: Mapping[str, Any], access_token: str) -> None:
        """OpenID Connect Core 3.1.3.7 and 3.1.3.8."""
        expect(claims.get("iss") == self.provider.issuer, "iss of the ID Token is not the issuer")
        audience = claims.get("aud")
        expect(audience in (self.client_id, [self.client_id]), f"aud of the ID Token is {audience}")
        expect(claims.get("azp", self.client_id) == self.client_id, "azp of the ID Token is another client")
        subject = claims.get("sub")
        expect(isinstance(subject, str) and 0 < len(subject) <= 255 and subject.isascii(), f"sub is {subject!r}")
        expect(claims.get("exp", 0) > self.now, "the ID Token has expired")
        expect(abs(claims.get("iat", 0) - self.now) <= _SKEW_SECONDS, "iat of the ID Token is not now")
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        expect(claims.get("at_hash") in (None, _b64(half)), "at_hash does not fit the access token")
        expect(claims.get("auth_time") is None or isinstance(claims["auth_time"], int), "auth_time is no number")

    # ── UserInfo ──

    def userinfo(self, access_token: str, *, scheme: str = "DPoP", **proof: Any) -> httpx.Response:  # noqa: ANN401
        """Ask with the token in the header; ``proof`` changes the DPoP proof."""
        address = self.discovery["userinfo_endpoint"]
        if self.dpop_key is None:
            return self.http.get(address, headers={"Authorization": f"Bearer {access_token}"})
        authorization = f"{scheme} {access_token}"
        return self.with_proof(
            "GET",
            address,
            lambda shown: self.http.get(address, headers={"Authorization": authorization, "DPoP": shown}),
            **{"access_token": access_token, **proof},
        )

    def told(self, response: httpx.Response, tokens: Tokens) -> Mapping[str, Any]:
        """The claims of a good answer about the person of the ID Token (OpenID Connect Core 5.3.2)."""
        expect(response.status_code == httpx.codes.OK, f"userinfo answers {response.status_code}: {response.text}")
        expect(_is_json(response), "userinfo does not answer application/json")
        claims: dict[str, Any] = response.json()
        expect(claims.get("sub") == tokens.claims["sub"], "sub of userinfo is another than that of the ID Token")
        return claims

    # ── What the client signs ──

    def assertion(self, *, algorithm: str | None = None, key: Key | None = None, **changes: Any) -> str:  # noqa: ANN401
        """A client assertion (RFC 7523 3); ``changes`` replaces or (None) leaves claims out."""
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.provider.issuer,
            "jti": secrets.token_urlsafe(16), "iat": self.now, "exp": self.now + 60, **changes,
        }  # fmt: skip
        return self.signed({k: v for k, v in claims.items() if v is not None}, algorithm=algorithm, key=key)

    def signed(
        self, claims: Mapping[str, Any], *, algorithm: str | None = None, key: Key | None = None, typ: str = "JWT"
    ) -> str:
        """A JWT of this client's."""
        used = key or self.key
        if used is None:
            raise Failed("the client has no key")
        algorithm = algorithm or algorithm_of(used)
        header = {"alg": algorithm, "typ": typ, **({"kid": used.kid} if used.kid else {})}
        return jwt.encode(header, dict(claims), used, algorithms=[algorithm])

    def dpop(self, method: str, address: str, **changes: Any) -> str:  # noqa: ANN401
        """A DPoP proof (RFC 9449 4.2). ``access_token`` binds it; ``header``, ``key`` and claims may be replaced or left out."""
        key = changes.pop("key", None) or self.dpop_key
        token = changes.pop("access_token", None)
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False), **changes.pop("header", {})}
        claims = {
            "jti": secrets.token_urlsafe(16), "htm": method, "htu": address, "iat": self.now, "nonce": self.nonce,
            **({"ath": s256(token)} if token else {}), **changes,
        }  # fmt: skip
        return jwt.encode(
            {k: v for k, v in header.items() if v is not None},
            {k: v for k, v in claims.items() if v is not None},
            key,
            registry=_ANY_HEADER,
        )


def s256(text: str) -> str:
    """BASE64URL(SHA-256(text)): a PKCE challenge, the ``ath`` of a DPoP proof."""
    return _b64(hashlib.sha256(text.encode()).digest())


def unsigned(claims: Mapping[str, Any]) -> str:
    """A JWT with ``alg`` none (RFC 7519 6)."""
    return ".".join((_b64(b'{"alg":"none"}'), _b64(json.dumps(dict(claims)).encode()), ""))


def wants_nonce(response: httpx.Response) -> bool:
    """Whether a proof is refused for its nonce alone: at an endpoint of the provider (RFC 9449 8), or at a resource (9)."""
    if response.status_code not in {400, 401} or "DPoP-Nonce" not in response.headers:
        return False
    said = response.json().get("error") if _is_json(response) else None
    return said == "use_dpop_nonce" or "use_dpop_nonce" in response.headers.get("WWW-Authenticate", "")


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _is_json(response: httpx.Response) -> bool:
    return response.headers.get("Content-Type", "").partition(";")[0] == "application/json"


def _enough(token: str) -> bool:
    """At least 128 bits, as the suite counts them: by length and by how many signs there are."""
    return len(token) >= 22 and len(set(token)) >= 10 and all(33 <= ord(sign) < 127 for sign in token)
