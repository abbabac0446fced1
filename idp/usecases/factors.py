"""Second factors: enrolled, proven, listed and removed. What may be enrolled, and when, says :mod:`policies.enrolment`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.outside import one_time_codes, passkeys
from idp.outside.sealing import keyed_digest, same
from idp.store.factors import (
    credential_is_known,
    end_factor,
    end_factors,
    insert_factor,
    live_factors,
    passkey_row,
    recovery_codes_left,
    use_passkey,
    use_step,
)
from idp.usecases.forgotten_factors import forget
from idp.usecases.people import account_of
from policies.decision import Deny
from policies.enrolment import SECOND_FACTORS, ends_old_factors, may_remove
from policies.vocabulary import CodeKind, EnrolThrough, Factor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from idp.outside.one_time_codes import Match
    from idp.outside.passkeys import Passkey
    from idp.usecases.system import System

LONGEST_LABEL: Final = 60


@dataclass(frozen=True)
class OwnFactor:
    """One line of a person's list of factors."""

    id: int
    factor: Factor
    label: str
    """What the person calls it; nothing for recovery codes."""
    enrolled_at: datetime
    last_used_at: datetime | None
    codes_left: int | None = None
    """Of recovery codes."""


@dataclass(frozen=True)
class OwnFactors:
    """A person's second factors, and whether people of the stage carry any."""

    all: tuple[OwnFactor, ...]
    carries: bool

    def is_last(self, one: OwnFactor) -> bool:
        """Say whether it is the last app or passkey, with which the recovery codes end too."""
        return one.factor in SECOND_FACTORS and sum(other.factor in SECOND_FACTORS for other in self.all) == 1


@dataclass(frozen=True)
class ProvenPasskey:
    """A passkey that answered rightly, and whose it is."""

    factor_id: int
    person_id: int
    username: str


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """A factor about to be kept: a passkey, or an app's seed with the step of the code that showed it works."""

    label: str
    way: EnrolThrough
    passkey: Passkey | None = None
    seed: bytes | None = field(default=None, repr=False)
    match: Match | None = None


def factors_of(db: Session, person_id: int) -> tuple[OwnFactor, ...]:
    """Return a person's factors, the oldest first: two statements."""
    own = live(db, person_id)
    left = recovery_codes_left(db, person_id) if own else 0
    return tuple(replace(one, codes_left=left) if one.factor is Factor.RECOVERY_CODE else one for one in own)


def own_factors(db: Session, system: System, person_id: int) -> OwnFactors:
    """Return what a person's own page tells of second factors: three statements."""
    account = account_of(db, system, person_id, CodeKind.TEXT)
    return OwnFactors(factors_of(db, person_id), carries=bool(account.may_carry))


def live(db: Session, person_id: int) -> tuple[OwnFactor, ...]:
    """Return a person's factors without a count of recovery codes: one statement."""
    return tuple(
        OwnFactor(row.id, Factor(row.factor), row.label, row.enrolled_at, row.last_used_at)
        for row in live_factors(db, person_id)
    )


def user_handle(system: System, uniid: str) -> bytes:
    """Return how authenticators know a person: 32 bytes that tell nothing (Web Authentication 14.6.1)."""
    return keyed_digest(system.keyring.pairwise.current, "passkey-user", uniid)


def challenge(system: System, purpose: str, *parts: str) -> bytes:
    """Return what a passkey must sign. It follows from a key of ours and from what it is for, and is stored nowhere."""
    return keyed_digest(system.keyring.tokens.current, "passkey-challenge", purpose, *parts)


def passkeys_of(db: Session, person_id: int) -> list[Passkey]:
    """Return a person's passkeys."""
    rows = [row for row in live_factors(db, person_id) if row.factor == Factor.PASSKEY.value]
    return [passkeys.kept(row.credential_id, row.public, row.last_step) for row in rows]


def prove_passkey(
    db: Session, system: System, answer: str, *, challenge: bytes, person_id: int | None = None
) -> ProvenPasskey | None:
    """Check a passkey's answer and write its new count; of whoever it is, or of ``person_id`` alone.

    Where nobody has been named the passkey must name its person itself (WebAuthn 7.2, step 6). A count that did not grow means that somebody copied the passkey: it is refused, and on record.
    """
    shown = passkeys.presented(answer)
    row = passkey_row(db, shown.credential_id) if shown else None
    if shown is None or row is None or (person_id is not None and row.person_id != person_id):
        return None
    if (shown.user or person_id is None) and not same(shown.user or b"", user_handle(system, row.uniid)):
        return None
    passkey = passkeys.kept(row.credential_id, row.public, row.last_step)
    count = passkeys.proven(system.settings.site.issuer, answer, challenge=challenge, passkey=passkey)
    if count is None or not use_passkey(db, row.id, before=row.last_step, count=count, now=system.now()):
        refused(db, system, row.person_id, Factor.PASSKEY, factor=row.id)
        return None
    return ProvenPasskey(row.id, row.person_id, row.name)


def prove_one_time_code(db: Session, system: System, *, person_id: int, typed: str) -> int | None:
    """Check a code from an app, use its step up, and return the app's id; None when it is not right."""
    code = one_time_codes.normalised(typed)
    for row in _apps(db, person_id) if code else ():
        seed = _open(system, person_id, row)
        found = one_time_codes.match(
            seed, code, system.now(), last_step=row.last_step, drift=row.public.get("drift", 0)
        )
        if found is not None and _use(db, system, row, found):
            return int(row.id)
    return None


def repair_clock(db: Session, system: System, *, person_id: int, first: str, second: str) -> int | None:
    """Check two codes in a row from an app whose clock is off, remember how far, and return the app's id."""
    codes = one_time_codes.normalised(first), one_time_codes.normalised(second)
    for row in _apps(db, person_id) if all(codes) else ():
        seed = _open(system, person_id, row)
        found = one_time_codes.match_pair(seed, *codes, system.now(), last_step=row.last_step)
        if found is not None and _use(db, system, row, found):
            facts: dict[str, str | int | bool | None] = {"factor": row.id, "steps": found.drift}
            system.record(db, AuditEvent.FACTOR_CLOCK_REPAIRED, actor_id=person_id, subject_id=person_id, facts=facts)
            return int(row.id)
    return None


def enrol(db: Session, system: System, person_id: int, wanted: Enrolment) -> int | None:
    """Keep a new factor, and return its id; None when the passkey is somebody's already.

    By way of a pass the old factors end, for they are lost. A new app takes the place of the old one, or each app more
    would make guessing easier. Whoever calls has asked :mod:`policies.enrolment`.
    """
    now, passkey = system.now(), wanted.passkey
    if passkey is not None and credential_is_known(db, passkey.credential_id):
        return None
    kind = Factor.TOTP if passkey is None else Factor.PASSKEY
    ending = frozenset(Factor) if ends_old_factors(wanted.way) else frozenset({kind}) - {Factor.PASSKEY}
    _end(db, system, person_id, end_factors(db, person_id, now, kinds=ending), actor_id=person_id, why="replaced")
    factor_id = insert_factor(
        db,
        {
            "person_id": person_id,
            "factor": kind.value,
            "label": wanted.label.strip()[:LONGEST_LABEL],
            "enrolled_at": now,
            "enrolled_through": wanted.way.value,
            **_kept(system, person_id, wanted),
        },
    )
    system.record(
        db,
        AuditEvent.FACTOR_ENROLLED,
        actor_id=person_id,
        subject_id=person_id,
        facts={"factor": factor_id, "kind": kind.value, "way": wanted.way.value},
    )
    return factor_id


def remove(
    db: Session, system: System, *, person_id: int, factor_id: int, removed_by: int | None, said: bool = False
) -> bool:
    """End a factor; False when the person has none such. ``removed_by`` None is the operator's command line.

    Raises :class:`Refused` when it is the last one and nobody has ``said`` so. Recovery codes end with the last.
    """
    kinds = {one.id: one.factor for one in live(db, person_id)}
    ending = kinds.get(factor_id)
    if ending is None:
        return False
    count = list(kinds.values()).count(ending)
    allowed = may_remove(frozenset(kinds.values()), ending, count, said=said)
    if isinstance(allowed, Deny):
        raise Refused(allowed.reason)
    now = system.now()
    row = end_factor(db, person_id, factor_id, now)
    rows = [row] if row is not None else []
    if not {kind for other, kind in kinds.items() if other != factor_id} & SECOND_FACTORS:
        rows += end_factors(db, person_id, now, kinds={Factor.RECOVERY_CODE})
    _end(db, system, person_id, rows, actor_id=removed_by, why="removed")
    return bool(rows)


def seal_seed(system: System, person_id: int, seed: bytes) -> bytes:
    """Seal an app's seed for one person."""
    return system.sealer.seal(seed, purpose=_purpose(person_id))


def open_seed(system: System, person_id: int, sealed: bytes) -> bytes:
    """Open what :func:`seal_seed` sealed. Raises :class:`idp.errors.BrokenSeal`."""
    return system.sealer.open(sealed, purpose=_purpose(person_id))


def refused(db: Session, system: System, person_id: int, kind: Factor, **facts: str | int | bool | None) -> None:
    """Put a factor that was not right on record."""
    system.record(db, AuditEvent.FACTOR_REFUSED, subject_id=person_id, facts={"kind": kind.value, **facts})


def _apps(db: Session, person_id: int) -> Sequence[Row[Any]]:
    return [row for row in live_factors(db, person_id) if row.factor == Factor.TOTP.value]


def _open(system: System, person_id: int, row: Row[Any]) -> bytes:
    return open_seed(system, person_id, row.secret_sealed)


def _use(db: Session, system: System, row: Row[Any], found: Match) -> bool:
    public = {**row.public, "drift": found.drift}
    return use_step(db, row.id, step=found.step, public=public, now=system.now())


def _kept(system: System, person_id: int, wanted: Enrolment) -> dict[str, Any]:
    if wanted.passkey is not None:
        passkey = wanted.passkey
        return {"credential_id": passkey.credential_id, "public": passkey.to_json(), "last_step": passkey.count}
    if wanted.seed is None or wanted.match is None:
        raise AssertionError("an app is enrolled with its seed and a right code")
    return {
        "public": {
            "digits": one_time_codes.DIGITS,
            "period": one_time_codes.PERIOD,
            "drift": wanted.match.drift,
        },
        "secret_sealed": seal_seed(system, person_id, wanted.seed),
        "last_step": wanted.match.step,
    }


def _end(
    db: Session, system: System, person_id: int, rows: Sequence[Row[Any]], *, actor_id: int | None, why: str
) -> None:
    for row in rows:
        system.record(
            db,
            AuditEvent.FACTOR_REMOVED,
            actor_id=actor_id,
            subject_id=person_id,
            facts={"factor": row.id, "kind": row.factor, "why": why, "actor": "person" if actor_id else "operator"},
        )
    forget(db, system, person_id, [row.id for row in rows])


def _purpose(person_id: int) -> str:
    return f"person:{person_id}:one-time-codes"
