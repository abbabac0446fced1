"""Flask as our two applications use it: without what none of our views needs, for it is paid at every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import WSGIEnvironment


class Answer(Response):
    """A response that gets, on its way out, each of ``always`` that it does not have yet.

    They are put into the list that the server takes, for Werkzeug would look through each value again at each answer.
    """

    always: tuple[tuple[str, str, str], ...] = ()
    """Name in small letters, name, value."""

    def get_wsgi_response(self, environ: WSGIEnvironment) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Return body, status and headers (PEP 3333)."""
        body, status, headers = super().get_wsgi_response(environ)
        given = {name.lower() for name, _ in headers}
        headers += [(name, value) for small, name, value in self.always if small not in given]
        return body, status, headers


class Application(Flask):
    """An application of ours. Nothing in it is a coroutine, so nobody asks each function whether it is one."""

    response_class = Answer

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself."""
        return func

    def always_send(self, headers: Iterable[tuple[str, str]]) -> None:
        """Put these headers on every answer that does not have them of its own."""

        class AnswerOfThisApplication(Answer):
            always = tuple((name.lower(), name, value) for name, value in headers)

        self.response_class = AnswerOfThisApplication
