"""The headers of every answer: what a page may load, where its forms may go, and that nothing personal is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from flask import g
from werkzeug.routing import RequestRedirect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Request, Response

    from idp.web.application import Application

_YEAR: Final = 365 * 24 * 3600
_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Our own pages keep the Origin of a form post; nobody else learns an address of ours.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def allow_camera(response: Response) -> Response:
    """Let this one page ask for the camera, from our own script and nowhere else."""
    response.headers["Permissions-Policy"] = _FIXED["Permissions-Policy"].replace("camera=()", "camera=(self)")
    return response


def set_up_headers(app: Application, *, secure: bool) -> None:
    """Put the headers on every answer of the application; ``secure``: it is reached by https alone."""
    app.always_send(
        {
            **_FIXED,
            "Content-Security-Policy": content_security_policy(),
            **({"Strict-Transport-Security": f"max-age={2 * _YEAR}; includeSubDomains"} if secure else {}),
            "Cache-Control": "no-store",
        }.items()
    )
    app.finish_with(_fit)


def form_targets(redirect_uris: Iterable[str]) -> tuple[str, ...]:
    """Return the CSP sources that a service's redirect addresses need: an origin, or an app's scheme."""
    sources = []
    for uri in redirect_uris:
        parts = urlsplit(uri)
        if parts.scheme in {"http", "https"} and parts.netloc and _is_plain(parts.netloc):
            sources.append(f"{parts.scheme}://{parts.netloc}")
        elif parts.scheme and parts.scheme not in {"http", "https"}:
            sources.append(f"{parts.scheme}:")
    return tuple(dict.fromkeys(sources))


def allow_frames(addresses: Iterable[str]) -> None:
    """Let the page of this request load frames from the origins of these addresses, and from nowhere else."""
    g.frame_sources = form_targets(addresses)


def allow_asking(addresses: Iterable[str]) -> None:
    """Let the page of this request ask the origins of these addresses whether they are there."""
    g.asked_sources = form_targets(addresses)


def allow_asking_us() -> None:
    """Let the page of this request ask this site how something stands."""
    g.asked_sources = ("'self'",)


def content_security_policy(targets: Iterable[str] = (), frames: Iterable[str] = (), asked: Iterable[str] = ()) -> str:
    """Return the policy of our pages: our own files only, nothing inline, forms to us and to the attempt's service.

    ``frames`` are the origins that the page of a logout loads (OpenID Connect Front-Channel Logout 1.0), ``asked`` those that
    it asks whether they are there.
    """
    framed, connected = tuple(frames), tuple(asked)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            " ".join(("form-action 'self'", *targets)),
            *((" ".join(("frame-src", *framed)),) if framed else ()),
            *((" ".join(("connect-src", *connected)),) if connected else ()),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _is_plain(netloc: str) -> bool:
    return not set(netloc) & set(";, '\"*\r\n\t")


def _fit(asked: Request, response: Response, _seconds: float) -> None:
    """Say what is other than on every answer."""
    if isinstance(asked.routing_exception, RequestRedirect):
        # The router writes the Host header into it, which anybody may send; a path leads to the same page.
        parts = urlsplit(response.headers["Location"])
        response.headers["Location"] = urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
    targets, frames, connected = g.get("form_targets", ()), g.get("frame_sources", ()), g.get("asked_sources", ())
    if (targets or frames or connected) and "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = content_security_policy(targets, frames, connected)
    if asked.endpoint == "static":
        found = response.status_code < 400  # noqa: PLR2004
        seconds = _YEAR if "v" in asked.args else 300
        kept = f"public, max-age={seconds}" + (", immutable" if seconds == _YEAR else "")
        response.headers["Cache-Control"] = kept if found else "no-store"
