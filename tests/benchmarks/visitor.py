"""A visitor without a browser: keeps cookies, fills in forms and follows redirects, and does little else, since it
shares the machine with the server that is measured.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.benchmarks.site import CALLBACK, CLIENT
from tests.recipes import SECRET

FORM = "application/x-www-form-urlencoded"
MOST_STEPS = 12
SERVER_KEEPS_SECONDS = 20
"""Not longer does the server keep a connection on which nothing is asked."""


class LostTheWay(Exception):
    """The server answered something that the journey does not know. Says what."""


@dataclass(frozen=True)
class Provider:
    """An OpenID provider as a client knows it: where it authorizes, where it gives tokens, and who the client is."""

    authorize: str
    token: str
    client: str

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.client}:{SECRET}".encode()).decode()


OURS = Provider("/oidc/authorize", "/oidc/token", CLIENT)


@dataclass(frozen=True)
class Answer:
    """One HTTP response."""

    path: str
    status: int
    location: str
    body: bytes
    retry_after: int = 0


@dataclass(frozen=True)
class Form:
    """A form as the page holds it: where it goes, and every named input with its value."""

    action: str
    inputs: dict[str, str]


@dataclass
class Visitor:
    """A browser's worth of cookies and one connection that is kept open."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    requests: int = 0

    def __post_init__(self) -> None:
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        self._used_at = monotonic()
        self._host = f"localhost:{self.port}"

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        headers["Content-Type"] = FORM
        headers["Origin"] = f"http://{self._host}"
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def follow(self, answer: Answer) -> Answer:
        """Go where a redirect leads on this site."""
        return self.get(self._path(answer.location))

    def log_in(self, username: str, code: str) -> tuple[str, str]:
        """From a service to the authorization code, by username and text code; with the PKCE verifier."""
        verifier, address = authorization()
        answer = self.get(address)
        for _ in range(MOST_STEPS):
            if answer.location.startswith(CALLBACK):
                return _code(answer), verifier
            if answer.location:
                answer = self.get(self._path(answer.location))
                continue
            form = form_of(answer)
            given = {"username": username, "password": code}
            asked = {name: given.get(name, value) for name, value in form.inputs.items()}
            answer = self.post(self._path(form.action or answer.path), asked)
        raise LostTheWay(f"still no code after {MOST_STEPS} steps, at {answer.path}")

    def single_sign_on(self) -> dict[str, Any]:
        """Authorize, token and userinfo with the session there is: three requests. Returns the claims."""
        tokens = self.code_flow(OURS)
        told = self.get("/oidc/userinfo", Authorization=f"Bearer {tokens['access_token']}")
        return _json(told)

    def code_flow(self, provider: Provider) -> dict[str, Any]:
        """Authorize and token with the session there is: two requests. Returns the tokens."""
        verifier, address = authorization(provider)
        answer = self.get(address)
        if not answer.location.startswith(CALLBACK):
            raise LostTheWay(f"no single sign-on: {answer.status} {answer.location or answer.body[:200]!r}")
        return self.redeem(_code(answer), verifier, provider)

    def redeem(self, code: str, verifier: str, provider: Provider = OURS) -> dict[str, Any]:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
        headers = {
            "Content-Type": FORM,
            "Authorization": provider.basic,
        }  # from the service's server: no page, no Origin
        return _json(self._ask("POST", provider.token, urlencode(fields).encode(), headers))

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        headers["Host"] = self._host
        if monotonic() - self._used_at > SERVER_KEEPS_SECONDS:
            self._connection.close()  # the next request opens another
        self._used_at = monotonic()
        if self.cookies and "Authorization" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        retry_after = int(response.getheader("Retry-After") or 0)
        answer = Answer(path, response.status, response.getheader("Location") or "", response.read(), retry_after)
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.requests += 1
        return answer

    def _path(self, address: str) -> str:
        parts = urlsplit(address)
        if parts.netloc not in ("", self._host):
            raise LostTheWay(f"sent on to {address}")
        return parts.path + (f"?{parts.query}" if parts.query else "")


def authorization(provider: Provider = OURS) -> tuple[str, str]:
    """A fresh PKCE verifier and the path of an authorization request with its challenge (RFC 7636, 4)."""
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": provider.client, "redirect_uri": CALLBACK, "scope": "openid",
        "state": secrets.token_urlsafe(12), "nonce": secrets.token_urlsafe(12),
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return verifier, f"{provider.authorize}?" + urlencode(query)


def form_of(answer: Answer) -> Form:
    """The form of a login page. Raises :class:`LostTheWay` where the page has none."""
    reader = _FormReader()
    reader.feed(answer.body.decode())
    wanted = [form for form in reader.forms if {"username", "password"} & form.inputs.keys()]
    if not wanted:
        raise LostTheWay(f"{answer.status} at {answer.path} without a form: {answer.body[:300]!r}")
    return wanted[0]


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append(Form(found.get("action") or "", {}))
        elif tag == "input" and self.forms and (name := found.get("name")):
            if found.get("type") in {"checkbox", "radio"} and "checked" not in found:
                return
            self.forms[-1].inputs[name] = found.get("value") or ""


def _code(answer: Answer) -> str:
    query = parse_qs(urlsplit(answer.location).query)
    if "code" not in query:
        raise LostTheWay(f"refused: {answer.location}")
    return query["code"][0]


def _json(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise LostTheWay(f"{answer.status} at {answer.path}: {answer.body[:300]!r}")
    told: dict[str, Any] = json.loads(answer.body)
    return told
