"""One login under way: what the service asked, and how far the person has come in this browser.

Each attempt has a row of its own, so that two tabs do not collide. Its handle, the part of the address after
``/login/``, follows from the browser's secret and a key of ours: elsewhere it is worth nothing, nobody can work it out,
and it is stored nowhere (decision 18).

The browser's secret is old and may have been copied or planted. So what is proven, and what hangs on it, is bound to a
fresh secret that the answer to the proof carries: the hand-over cookie. Without it the attempt looks unproven.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.login.request import LoginRequest
from idp.outside.sealing import keyed_digest, new_token, same, token_digest
from idp.store.attempts import attempt_row, attempt_under_way, hold_attempt, insert_attempt, update_attempt
from idp.usecases.sessions import ProvenFactor
from idp.usecases.windows import held_with
from policies.vocabulary import CodeKind, EnrolThrough, Factor, Reason

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

_NONCE_BYTES: Final = 16
MOST_HANDOVERS: Final = 4
"""Hand-overs that one browser holds at a time, for instance a shared tablet with some pupils' new codes."""
_KEPT_AFTER_END: Final = timedelta(hours=12)
"""So long an attempt that is over still tells the way back to its service."""


@dataclass(frozen=True, kw_only=True)
class Browser:
    """What the edge knows of the browser that asks."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    devices: tuple[str, ...] = field(default=(), repr=False)
    description: str = ""
    session_token: str | None = field(default=None, repr=False)
    handovers: tuple[str, ...] = field(default=(), repr=False)
    """The secrets of the hand-over cookie, the newest first. Each was made by us for one proof or one claimed window."""
    shared: bool = False
    """Somebody has said in this browser that others use the device too."""

    def handed(self, secret: str | None) -> Browser:
        """Return the browser with one more secret, if there is one."""
        return replace(self, handovers=(secret, *self.handovers)[:MOST_HANDOVERS]) if secret else self

    def without_proof_of(self, attempt: Attempt) -> Browser:
        """Return the browser without the secret that an attempt's proof is bound to."""
        return self.without(held_with(self.handovers, attempt.held_by))

    def without(self, secret: str | None) -> Browser:
        """Return the browser without a secret that has been used up."""
        return replace(self, handovers=tuple(other for other in self.handovers if other != secret))


@dataclass(frozen=True, kw_only=True)
class ServiceFace:
    """What login pages show and need of the service."""

    id: int
    name_da: str
    name_en: str
    registration: dict[str, Any]
    disabled: bool
    accepts_adult_as_two: bool


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One login under way. ``username`` is normalised; ``person_id`` is None for a name that nobody has."""

    id: int
    handle: str
    request: LoginRequest
    service: ServiceFace
    username: str | None = None
    person_id: int | None = None
    kind: CodeKind | None = None
    window_id: int | None = None
    factors: tuple[ProvenFactor, ...] = ()
    code_expired: bool = False
    seen: bool = False
    """The new code has been shown, and the person has pressed on."""
    error: Reason | None = None
    """What the next page says first."""
    postponed: bool = False
    """The person has read that the code ends soon, and changes it later."""
    task_done: bool = False
    """What the person came to do (``request.task``) has been done."""
    acting: int | None = None
    """The attachment that the person has chosen to act through."""
    other_screen_allowed: bool = False
    """The person has said that it is they who are at the other screen."""
    consented: bool = False
    """The person has allowed the service what it asks for, in this login."""
    shared: bool = False
    """The person says that others use this device too."""
    enrol_through: EnrolThrough | None = None
    """What lets a second factor be enrolled in this login (decision 6)."""
    answers: int = 0
    """Passkeys' answers that were looked at: what the next one must sign follows from it."""
    scratch: dict[str, Any] = field(default_factory=dict)
    """A step's own unfinished business: a challenge, a sealed seed. Never a code."""
    turn_at: datetime | None = None
    """From when on the code may be asked for (:mod:`idp.login.turns`)."""
    card_id: int | None = None
    """The school card that gave the name; worth something only while the factor ``CARD`` is among ``factors``."""
    held_by: bytes | None = None
    """Digest of the secret that what has been proven is bound to."""
    nonce: str = ""
    expires_at: datetime
    finished_at: datetime | None = None
    session_id: int | None = None

    @property
    def by_card(self) -> tuple[ProvenFactor, ...]:
        """The school card, if the name came from one in this browser. It takes the place of typing and proves no more."""
        return tuple(proven for proven in self.factors if proven.factor is Factor.CARD)

    @property
    def identified(self) -> bool:
        """Whether anything has been proven beside the card."""
        return len(self.factors) > len(self.by_card)

    def with_name(self, username: str, *, person_id: int | None, kind: CodeKind) -> Attempt:
        """Return the attempt begun anew for a name."""
        return replace(self.for_nobody(), username=username, person_id=person_id, kind=kind)

    def for_nobody(self) -> Attempt:
        """Return the attempt begun anew, without anybody's name."""
        return replace(
            self,
            username=None,
            person_id=None,
            kind=None,
            window_id=None,
            factors=(),
            code_expired=False,
            seen=False,
            error=None,
            postponed=False,
            task_done=False,
            acting=None,
            other_screen_allowed=False,
            consented=False,
            enrol_through=None,
            scratch={},
            card_id=None,
            held_by=None,
        )

    def state(self) -> dict[str, Any]:
        """Return what the row keeps: never a code, whole or in part (decision 15)."""
        return {
            "nonce": self.nonce,
            "kind": self.kind.value if self.kind else None,
            "factors": [
                [proven.factor.value, proven.proven_at.isoformat(), proven.enrolled_id, proven.upstream_id]
                for proven in self.factors
            ],
            "code_expired": self.code_expired,
            "seen": self.seen,
            "error": self.error.value if self.error else None,
            **{
                name: value
                for name, value in (
                    ("postponed", self.postponed),
                    ("task_done", self.task_done),
                    ("acting", self.acting),
                    ("other_screen_allowed", self.other_screen_allowed),
                    ("consented", self.consented),
                    ("shared", self.shared),
                    ("enrol_through", self.enrol_through.value if self.enrol_through else None),
                    ("answers", self.answers),
                    ("scratch", self.scratch),
                    ("turn_at", self.turn_at.isoformat() if self.turn_at else None),
                    ("card", self.card_id),
                )
                if value
            },
            "held_by": self.held_by.hex() if self.held_by else None,
        }


@dataclass(frozen=True)
class NotOpen:
    """There is no such attempt for this browser now. ``service`` and ``handle`` tell the way on where they may."""

    reason: Reason
    service: ServiceFace | None = None
    attempt: Attempt | None = field(default=None)
    """Only in the attempt's own browser."""


def begin(
    db: Session,
    system: System,
    request: LoginRequest,
    secret: str,
    message: bytes,
    *,
    turn_at: datetime | None = None,
) -> str:
    """Write an attempt and return its handle; the same message in the same browser resumes the one under way.

    ``turn_at`` is the turn that the person has waited for already.
    """
    now, browser, digest = system.now(), token_digest(secret), keyed_digest(b"message", message)
    under_way = attempt_under_way(db, digest, browser, now)
    if under_way is not None:
        return _handle(system, secret, under_way.state["nonce"])
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    handle = _handle(system, secret, nonce)
    insert_attempt(
        db,
        {
            "handle_digest": token_digest(handle),
            "browser_digest": browser,
            "protocol": request.protocol.value,
            "service_id": request.service_id,
            "request": request.to_json(),
            "message_digest": digest,
            "state": {"nonce": nonce, **({"turn_at": turn_at.isoformat()} if turn_at else {})},
            "created_at": now,
            "expires_at": now + timedelta(seconds=system.settings.login.attempt_seconds),
        },
    )
    return handle


def is_under_way(db: Session, system: System, secret: str, message: bytes) -> bool:
    """Say whether the same message began a login in this browser that is not over (decision 18). One statement."""
    return attempt_under_way(db, keyed_digest(b"message", message), token_digest(secret), system.now()) is not None


def waits_elsewhere(db: Session, system: System, handle: str) -> tuple[int, str] | None:
    """Return the service that a login is for, whosever browser it is in, and the request to another identity provider that is open in it.

    None when there is no such login, or it waits for no such answer.
    """
    row = attempt_row(db, token_digest(handle))
    if row is None or row.finished_at is not None or row.expires_at <= system.now():
        return None
    request_id = row.state.get("scratch", {}).get("elsewhere", {}).get("request_id")
    return (row.service_id, request_id) if request_id else None


def load(db: Session, system: System, handle: str, browser: Browser) -> Attempt | NotOpen:
    """Return the attempt with this handle, if it is this browser's and still open: one statement."""
    row = attempt_row(db, token_digest(handle))
    if row is None:
        return NotOpen(Reason.ATTEMPT_GONE)
    service = _service(row)
    if not browser.secret or not same(row.browser_digest, token_digest(browser.secret)):
        return NotOpen(Reason.ATTEMPT_ELSEWHERE, service)
    if service.disabled:
        return NotOpen(Reason.SERVICE_DISABLED)
    attempt = _attempt(row, handle, service)
    if held_with(browser.handovers, attempt.held_by) is None:
        attempt = unproven(attempt)
    now = system.now()
    if attempt.finished_at is not None or attempt.expires_at <= now:
        return NotOpen(Reason.ATTEMPT_GONE, service, attempt if now < attempt.expires_at + _KEPT_AFTER_END else None)
    return attempt


def load_held(db: Session, system: System, attempt: Attempt, browser: Browser) -> Attempt | NotOpen:
    """Return an attempt as it is now, and keep every other request off it until the unit of work ends."""
    hold_attempt(db, attempt.id)
    return load(db, system, attempt.handle, browser)


def unproven(attempt: Attempt) -> Attempt:
    """Return the attempt without what was proven, and without what followed from that."""
    return replace(
        attempt,
        factors=(),
        code_expired=False,
        postponed=False,
        task_done=False,
        acting=None,
        other_screen_allowed=False,
        consented=False,
        enrol_through=None,
    )


def before_the_code(attempt: Attempt) -> Attempt:
    """Return the attempt without what was proven, but for the school card that gave the name."""
    return replace(unproven(attempt), factors=attempt.by_card)


def prove(attempt: Attempt, browser: Browser, *factors: ProvenFactor) -> tuple[Attempt, Browser]:
    """Return the attempt with what was proven just now, and the browser with the fresh secret that it is bound to."""
    secret = new_token()
    proven = replace(attempt, factors=factors, held_by=token_digest(secret))
    return proven, browser.without(held_with(browser.handovers, attempt.held_by)).handed(secret)


def save(db: Session, attempt: Attempt) -> None:
    """Write how far the person has come."""
    update_attempt(
        db,
        attempt.id,
        {
            "state": attempt.state(),
            "username": attempt.username,
            "person_id": attempt.person_id,
            "window_id": attempt.window_id,
        },
    )


def _handle(system: System, secret: str, nonce: str) -> str:
    digest = keyed_digest(system.keyring.tokens.current, "login-handle", secret, nonce)
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _service(row: Row[Any]) -> ServiceFace:
    return ServiceFace(
        id=row.service_id,
        name_da=row.name_da,
        name_en=row.name_en,
        registration=row.registration,
        disabled=row.disabled_at is not None,
        accepts_adult_as_two=row.accepts_adult_as_two,
    )


def _attempt(row: Row[Any], handle: str, service: ServiceFace) -> Attempt:
    state = row.state
    return Attempt(
        id=row.id,
        handle=handle,
        request=LoginRequest.from_json(row.request),
        service=service,
        username=row.username,
        person_id=row.person_id,
        kind=CodeKind(state["kind"]) if state.get("kind") else None,
        window_id=row.window_id,
        factors=tuple(
            ProvenFactor(
                Factor(factor), datetime.fromisoformat(at), enrolled_id=enrolled_id, upstream_id=next(iter(rest), None)
            )
            for factor, at, enrolled_id, *rest in state.get("factors", ())
        ),
        code_expired=state.get("code_expired", False),
        seen=state.get("seen", False),
        error=Reason(state["error"]) if state.get("error") else None,
        postponed=state.get("postponed", False),
        task_done=state.get("task_done", False),
        acting=state.get("acting"),
        other_screen_allowed=state.get("other_screen_allowed", False),
        consented=state.get("consented", False),
        shared=state.get("shared", False),
        enrol_through=EnrolThrough(state["enrol_through"]) if state.get("enrol_through") else None,
        answers=state.get("answers", 0),
        scratch=state.get("scratch", {}),
        turn_at=datetime.fromisoformat(state["turn_at"]) if state.get("turn_at") else None,
        card_id=state.get("card"),
        held_by=bytes.fromhex(state["held_by"]) if state.get("held_by") else None,
        nonce=state["nonce"],
        expires_at=row.expires_at,
        finished_at=row.finished_at,
        session_id=row.session_id,
    )
