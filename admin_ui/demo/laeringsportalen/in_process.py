"""Authlib's Flask client over an application in the same process, so that a callback waits for no request thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from requests import Response
from requests.adapters import BaseAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Flask
    from requests import PreparedRequest


class InProcessAdapter(BaseAdapter):
    """Carries a request of the requests library to a WSGI application."""

    def __init__(self, application: WSGIApplication) -> None:
        """Speak to ``application``."""
        super().__init__()
        self._http = httpx.Client(transport=httpx.WSGITransport(app=application))

    def send(self, request: PreparedRequest, **_: Any) -> Response:  # type: ignore[override]  # noqa: ANN401
        """Return the application's answer."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if not isinstance(body, bytes | None):
            raise TypeError("a body that streams has no place here")
        headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
        answered = self._http.request(str(request.method), str(request.url), headers=headers, content=body)
        response = Response()
        response.status_code = answered.status_code
        response.headers.update(answered.headers)
        response._content = answered.content  # noqa: SLF001 (as the library's own adapters do)
        response.url = str(request.url)
        response.request = request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Close the client."""
        self._http.close()


def oauth_over(app: Flask, provider: WSGIApplication) -> OAuth:
    """Return Authlib's registry for ``app``, whose clients reach ``provider`` without the network."""
    adapter = InProcessAdapter(provider)

    class Session(OAuth2Session):
        def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
            super().__init__(*arguments, **named)
            self.mount("http://", adapter)
            self.mount("https://", adapter)

        def close(self) -> None:
            """Leave the shared adapter open."""

    class Client(FlaskOAuth2App):
        client_cls = Session

    class Registry(OAuth):
        oauth2_client_cls = Client

    return Registry(app)
