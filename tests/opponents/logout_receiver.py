"""A learning service's logout endpoint, on a socket of its own: it reads logout tokens as any certified client would."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

from joserfc import jws, jwt
from joserfc.jwk import KeySet

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class LogoutReceiver:
    """Answers each post with the next of ``statuses``, then with 200, and keeps what came."""

    statuses: list[int] = field(default_factory=list)
    posts: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    """(content type, form)"""
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.posts.append((self.headers["Content-Type"], parse_qs(body, strict_parsing=True)))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}/backchannel?of=us"

    @property
    def tokens(self) -> list[str]:
        return [form["logout_token"][0] for _, form in self.posts]


def read_logout_token(
    token: str, jwks: Mapping[str, Any], *, issuer: str, client_id: str, now: int, algorithm: str = "RS256"
) -> dict[str, Any]:
    """Validate a logout token step by step (OpenID Connect Back-Channel Logout 1.0, 2.6) and return its claims."""
    header = jws.extract_compact(token.encode()).headers()
    assert header["typ"] == "logout+jwt"
    assert header["alg"] == algorithm
    claims = jwt.decode(token, KeySet.import_key_set(dict(jwks)), algorithms=[algorithm]).claims  # type: ignore[arg-type]
    assert claims["iss"] == issuer
    assert claims["aud"] in (client_id, [client_id])
    assert claims["iat"] <= now < claims["exp"] <= claims["iat"] + 120
    assert claims["sub"]
    assert claims["sid"]
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert len(claims["jti"]) >= 32
    return dict(claims)
