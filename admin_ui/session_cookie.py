"""The cookie of the administration's session: a random token, of which only the digest is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from idp.web.site import site

if TYPE_CHECKING:
    from flask import Response

NAME: Final = "skolepas-administration"


def cookie_name(*, secure: bool) -> str:
    """Return the name: with ``__Host-`` wherever we are on https (RFC 6265bis 4.1.3.2)."""
    return f"__Host-{NAME}" if secure else NAME


def token_in_cookie() -> str | None:
    """Return what the browser sent, if anything."""
    return request.cookies.get(cookie_name(secure=site().system.settings.secure)) or None


def set_token(response: Response, token: str) -> None:
    """Give the browser a session; it ends with the browser at the latest."""
    secure = site().system.settings.secure
    response.set_cookie(cookie_name(secure=secure), token, secure=secure, httponly=True, samesite="Lax", path="/")


def clear_token(response: Response) -> None:
    """Take the session from the browser."""
    secure = site().system.settings.secure
    response.delete_cookie(cookie_name(secure=secure), secure=secure, httponly=True, samesite="Lax", path="/")
