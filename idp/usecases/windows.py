"""Activation windows (decision 8): some minutes in which one browser, that of who sees the sign, gets a new code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.outside.sealing import new_token, same, token_digest
from idp.store.windows import (
    burn_window,
    claim_window,
    close_unclaimed,
    close_windows_of,
    insert_window,
    note_second_browser,
    open_window_of,
    reclaim_window,
    window_purpose,
)
from idp.usecases.access import opener_of, subject_of
from idp.usecases.codes import store_code
from idp.usecases.sessions import end_all_sessions
from policies.administration import may_open_window
from policies.decision import Deny
from policies.vocabulary import Reason, WindowPurpose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.outside.hashing import Verifier
    from idp.usecases.codes import IssuedCode
    from idp.usecases.system import System

_TWICE: Final = timedelta(seconds=10)
"""A sign pressed twice: the browser threw the answer to the first press away, and the secret with it."""


@dataclass(frozen=True)
class OpenedWindow:
    """What the opener's screen shows: the sign's stable name, and until when somebody may answer with it."""

    id: int
    sign: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Claimed:
    """This browser holds the window. ``secret`` was made for it just now, if it did not hold the window before."""

    window_id: int
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NotClaimed:
    """It does not. The page says the same whatever the reason, which is for the record and for tests."""

    reason: Reason


def open_window(
    db: Session,
    system: System,
    *,
    person_id: int,
    opened_by: int | None,
    purpose: WindowPurpose,
    institution_id: int | None = None,
    seen: Collection[str] = (),
) -> OpenedWindow:
    """Open a window for a person and close the one that was open. ``opened_by`` None is the operator's command line.

    ``seen`` are signs that others on the opener's screen have; another one is drawn as long as there is one.

    Raises :class:`Refused` with the reason of :func:`policies.administration.may_open_window`.
    """
    allowed = may_open_window(opener_of(db, system, opened_by), subject_of(db, person_id))
    if isinstance(allowed, Deny):
        raise Refused(allowed.reason)
    now, rule = system.now(), system.rules.window
    for closed in close_windows_of(db, person_id, now, "replaced"):
        _record(db, system, AuditEvent.WINDOW_CLOSED, person_id, closed, why="replaced")
    signs = [sign for sign in rule.signs if sign not in seen] or rule.signs
    sign = signs[system.draw(len(signs))]
    until = now + timedelta(seconds=rule.activation_seconds)
    window_id = insert_window(
        db,
        {
            "person_id": person_id,
            "institution_id": institution_id,
            "purpose": purpose.value,
            "sign": sign,
            "opened_by": opened_by,
            "opened_at": now,
            "expires_at": until,
        },
    )
    system.record(
        db,
        AuditEvent.WINDOW_OPENED,
        actor_id=opened_by,
        subject_id=person_id,
        institution_id=institution_id,
        facts={"window": window_id, "purpose": purpose.value, "actor": "person" if opened_by else "operator"},
    )
    return OpenedWindow(window_id, sign, until)


def withdraw_windows(db: Session, system: System, *, person_id: int, by: int) -> int:
    """Close a pupil's open window before its time, and say how many there were. The caller has asked whether ``by`` may."""
    closed = close_windows_of(db, person_id, system.now(), "withdrawn")
    for window_id in closed:
        _record(db, system, AuditEvent.WINDOW_CLOSED, person_id, window_id, why="withdrawn", actor_id=by)
    return len(closed)


def claim(
    db: Session,
    system: System,
    *,
    person_id: int | None,
    sign: str,
    secrets: Iterable[str],
    pressed_before: int | None = None,
) -> Claimed | NotClaimed:
    """Claim a person's window by picking the sign. One wrong pick closes the window.

    The window then belongs to a secret that is made here and that only the answer carries, so that a cookie which was
    planted or copied before is worth nothing. ``secrets`` are those that the browser holds already; ``pressed_before``
    is the window that this very login has claimed, and may claim once more if the sign was pressed twice.
    """
    now, secret = system.now(), new_token()
    window = open_window_of(db, person_id or 0, now)
    if window is None:
        return NotClaimed(Reason.WINDOW_NOT_OPEN)
    if held_with(secrets, window.claimed_by) is not None:
        return Claimed(window.id)
    if window.claimed_by is not None:
        twice = sign == window.sign and pressed_before == window.id and window.claimed_at > now - _TWICE
        if twice and reclaim_window(db, window.id, window.claimed_by, token_digest(secret)):
            return Claimed(window.id, secret)
        if sign == window.sign:
            note_second_browser(db, window.id, now)
        return NotClaimed(Reason.WINDOW_CLAIMED_ELSEWHERE)
    if sign != window.sign:
        if close_unclaimed(db, window.id, now, "wrong-sign"):
            _record(db, system, AuditEvent.WINDOW_CLOSED, window.person_id, window.id, why="wrong-sign")
        return NotClaimed(Reason.WINDOW_WRONG_SIGN)
    until = now + timedelta(seconds=system.rules.window.claimed_seconds)
    if not claim_window(db, window.id, token_digest(secret), now, until):
        return NotClaimed(Reason.WINDOW_CLAIMED_ELSEWHERE)
    _record(db, system, AuditEvent.WINDOW_CLAIMED, window.person_id, window.id)
    return Claimed(window.id, secret)


def held_with(secrets: Iterable[str], digest: bytes | None) -> str | None:
    """Return the secret with this digest, None when it is not among them."""
    return next((secret for secret in secrets if digest is not None and same(token_digest(secret), digest)), None)


def window_held_by(
    db: Session, system: System, *, person_id: int | None, secrets: Iterable[str]
) -> tuple[int, str] | None:
    """Return the window that this browser claimed for the person and may go on with (reload, another tab).

    With its id comes the secret that the browser holds it with.
    """
    window = open_window_of(db, person_id or 0, system.now())
    secret = held_with(secrets, window.claimed_by) if window is not None else None
    return (window.id, secret) if window is not None and secret is not None else None


def purpose_of(db: Session, window_id: int) -> WindowPurpose:
    """Return what a window is or was for."""
    return WindowPurpose(window_purpose(db, window_id))


def confirm(
    db: Session, system: System, *, window_id: int, person_id: int, secret: str, code: IssuedCode, verifier: Verifier
) -> bool:
    """Burn the window, keep the new code, and end the account's old sessions. False: the window was used or has lapsed.

    Second factors stay as they are (decision 8).
    """
    if not burn_window(db, window_id, token_digest(secret), system.now()):
        return False
    replace_code(db, system, person_id=person_id, code=code, verifier=verifier, facts={"window": window_id})
    return True


def replace_code(
    db: Session,
    system: System,
    *,
    person_id: int,
    code: IssuedCode,
    verifier: Verifier,
    facts: dict[str, str | int | bool | None],
) -> None:
    """Keep a code that the person has repeated, and end the sessions that the old one opened."""
    store_code(db, system, person_id, code, verifier, why="replaced")
    end_all_sessions(db, system, person_id, why="new-code")
    system.record(
        db,
        AuditEvent.CODE_CONFIRMED,
        actor_id=person_id,
        subject_id=person_id,
        facts={"kind": code.kind.value, **facts},
    )


def _record(
    db: Session,
    system: System,
    event: AuditEvent,
    person_id: int,
    window_id: int,
    *,
    why: str | None = None,
    actor_id: int | None = None,
) -> None:
    facts: dict[str, str | int | bool | None] = {"window": window_id} | ({"why": why} if why else {})
    system.record(db, event, actor_id=actor_id, subject_id=person_id, facts=facts)
