"""Flask as our two applications use it: without what none of our views needs, for it is paid at every request."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Request

    Finisher = Callable[[Request, Response, float], None]

_BEGUN = "skolepas.begun"


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

    def __init__(self, name: str, **options: Any) -> None:  # noqa: ANN401 (Flask's own)
        """Make it as Flask makes it."""
        super().__init__(name, **options)
        self._finishers: list[Finisher] = []

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself."""
        return func

    def always_send(self, headers: Iterable[tuple[str, str]]) -> None:
        """Put these headers on every answer that does not have them of its own."""

        class AnswerOfThisApplication(Answer):
            always = tuple((name.lower(), name, value) for name, value in headers)

        self.response_class = AnswerOfThisApplication

    def finish_with(self, finisher: Finisher) -> None:
        """Hand every request with its answer, and the seconds that it took, to ``finisher``, after all other functions.

        What ``after_request`` is for, without looking the request up again in each function.
        """
        self._finishers.append(finisher)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        environ[_BEGUN] = perf_counter()
        return super().wsgi_app(environ, start_response)

    def process_response(self, response: Response) -> Response:
        """Finish an answer."""
        response = super().process_response(response)
        asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 (Werkzeug documents it)
        seconds = perf_counter() - asked.environ.get(_BEGUN, perf_counter())
        for finish in self._finishers:
            finish(asked, response, seconds)
        return response
