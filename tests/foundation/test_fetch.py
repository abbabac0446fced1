"""The one door outwards: nothing but public addresses over https, and never for long."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from idp.outside.fetch import LONGEST, Fetcher, Unfetchable, is_public
from idp.settings import FetchSettings
from tests.conformance.tls import TlsServer, make_authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABROAD = Fetcher(FetchSettings())
AT_HOME = Fetcher(FetchSettings(private_networks=True))


class Answers(BaseHTTPRequestHandler):
    """Answers each path in its own way, and keeps what was posted."""

    posted: list[bytes]

    def do_GET(self) -> None:
        status, body = {
            "/set": (200, b'{"keys": []}'),
            "/long": (200, b"1" * (LONGEST + 1)),
            "/words": (200, b"no JSON"),
            "/deep": (200, b"[" * 60_000),
        }.get(self.path, (302, b""))
        self.send_response(status)
        self.send_header("Location", "/set")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def a_server() -> Iterator[str]:
    Answers.posted = []
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def why_not(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(Unfetchable) as fault:
        fetcher.get_json(url)
    return fault.value.why


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",  # noqa: S104
        "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::", "2001:0:5ef5:79fd::1", "2001:db8::1", "192.0.2.1",
        "fec0::1", "192.88.99.1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_internet_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2a02:4780:1::1"])
def test_an_address_of_the_open_internet_is_told(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://services.example/jwks", "not https"),
        ("file:///etc/passwd", "not https"),
        ("gopher://services.example/", "not https"),
        ("https://somebody@services.example/", "not an address"),
        ("https:///jwks", "not an address"),
        ("https://127.0.0.1/jwks", "not a public address"),
        ("https://[::1]/jwks", "not a public address"),
        ("https://localhost/jwks", "not a public address"),
        ("https://2130706433/jwks", "not a public address"),
    ],
)
def test_nothing_leads_back_to_us(url: str, why: str) -> None:
    assert why_not(ABROAD, url) == why


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert why_not(ABROAD, "https://services.example/jwks") == "not a public address"


def test_what_is_there_is_fetched_and_what_is_wrong_is_not() -> None:
    with a_server() as site:
        assert AT_HOME.get_json(f"{site}/set") == {"keys": []}
        found = {path: why_not(AT_HOME, f"{site}/{path}") for path in ("long", "words", "deep", "elsewhere")}
        posted = AT_HOME.post_form(f"{site}/logout", {"logout_token": "æ&"})
        status = AT_HOME.post_form(f"{site}/logout", {})
    assert found == {"long": "too long", "words": "not JSON", "deep": "not JSON", "elsewhere": "status 302"}
    assert (posted, status, Answers.posted) == (204, 204, [b"logout_token=%C3%A6%26", b""])


def test_a_certificate_must_be_trusted_and_be_that_of_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo
    names = {"elsewhere.example": "127.0.0.1"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *how, **more: look_up(names.get(host, host), *how, **more))
    authority, stranger = (make_authority(made) for made in (tmp_path / "ours", tmp_path / "other") if not made.mkdir())
    server = TlsServer(Answers, authority)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    trusting = Fetcher(FetchSettings(private_networks=True, ca_file=str(authority.certificate)))
    mistaken = Fetcher(FetchSettings(private_networks=True, ca_file=str(stranger.certificate)))
    try:
        assert trusting.get_json(f"https://localhost:{server.port}/set") == {"keys": []}
        assert why_not(mistaken, f"https://localhost:{server.port}/set") == "ConnectError"
        assert why_not(AT_HOME, f"https://localhost:{server.port}/set") == "ConnectError"
        assert why_not(trusting, f"https://elsewhere.example:{server.port}/set") == "ConnectError"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_nobody_there_is_said_so() -> None:
    with a_server() as site:
        pass
    assert why_not(AT_HOME, f"{site}/set") == "ConnectError"


def test_who_sends_a_byte_now_and_then_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, *[1.0] * 3, *[9.0] * 99])
    monkeypatch.setattr("idp.outside.fetch.time.monotonic", lambda: next(moments))
    with a_server() as site:
        assert why_not(AT_HOME, f"{site}/set") == "ReadTimeout"
