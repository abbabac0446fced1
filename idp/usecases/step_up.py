"""VoksenVerificeret: a pupil asks, an adult answers, and the login is lifted for some hours (decisions 4, 9 and 10).

A request is bound to one login in one browser, and to the person whose code was proven there. An approval is used once, when
that login's session begins or gets stronger; the level then runs out by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.outside.sealing import keyed_digest
from idp.store import step_up as store
from idp.store.people import hold_person
from idp.usecases.devices import known_since
from idp.usecases.guesses import line_of
from idp.usecases.lessons import rule_of
from policies.cards import is_within
from policies.decision import Deny
from policies.step_up import Unusual, draw_sign, may_ask, pictures_of, unusual

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System
    from policies.step_up import AnsweredAs

_TRIES: Final = 5
_AN_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class StepUp:
    """What a login has asked of an adult. ``approved``: it counts now, until ``level_until``."""

    id: int
    pictures: tuple[str, ...]
    """The match sign: names of pictures in order."""
    expires_at: datetime
    waiting: bool
    refused: bool = False
    answered_at: datetime | None = None
    level_until: datetime | None = None

    @property
    def approved(self) -> bool:
        """Say whether an adult has said yes, and it counts."""
        return self.level_until is not None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A pupil who waits for an adult, as the adult sees it."""

    id: int
    person_id: int
    service_id: int
    service_names: dict[str, str]
    """By language."""
    pictures: tuple[str, ...]
    requested_at: datetime
    expires_at: datetime
    unusual: frozenset[Unusual] = frozenset()

    @property
    def is_usual(self) -> bool:
        """Say whether one press for many covers it."""
        return not self.unusual


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What came of a press: ids of people."""

    done: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    """Unusual ones, which no press for many covers."""
    gone: int = 0
    """Requests that somebody else answered, or whose time was up."""


@dataclass(frozen=True, kw_only=True)
class Adult:
    """Who answers, as what, and from where."""

    person_id: int
    answered_as: AnsweredAs
    institution_id: int | None = None
    """Where, as it stands on record."""
    address: str = field(repr=False)


def ask(
    db: Session,
    system: System,
    *,
    attempt_id: int,
    person_id: int,
    service_id: int,
    institution_id: int,
    browser_digest: bytes,
    devices: Sequence[str],
    address: str,
) -> Deny | None:
    """Let a pupil wait for an adult; a request that waits in the same browser is withdrawn. Deny: too often."""
    now, rule = system.now(), system.rules.elevadgang.step_up
    hold_person(db, person_id)
    allowed = may_ask(rule, store.asked_since(db, person_id, now - _AN_HOUR))
    if isinstance(allowed, Deny):
        return allowed
    store.withdraw_requests(db, person_id, now, browser_digest=browser_digest)
    store.lapse_requests(db, institution_id, now)
    first_seen = known_since(db, person_id, devices)
    is_known = first_seen is not None and first_seen <= now - timedelta(seconds=rule.device_seconds)
    noted = [] if is_known else [Unusual.NEW_DEVICE.value]
    values = {
        "attempt_id": attempt_id,
        "person_id": person_id,
        "service_id": service_id,
        "institution_id": institution_id,
        "network": _places(db, system, institution_id, address)[-1],
        "unusual": noted,
        "requested_at": now,
        "expires_at": now + timedelta(seconds=rule.request_seconds),
    }
    for _ in range(_TRIES):  # another pupil of the school may draw the same sign in the same moment
        sign = draw_sign(system.draw, rule.pictures, store.signs_waiting(db, institution_id))
        request_id = store.insert_request(db, {**values, "sign": sign})
        if request_id is not None:
            break
    else:
        raise AssertionError("no sign was free")
    system.record(
        db,
        AuditEvent.STEP_UP_ASKED,
        actor_id=person_id,
        subject_id=person_id,
        institution_id=institution_id,
        service_id=service_id,
        facts={"request": request_id, "unusual": " ".join(noted)},
    )
    return None


def step_up_of(db: Session, system: System, *, attempt_id: int, person_id: int, proven_at: datetime) -> StepUp | None:
    """Return what a login has asked of an adult since the code was proven there; None when it has not."""
    row = store.request_of_attempt(db, attempt_id, person_id)
    if row is None or row.requested_at < proven_at:
        return None
    now = system.now()
    counts = row.answer == "approved" and row.used_at is None and row.level_until > now
    return StepUp(
        id=row.id,
        pictures=pictures_of(row.sign),
        expires_at=row.expires_at,
        waiting=row.answered_at is None and row.expires_at > now,
        refused=row.answer == "refused",
        answered_at=row.answered_at,
        level_until=row.level_until if counts else None,
    )


def use(db: Session, system: System, *, request_id: int, session_id: int, person_id: int, service_id: int) -> bool:
    """Use an approval up for a session; False when it was used before."""
    if not store.use_approval(db, request_id, system.now(), session_id):
        return False
    system.record(
        db,
        AuditEvent.STEP_UP_USED,
        actor_id=person_id,
        subject_id=person_id,
        service_id=service_id,
        session_id=session_id,
        facts={"request": request_id},
    )
    return True


def withdraw(db: Session, system: System, *, person_id: int, browser_digest: bytes) -> None:
    """Let nobody wait in this browser any more."""
    for request_id in store.withdraw_requests(db, person_id, system.now(), browser_digest=browser_digest):
        system.record(
            db,
            AuditEvent.STEP_UP_WITHDRAWN,
            actor_id=person_id,
            subject_id=person_id,
            facts={"request": request_id},
        )


def waiting_among(db: Session, system: System, person_ids: Collection[int], *, address: str) -> tuple[Waiting, ...]:
    """Return who waits of some people, the oldest first, as an adult at ``address`` sees them.

    One statement, and one more for each institution where somebody waits.
    """
    rows = store.requests_waiting(db, person_ids, system.now()) if person_ids else ()
    return _as_seen(db, system, rows, address)


def approve(
    db: Session,
    system: System,
    request_ids: Collection[int],
    *,
    among: Collection[int],
    by: Adult,
    each_by_itself: bool,
) -> Answered:
    """Approve what some of the people ``among`` wait for; whoever waits for something else is passed over.

    The caller has made sure that ``by`` has a say in them all. ``each_by_itself``: the adult pressed for that one alone, and
    unusual ones are approved too; else they are skipped (decision 10).
    """
    now = system.now()
    until = now + timedelta(seconds=system.rules.elevadgang.step_up.level_seconds)
    seen = {one.id: one for one in waiting_among(db, system, among, address=by.address)}
    done, skipped, gone = [], [], 0
    for request_id in sorted(set(request_ids)):  # in one order, so that two who press at once wait for each other
        one = seen.get(request_id)
        if one is not None and one.unusual and not each_by_itself:
            skipped.append(one.person_id)
        elif one is not None and _answer(db, system, one, by, answer="approved", level_until=until):
            done.append(one.person_id)
        else:
            gone += 1
    return Answered(done=tuple(done), skipped=tuple(skipped), gone=gone)


def refuse(db: Session, system: System, request_ids: Collection[int], *, among: Collection[int], by: Adult) -> Answered:
    """Say no to what some of the people ``among`` wait for."""
    seen = {one.id: one for one in waiting_among(db, system, among, address=by.address)}
    done = [
        seen[request_id].person_id
        for request_id in sorted(set(request_ids))
        if request_id in seen and _answer(db, system, seen[request_id], by, answer="refused", level_until=None)
    ]
    return Answered(done=tuple(done), gone=len(set(request_ids)) - len(done))


def _answer(db: Session, system: System, one: Waiting, by: Adult, *, answer: str, level_until: datetime | None) -> bool:
    if one.person_id == by.person_id:
        raise AssertionError("nobody vouches for himself")
    said = {"answer": answer, "answered_by": by.person_id, "answered_as": by.answered_as.value}
    if not store.answer_request(db, one.id, system.now(), {**said, "level_until": level_until}):
        return False
    event = AuditEvent.STEP_UP_APPROVED if answer == "approved" else AuditEvent.STEP_UP_REFUSED
    system.record(
        db,
        event,
        actor_id=by.person_id,
        subject_id=one.person_id,
        institution_id=by.institution_id,
        service_id=one.service_id,
        facts={"request": one.id, "as": by.answered_as.value, "unusual": " ".join(sorted(one.unusual))},
    )
    return True


def _places(db: Session, system: System, institution_id: int, address: str) -> tuple[bytes, ...]:
    """Return where somebody is, as keyed digests: the line, and behind it the school, on a network that the school has named.

    The wireless of pupils is often another network than that of staff, or leaves the school by another address.
    """
    key = system.keyring.tokens.current
    line = keyed_digest(key, "step-up:line", line_of(address))
    if not is_within(address, rule_of(db, institution_id).networks):
        return (line,)
    return line, keyed_digest(key, "step-up:school", str(institution_id))


def _as_seen(db: Session, system: System, rows: Sequence[AnyRow], address: str) -> tuple[Waiting, ...]:
    here = {one: _places(db, system, one, address) for one in {row.institution_id for row in rows}}
    requests, signs = Counter(row.person_id for row in rows), Counter(row.sign for row in rows)
    return tuple(
        Waiting(
            id=row.id,
            person_id=row.person_id,
            service_id=row.service_id,
            service_names={"da": row.name_da, "en": row.name_en},
            pictures=pictures_of(row.sign),
            requested_at=row.requested_at,
            expires_at=row.expires_at,
            unusual=unusual(
                noted=row.unusual,
                same_network=row.network in here[row.institution_id],
                open_requests=requests[row.person_id],
                same_sign=signs[row.sign] > 1,
            ),
        )
        for row in rows
    )
