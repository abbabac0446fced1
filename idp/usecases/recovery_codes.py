"""Recovery codes: ten, each used once in place of a factor that is not at hand.

A code is twelve easy characters. The first names its place in the set, so that one hash tells whether it is right; the
other eleven are random, 54 bits, and therefore kept as codes are: Argon2id under the pepper (ASVS 6.5.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.outside.hashing import Verifier
from idp.store.factors import (
    burn_recovery_code,
    end_factors,
    insert_factor,
    insert_recovery_codes,
    live_factors,
    recovery_codes,
    recovery_codes_left,
    touch_factor,
)
from idp.usecases.easy_codes import GROUP, easy_code, grouped, normalised
from idp.usecases.forgotten_factors import forget
from policies.vocabulary import Factor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

HOW_MANY: Final = 10
_RANDOM: Final = 3 * GROUP - 1
_PLACES: Final = "ABCDEFGHJK"


@dataclass(frozen=True)
class RecoveryCodes:
    """A set just made, in clear, with what is kept of it."""

    texts: tuple[str, ...] = field(repr=False)
    verifiers: tuple[Verifier, ...]


@dataclass(frozen=True)
class Candidate:
    """The stored code that a typed one claims to be; nothing when there is none in its place."""

    code_id: int | None
    verifier: Verifier | None
    text: str = field(repr=False)


def make_recovery_codes(system: System) -> RecoveryCodes:
    """Make a set: ten hashes, so outside every unit of work. Raises :class:`idp.errors.HashingBusy`."""
    texts = tuple(grouped(place + normalised(easy_code(system.draw, _RANDOM))) for place in _PLACES)
    with system.hasher.aside():
        return RecoveryCodes(texts, tuple(system.hasher.verifier_of(normalised(text)) for text in texts))


def keep_recovery_codes(db: Session, system: System, person_id: int, codes: RecoveryCodes, *, through: str) -> None:
    """Keep a new set in the place of the old one."""
    now = system.now()
    ended = end_factors(db, person_id, now, kinds={Factor.RECOVERY_CODE})
    forget(db, system, person_id, [row.id for row in ended])
    factor_id = insert_factor(
        db,
        {
            "person_id": person_id,
            "factor": Factor.RECOVERY_CODE.value,
            "label": "",
            "public": {},
            "enrolled_at": now,
            "enrolled_through": through,
        },
    )
    insert_recovery_codes(
        db, [{"factor_id": factor_id, "phc": one.phc, "pepper": one.pepper} for one in codes.verifiers]
    )
    system.record(
        db,
        AuditEvent.RECOVERY_CODES_MADE,
        actor_id=person_id,
        subject_id=person_id,
        facts={"factor": factor_id, "codes": len(codes.verifiers)},
    )


def find_candidate(db: Session, person_id: int, typed: str) -> Candidate:
    """Return the unused code that a typed one may be. Whether it is takes a hash, outside every unit of work."""
    text = normalised(typed)
    place = _PLACES.find(text[:1]) if text else -1
    sets = [row for row in live_factors(db, person_id) if row.factor == Factor.RECOVERY_CODE.value]
    rows = recovery_codes(db, sets[0].id) if sets else []
    row = rows[place] if 0 <= place < len(rows) and rows[place].used_at is None else None
    return Candidate(row.id if row else None, Verifier(phc=row.phc, pepper=row.pepper) if row else None, text)


def use_candidate(db: Session, system: System, person_id: int, candidate: Candidate) -> int | None:
    """Use a code up that was found right, and return its set's id; None when another try was faster."""
    if candidate.code_id is None:
        return None
    now = system.now()
    factor_id = burn_recovery_code(db, candidate.code_id, now)
    if factor_id is None:
        return None
    touch_factor(db, factor_id, now)
    facts: dict[str, str | int | bool | None] = {"factor": factor_id, "left": recovery_codes_left(db, person_id)}
    system.record(db, AuditEvent.RECOVERY_CODE_USED, actor_id=person_id, subject_id=person_id, facts=facts)
    return factor_id
