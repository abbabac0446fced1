"""The one door outwards to addresses that services name: their keys, their sectors, their logout addresses.

A service's address must never make us speak to our own network (server-side request forgery), nor hold a thread for
long: https only, every connection goes to an address that was looked at and is public, five seconds and 64 KiB for the
whole exchange (the look-up of a name has the resolver's own limit), no redirects, no cookies, no proxy from the environment. A host's address is resolved once and the
connection goes there, so a name that changes its mind between the look and the connection gains nothing.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import httpcore

from idp.errors import SkolepasError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from idp.settings import FetchSettings

LONGEST: Final = 65_536
"""Bytes of an answer."""
AGENT: Final = b"Skolepas"
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_RELAYS: Final = ipaddress.IPv4Network("192.88.99.0/24")
"""Of 6to4, given up with RFC 7526: whoever is nearest answers."""

_FAULTS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,
    ValueError,  # an address that no parser reads
)


class Unfetchable(SkolepasError):
    """An address gave nothing that we take. ``why`` is a word for logs and records, never what the other side sent."""

    def __init__(self, why: str) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Answered:
    """What the other side answered."""

    status: int
    body: bytes
    etag: str | None = None


class Fetcher:
    """Fetches and posts. One per process; safe to share between threads, for every exchange has its own connection."""

    def __init__(self, settings: FetchSettings) -> None:
        """Keep the settings; the certificates are read when they are first needed."""
        self._settings = settings

    def get_json(self, url: str) -> Any:  # noqa: ANN401 (whatever the other side says)
        """Return the JSON at an address. Raises :class:`Unfetchable`.

        Never within a transaction: the other side decides how long it takes.
        """
        answered = self._exchange("GET", url, {"Accept": "application/json"}, None)
        if answered.status != _OK:
            raise Unfetchable(f"status {answered.status}")
        try:
            return json.loads(answered.body)
        except (ValueError, RecursionError):
            raise Unfetchable("not JSON") from None

    def get_document(self, url: str, *, accept: str, largest: int, seconds: int, etag: str | None = None) -> Answered:
        """Return a document of at most ``largest`` bytes within ``seconds``; status 304 and no body where it is as it was.

        Raises :class:`Unfetchable` for any other status than 200 and 304. Never within a transaction.
        """
        headers = {"Accept": accept, **({"If-None-Match": etag} if etag else {})}
        answered = self._exchange("GET", url, headers, None, largest=largest, seconds=seconds)
        if answered.status not in {_OK, _NOT_MODIFIED}:
            raise Unfetchable(f"status {answered.status}")
        return answered

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """Post a form and return the status, whatever it is. Raises :class:`Unfetchable` when nobody answered."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json, */*;q=0.1"}
        return self._exchange("POST", url, headers, urlencode(fields).encode()).status

    def post(self, url: str, content: bytes, content_type: str) -> Answered:
        """Post a document and return the answer, whatever its status is. Raises :class:`Unfetchable` when nobody answered."""
        return self._exchange("POST", url, {"Content-Type": content_type, "Accept": content_type}, content)

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        *,
        largest: int = LONGEST,
        seconds: int | None = None,
    ) -> Answered:
        self._check(url)
        seconds = self._settings.seconds if seconds is None else seconds
        deadline = _Deadline(seconds)
        named = [(b"User-Agent", AGENT), *((name.encode(), value.encode()) for name, value in headers.items())]
        backend = _Backend(deadline, private=self._settings.private_networks)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._trusted, network_backend=backend) as pool,
                pool.stream(
                    method,
                    url,
                    headers=[(b"Host", urlsplit(url).netloc.encode()), *named],
                    content=content,
                    extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
                ) as response,
            ):
                etag = next(
                    (value.decode("latin-1") for name, value in response.headers if name.lower() == b"etag"), None
                )
                return Answered(response.status, _bounded(response.iter_stream(), largest), etag)
        except Unfetchable:
            raise
        except _FAULTS as fault:
            raise Unfetchable(type(fault).__name__) from fault

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self._settings.private_networks and parts.scheme == "http"):
            raise Unfetchable("not https")
        if parts.username is not None or not parts.hostname:
            raise Unfetchable("not an address")

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.ca_file:
            context.load_verify_locations(self._settings.ca_file)
        return context


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, and nothing that leads back to us or to a network of ours."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None or found in _NAT64 or found.is_site_local:
            return False  # nobody needs these to reach a public server, and each can lead to a private one
    elif found in _RELAYS:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class _Deadline:
    """When the whole exchange must be over, and how long a single step may still take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A stream whose every step ends with the deadline: a byte every four seconds is not enough."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (httpcore's own)
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects to addresses that were looked at."""

    def __init__(self, deadline: _Deadline, *, private: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        address = self._resolved(host, port)
        stream = self._inner.connect_tcp(address, port, self._deadline.left(timeout), local_address, socket_options)
        return _Stream(stream, self._deadline)

    def _resolved(self, host: str, port: int) -> str:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not found or (not self._private and not all(is_public(address) for address in found)):
            raise Unfetchable("not a public address")
        return found[0]


def _bounded(chunks: Iterator[bytes], largest: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > largest:
            raise Unfetchable("too long")
    return bytes(body)
