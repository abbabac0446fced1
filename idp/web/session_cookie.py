"""The cookies: the session's, the one that has just ended, the browser's own secret, the hand-overs, the known devices, the
language, the ticket of the waiting room, and whether others use the device too.

All are ``HttpOnly``, ``SameSite=Lax`` and for the whole host; over https they are ``Secure`` with a ``__Host-`` name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask import g, request

from idp.login.attempt import MOST_HANDOVERS
from idp.outside.sealing import new_token
from idp.usecases.logout import SHOWN_FOR
from idp.usecases.sessions import live_session
from idp.web.site import site
from policies.vocabulary import Factor

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.sessions import LiveSession

SESSION: Final = "skolepas"
LEFT: Final = "skolepas-left"
BROWSER: Final = "skolepas-browser"
HANDOVERS: Final = "skolepas-window"
DEVICES: Final = "skolepas-devices"
LANGUAGE: Final = "skolepas-language"
SHARED: Final = "skolepas-shared"
TURN: Final = "skolepas-turn"
WAY: Final = "skolepas-way"
ELSEWHERE: Final = "skolepas-elsewhere"

MOST_DEVICES: Final = 40
"""Pupils that one shared tablet remembers; the cookie then has some 900 characters."""
_DEVICE_SECONDS: Final = 400 * 24 * 3600
CODE, CARD, PASSKEY = "code", "card", "passkey"
"""The ways to begin a login, as the browser remembers the one that was used last (decision 61)."""
_HANDLE_START: Final = 12
_YES: Final = "1"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_DEVICE_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_TICKET: Final = re.compile(r"[0-9]{1,10}\.[0-9a-f]{32}")


def current_session(db: Session) -> LiveSession | None:
    """Return the live session of this browser, or None."""
    token = session_token()
    return live_session(db, site().system, token) if token else None


def session_token() -> str | None:
    """Return the value of the session cookie when it looks like one of ours."""
    return _read(SESSION, _TOKEN)


def set_session_cookie(response: Response, token: str) -> None:
    """Give the browser its session; the cookie goes when the browser closes. What was left before is no longer shown."""
    _write(response, SESSION, token)
    if left_token() is not None:
        _clear(response, LEFT)


def clear_session_cookie(response: Response) -> None:
    """Take the session cookie away, and with it what was proven in logins that were begun here and not finished.

    Or whoever holds the device next could finish the login of the one who has left.
    """
    _clear(response, SESSION)
    _clear(response, HANDOVERS)


def leave_session(response: Response) -> None:
    """Take the cookie of a session away that has just ended, and let this browser see for a while what became of it.

    What it keeps is the ended session's own value, which opens nothing any more. A shared device forgets the pages too.
    """
    token = session_token()
    clear_session_cookie(response)
    forget_what_was_seen(response)
    if token is not None:
        _write(response, LEFT, token, max_age=int(SHOWN_FOR.total_seconds()))


def left_token() -> str | None:
    """Return what the cookie of the session was that ended in this browser."""
    return _read(LEFT, _TOKEN)


def browser_secret() -> str | None:
    """Return the secret that binds login attempts to this browser, None when it has none (yet)."""
    made: str | None = g.get("new_browser_secret")
    return made or _read(BROWSER, _TOKEN)


def ensure_browser_secret(response: Response) -> None:
    """Give the browser the secret that :func:`new_browser_secret` made in this request, if it made one."""
    made: str | None = g.get("new_browser_secret")
    if made and not g.get("browser_secret_given"):
        g.browser_secret_given = True
        _write(response, BROWSER, made)


def new_browser_secret() -> str:
    """Return the browser's secret, a fresh one if it has none; :func:`ensure_browser_secret` then sets the cookie."""
    secret = browser_secret()
    if secret is None:
        secret = g.new_browser_secret = new_token()
    return secret


def handover_secrets() -> tuple[str, ...]:
    """Return the secrets that this browser holds what was proven or claimed with, the newest first (decision 8)."""
    given = request.cookies.get(_name(HANDOVERS), "").split(".")
    return tuple(secret for secret in given[:MOST_HANDOVERS] if _TOKEN.fullmatch(secret))


def keep_handovers(response: Response, secrets: tuple[str, ...]) -> None:
    """Give the browser the secrets that it holds now, or take the cookie away when there is none left."""
    if secrets == handover_secrets():
        return
    if secrets:
        longest = max(site().system.rules.window.claimed_seconds, site().system.settings.login.attempt_seconds)
        _write(response, HANDOVERS, ".".join(secrets), max_age=longest)
    else:
        _clear(response, HANDOVERS)


def device_tokens() -> tuple[str, ...]:
    """Return the device tokens that this browser carries, one per person who has logged in here (decision 13)."""
    given = request.cookies.get(_name(DEVICES), "").split(".")
    return tuple(token for token in given[:MOST_DEVICES] if _DEVICE_TOKEN.fullmatch(token))


def set_device_cookie(response: Response, token: str) -> None:
    """Remember one person's device token beside the others, the newest first."""
    others = [other for other in device_tokens() if other != token]
    _write(response, DEVICES, ".".join([token, *others][:MOST_DEVICES]), max_age=_DEVICE_SECONDS)


def is_shared_device() -> bool:
    """Say whether somebody has said in this browser that others use the device too."""
    return request.cookies.get(_name(SHARED)) == _YES


def set_shared_device(response: Response, *, shared: bool) -> None:
    """Remember what was said; a device that is nobody else's has no such cookie."""
    if shared:
        _write(response, SHARED, _YES, max_age=_DEVICE_SECONDS)
    elif is_shared_device():
        _clear(response, SHARED)


def remembered_way() -> str:
    """Return the way in which somebody logged in here last; by name and code where nobody has."""
    way = request.cookies.get(_name(WAY))
    return way if way in {CARD, PASSKEY} else CODE


def remember_elsewhere(response: Response, upstream_id: int) -> None:
    """Remember where somebody has just chosen to log in. It says nothing about who."""
    _write(response, ELSEWHERE, str(upstream_id), max_age=_DEVICE_SECONDS)


def remembered_elsewhere() -> int | None:
    """Return the identity provider that was chosen here last."""
    kept = _read(ELSEWHERE, _NUMBER)
    return int(kept) if kept else None


def remember_way(response: Response, factors: frozenset[Factor]) -> None:
    """Remember how somebody has just logged in here. It says nothing about who, so a shared device remembers it too."""
    if Factor.CARD in factors:
        way = CARD
    elif Factor.PASSKEY in factors and not factors & {Factor.PASSWORD, Factor.PICTURES}:
        way = PASSKEY
    else:
        way = CODE
    if way == remembered_way():
        return
    if way == CODE:
        _clear(response, WAY)
    else:
        _write(response, WAY, way, max_age=_DEVICE_SECONDS)


def ticket() -> str | None:
    """Return the ticket of the waiting room (:mod:`idp.web.waiting_room`), if it looks like one."""
    return _read(TURN, _TICKET)


def keep_ticket(response: Response, value: str, *, max_age: int) -> None:
    """Give the browser its ticket for so many seconds."""
    _write(response, TURN, value, max_age=max_age)


def give_ticket_back(response: Response) -> None:
    """Take the ticket that has been used, if there is one."""
    if ticket() is not None:
        _clear(response, TURN)


def forget_what_was_seen(response: Response) -> None:
    """Let a shared device forget the pages that somebody has been on, in browsers that can (Clear-Site-Data)."""
    if is_shared_device():
        response.headers["Clear-Site-Data"] = '"cache"'


def chosen_language(attempt: str | None = None) -> str | None:
    """Return the language that was chosen in this browser; with ``attempt``, only if it was chosen during that login."""
    code, _, during = request.cookies.get(_name(LANGUAGE), "").partition(".")
    return code if attempt is None or (during and attempt.startswith(during)) else None


def set_language_cookie(response: Response, code: str, *, attempt: str = "") -> None:
    """Remember the language, and the login (the start of its handle) during which it was chosen."""
    during = f".{attempt[:_HANDLE_START]}" if attempt else ""
    _write(response, LANGUAGE, f"{code}{during}", max_age=_DEVICE_SECONDS)


def _name(name: str) -> str:
    return f"__Host-{name}" if site().system.settings.secure else name


def _read(name: str, shape: re.Pattern[str]) -> str | None:
    value = request.cookies.get(_name(name), "")
    return value if shape.fullmatch(value) else None


def _write(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    secure = site().system.settings.secure
    response.set_cookie(_name(name), value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="Lax")


def _clear(response: Response, name: str) -> None:
    secure = site().system.settings.secure
    response.delete_cookie(_name(name), path="/", secure=secure, httponly=True, samesite="Lax")
