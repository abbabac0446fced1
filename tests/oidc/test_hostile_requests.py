"""Whatever is sent to any endpoint of the protocol: refused with the right code, nobody sent anywhere, and never a fault of ours.

The endpoints come from the URL map, so a new one is tried without a word here.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Final

from idp.oidc.parameters import LONGEST, MOST, as_query
from tests.opponents.key_holder import JWT_BEARER
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.oidc.conftest import Provider

FORM: Final = "application/x-www-form-urlencoded"
PEOPLES: Final = {"/oidc/authorize", "/oidc/logout", "/oidc/logout/confirm"}
"""A browser brings these: a person sees what is wrong."""
NAMES: Final = (
    "access_token", "client_assertion", "client_assertion_type", "client_id", "client_secret", "code", "code_verifier",
    "device_code", "grant_type", "id_token_hint", "post_logout_redirect_uri", "redirect_uri", "refresh_token", "request",
    "request_uri", "response_type", "scope", "state", "token", "token_type_hint", "unheard_of",
)  # fmt: skip
UNREADABLE: Final = {
    "a byte that is no UTF-8": b"client_id=\xff",
    "an escape that is no UTF-8": b"client_id=%ff",
    "a slash written too long": b"client_id=%c0%af",
    "half a surrogate": b"client_id=%ed%a0%80",
    "beyond the last character": b"client_id=%f4%90%80%80",
    "NUL": b"client_id=%00",
    "a line end": b"client_id=a%0d%0aLocation:%20https://evil.example/",
    "text that runs backwards": b"client_id=%e2%80%ae",
    "a name that is no UTF-8": b"%ff=1",
    "a value of many kilobytes": b"client_id=" + b"a" * LONGEST,
    "a name of many kilobytes": b"a" * (LONGEST + 1) + b"=1",
    "too many": b"&".join(b"a%d=1" % number for number in range(MOST + 1)),
    "many megabytes": b"client_id=" + b"a" * 3_000_000,
}
ODD: Final = (
    b"", b"=", b"&", b"&&&", b"%", b"%zz", b"a", b"client_id", b"client_id=%F0%9F%98%80", b"grant_type[]=x", b"a=1;b=2",
    b"response_type=code&client_id=laeringsportalen&redirect_uri=%2500", b"id_token_hint=..", b"token=%2B%2B&token=",
    b"code=%F0%9F%98%80&grant_type=authorization_code", b"request=..&client_id=laeringsportalen", b"{}", b"[1]",
    b"request_uri=urn:ietf:params:oauth:request_uri:&client_id=laeringsportalen",
    b"request_uri=https://evil.example/&client_id=laeringsportalen",
)  # fmt: skip
HEADERS: Final[tuple[dict[str, str], ...]] = (
    {}, {"Authorization": "Basic"}, {"Authorization": "Bearer"}, {"Authorization": "Basic Og=="}, {"Authorization": "\t"},
    {"Authorization": "DPoP x"}, {"Authorization": "Bearer " + "x" * 5_000}, {"Authorization": "Basic /////w=="},
    {"DPoP": ""}, {"DPoP": "x"}, {"DPoP": "a.b.c"}, {"DPoP": "x" * 5_000}, {"Content-Type": "application/json"},
    {"Content-Type": ""}, {"Content-Type": FORM + "; charset=utf-16"}, {"Content-Type": "multipart/form-data; boundary=x"},
    {"Cookie": 'skolepas="; x'}, {"Accept-Language": "x" * 3_000}, {"X-Forwarded-Host": "evil.example"},
)  # fmt: skip


def endpoints(provider: Provider, method: str) -> Iterator[str]:
    for rule in provider.app.url_map.iter_rules():
        if rule.rule.startswith("/oidc/") and method in (rule.methods or set()):
            yield provider.app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))


def post(provider: Provider, path: str, body: bytes, **headers: str) -> httpx.Response:
    answer = provider.party().http.post(path, content=body, headers={"Content-Type": FORM, **headers})
    assert answer.status_code < 500, (path, body[:80], headers)
    return answer


def test_no_request_whatever_is_a_fault_of_ours_or_sends_anybody_on(provider: Provider) -> None:
    http, headers = provider.party().http, cycle(HEADERS)
    posted, opened = [*endpoints(provider, "POST")], [*endpoints(provider, "GET")]
    assert len(posted) > 8
    for body in ODD:
        for path in posted:
            answer = http.post(path, content=body, headers={"Content-Type": FORM, **next(headers)})
            assert answer.status_code in {303, 400, 401, 403}, (path, body)
            assert answer.headers.get("Location", "/").startswith("/"), (path, body)
        for path in opened:
            answer = http.get(f"{path}?{as_query(body)}", headers=next(headers))
            assert answer.status_code in {200, 303, 400, 401, 403, 405}, (path, body)
            assert answer.headers.get("Location", "/").startswith("/"), (path, body)


def test_what_cannot_be_read_is_an_invalid_request(provider: Provider) -> None:
    for path in endpoints(provider, "POST"):
        for what, body in UNREADABLE.items():
            answer = post(provider, path, body)
            if (
                path == "/oidc/logout/confirm"
            ):  # a form of ours; whatever is sent without one, the person is asked again
                assert answer.headers.get("Location", "/oidc/logout").startswith("/oidc/logout"), what
                continue
            assert answer.headers.get("Location") is None, (path, what)
            assert answer.status_code in {400, 401, 403, 413}, (path, what)
            if path not in PEOPLES | {"/oidc/register", "/oidc/userinfo"}:
                assert answer.json()["error"] == "invalid_request", (path, what)
    for path in ("/oidc/authorize", "/oidc/logout"):
        for what, body in UNREADABLE.items():
            if len(body) < 20_000:
                answer = provider.party().http.get(f"{path}?{as_query(body)}")
                assert (answer.status_code, answer.headers.get("Location")) == (400, None), (path, what)


def test_a_parameter_that_comes_twice_is_an_invalid_request(provider: Provider) -> None:
    for path in endpoints(provider, "POST"):
        if path in PEOPLES | {"/oidc/register"}:
            continue
        for name in NAMES if path != "/oidc/userinfo" else ("access_token",):
            form = {
                "client_id": "laeringsportalen", "client_secret": SECRET, "grant_type": "authorization_code", "token": "x",
                "client_assertion": "x", "client_assertion_type": JWT_BEARER, "access_token": "x",
            }  # fmt: skip
            usual = "&".join(f"{key}={value}" for key, value in form.items() if key != name)
            answer = post(provider, path, f"{usual}&{name}=x&{name}=y".encode())
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), (path, name)
            assert name in answer.json()["error_description"], (path, name)
