"""The relying party's own addresses: they keep what they are sent, and show what they were told to show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Condition
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.conformance.tls import TlsServer
from tests.conformance.verdict import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.tls import Authority

PATIENCE_SECONDS = 20
"""How long a call that the provider makes by itself may take to arrive."""


@dataclass(frozen=True)
class Received:
    """One request that came to the relying party."""

    method: str
    path: str
    parameters: Mapping[str, str]
    content_type: str
    """Of the query for a GET, of the form for a POST."""


@dataclass
class Inbox:
    """What has come, and the documents that are shown under their paths."""

    received: list[Received] = field(default_factory=list)
    shown: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    arrived: Condition = field(default_factory=Condition)

    def show(self, path: str, document: Any) -> None:  # noqa: ANN401 (any JSON)
        """Answer a GET of ``path`` with a JSON document."""
        self.shown[path] = ("application/json", json.dumps(document).encode())

    def show_text(self, path: str, text: str, content_type: str) -> None:
        """Answer a GET of ``path`` with a text, such as a request object."""
        self.shown[path] = (content_type, text.encode())

    def keep(self, received: Received) -> None:
        with self.arrived:
            self.received.append(received)
            self.arrived.notify_all()

    def at(self, path: str) -> list[Received]:
        """What has come to a path so far."""
        return [each for each in self.received if each.path == path]

    def wait_for(self, path: str) -> Received:
        """The first request to a path, when it has come. Raises :class:`Failed` when none does."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: self.at(path), PATIENCE_SECONDS):
                raise Failed(f"nothing came to {path} within {PATIENCE_SECONDS} seconds")
            return self.at(path)[0]


def receiver(authority: Authority, inbox: Inbox) -> TlsServer:
    """The relying party's HTTPS server."""

    class Receiving(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def take(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            parameters = dict(parse_qsl(body if self.command == "POST" else parts.query, keep_blank_values=True))
            content_type = self.headers.get_content_type() if self.command == "POST" else ""
            inbox.keep(Received(self.command, parts.path, parameters, content_type))
            kind, content = inbox.shown.get(parts.path, ("text/plain", b""))
            self.send_response_only(200)
            self.send_header("Content-Type", kind)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = take  # noqa: N815

    return TlsServer(Receiving, authority)
