"""Queries over second factors, recovery codes and one-time passes (tables in :mod:`idp.store.credentials`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update

from idp.store.credentials import EnrolledFactor, OneTimePass, RecoveryCode
from idp.store.login_sessions import LoginSession, SessionFactor
from idp.store.people import Person, Username
from idp.store.prepared import run
from policies.vocabulary import Factor

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_LIVE = (
    select(
        EnrolledFactor.id,
        EnrolledFactor.factor,
        EnrolledFactor.label,
        EnrolledFactor.credential_id,
        EnrolledFactor.public,
        EnrolledFactor.secret_sealed,
        EnrolledFactor.last_step,
        EnrolledFactor.last_used_at,
        EnrolledFactor.enrolled_at,
        EnrolledFactor.enrolled_through,
    )
    .where(EnrolledFactor.person_id == bindparam("person"), EnrolledFactor.ended_at.is_(None))
    .order_by(EnrolledFactor.enrolled_at, EnrolledFactor.id)
)

_PASSKEY = (
    select(
        EnrolledFactor.id,
        EnrolledFactor.person_id,
        EnrolledFactor.credential_id,
        EnrolledFactor.public,
        EnrolledFactor.last_step,
        Person.uniid,
        Username.name,
    )
    .join(Person, Person.id == EnrolledFactor.person_id)
    .join(Username, and_(Username.person_id == EnrolledFactor.person_id, Username.valid_to.is_(None)))
    .where(EnrolledFactor.credential_id == bindparam("credential"), EnrolledFactor.ended_at.is_(None))
    .limit(1)
)


def live_factors(db: Session, person_id: int) -> Sequence[AnyRow]:
    """Return a person's factors that have not ended, the oldest first."""
    return run(db, _LIVE, {"person": person_id}).all()


def passkey_row(db: Session, credential_id: bytes) -> AnyRow | None:
    """Return a live passkey by the id that the browser sends, with whose it is and a username of theirs."""
    return run(db, _PASSKEY, {"credential": credential_id}).one_or_none()


def insert_factor(db: Session, values: dict[str, Any]) -> int:
    """Write a factor and return its id."""
    return db.execute(insert(EnrolledFactor).returning(EnrolledFactor.id), values).scalar_one()


def credential_is_known(db: Session, credential_id: bytes) -> bool:
    """Say whether a passkey with this id was ever enrolled, by whomever."""
    return bool(db.execute(select(exists().where(EnrolledFactor.credential_id == credential_id))).scalar())


def use_step(db: Session, factor_id: int, *, step: int, public: dict[str, Any], now: datetime) -> bool:
    """Use up the step of a one-time code; False when it, or a later one, was used before. One statement, one winner."""
    used = db.execute(
        update(EnrolledFactor)
        .where(
            EnrolledFactor.id == factor_id,
            EnrolledFactor.ended_at.is_(None),
            or_(EnrolledFactor.last_step.is_(None), EnrolledFactor.last_step < step),
        )
        .values(last_step=step, public=public, last_used_at=now)
        .returning(EnrolledFactor.id)
    )
    return used.scalar_one_or_none() is not None


def use_passkey(db: Session, factor_id: int, *, before: int | None, count: int, now: datetime) -> bool:
    """Write a passkey's new count of signatures; False when another answer with the same count was faster."""
    same_as_read = EnrolledFactor.last_step.is_(None) if before is None else EnrolledFactor.last_step == before
    used = db.execute(
        update(EnrolledFactor)
        .where(EnrolledFactor.id == factor_id, EnrolledFactor.ended_at.is_(None), same_as_read)
        .values(last_step=count, last_used_at=now)
        .returning(EnrolledFactor.id)
    )
    return used.scalar_one_or_none() is not None


def touch_factor(db: Session, factor_id: int, now: datetime) -> None:
    """Write when a factor was last used."""
    db.execute(update(EnrolledFactor).where(EnrolledFactor.id == factor_id).values(last_used_at=now))


def end_factor(db: Session, person_id: int, factor_id: int, now: datetime) -> AnyRow | None:
    """End one live factor of a person; return its ``id`` and ``factor``, None when there is none."""
    return db.execute(
        update(EnrolledFactor)
        .where(
            EnrolledFactor.id == factor_id,
            EnrolledFactor.person_id == person_id,
            EnrolledFactor.ended_at.is_(None),
        )
        .values(ended_at=now, secret_sealed=None)
        .returning(EnrolledFactor.id, EnrolledFactor.factor)
    ).one_or_none()


def end_factors(
    db: Session, person_id: int, now: datetime, *, kinds: Collection[Factor] = frozenset(Factor)
) -> Sequence[AnyRow]:
    """End every live factor of these kinds; return ``id`` and ``factor`` of each. A seed that has ended is forgotten."""
    return db.execute(
        update(EnrolledFactor)
        .where(
            EnrolledFactor.person_id == person_id,
            EnrolledFactor.ended_at.is_(None),
            EnrolledFactor.factor.in_([kind.value for kind in kinds]),
        )
        .values(ended_at=now, secret_sealed=None)
        .returning(EnrolledFactor.id, EnrolledFactor.factor)
    ).all()


def insert_recovery_codes(db: Session, values: Sequence[dict[str, Any]]) -> None:
    """Write the hashes of a set of recovery codes, in their order."""
    db.execute(insert(RecoveryCode), values)


def recovery_codes(db: Session, factor_id: int) -> Sequence[AnyRow]:
    """Return ``id``, ``phc``, ``pepper`` and ``used_at`` of a set's codes, in their order."""
    return db.execute(
        select(RecoveryCode.id, RecoveryCode.phc, RecoveryCode.pepper, RecoveryCode.used_at)
        .where(RecoveryCode.factor_id == factor_id)
        .order_by(RecoveryCode.id)
    ).all()


def recovery_codes_left(db: Session, person_id: int) -> int:
    """Count a person's unused recovery codes."""
    return db.execute(
        select(func.count())
        .select_from(RecoveryCode)
        .join(EnrolledFactor, EnrolledFactor.id == RecoveryCode.factor_id)
        .where(EnrolledFactor.person_id == person_id, EnrolledFactor.ended_at.is_(None), RecoveryCode.used_at.is_(None))
    ).scalar_one()


def burn_recovery_code(db: Session, code_id: int, now: datetime) -> int | None:
    """Use a recovery code up and return its set's id; None when it was used before, or its set has ended."""
    live = select(EnrolledFactor.id).where(EnrolledFactor.ended_at.is_(None))
    return db.execute(
        update(RecoveryCode)
        .where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None), RecoveryCode.factor_id.in_(live))
        .values(used_at=now)
        .returning(RecoveryCode.factor_id)
    ).scalar_one_or_none()


def forget_in_sessions(db: Session, person_id: int, factor_ids: Collection[int], now: datetime) -> None:
    """Let what these factors proved count no more in any session of the person: at once, and for ever."""
    of_person = select(LoginSession.id).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
    db.execute(
        update(SessionFactor)
        .where(
            SessionFactor.enrolled_factor_id.in_(list(factor_ids)),
            SessionFactor.session_id.in_(of_person),
            or_(SessionFactor.expires_at.is_(None), SessionFactor.expires_at > now),
        )
        .values(expires_at=now)
    )


def sessions_without_factor(db: Session, person_id: int, now: datetime) -> Sequence[int]:
    """Return the ids of a person's live sessions in which nothing counts any more."""
    counts = exists().where(
        SessionFactor.session_id == LoginSession.id,
        or_(SessionFactor.expires_at.is_(None), SessionFactor.expires_at > now),
    )
    return (
        db.execute(
            select(LoginSession.id).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), ~counts)
        )
        .scalars()
        .all()
    )


def insert_pass(db: Session, values: dict[str, Any]) -> int:
    """Write a one-time pass and return its id."""
    return db.execute(insert(OneTimePass).returning(OneTimePass.id), values).scalar_one()


def close_passes(db: Session, person_id: int, now: datetime) -> None:
    """Let every pass of a person that may still be used lapse."""
    db.execute(
        update(OneTimePass)
        .where(OneTimePass.person_id == person_id, OneTimePass.used_at.is_(None), OneTimePass.expires_at > now)
        .values(expires_at=now)
    )


def burn_pass(db: Session, person_id: int, digest: bytes, now: datetime) -> AnyRow | None:
    """Use a person's pass up; return its ``id`` and ``issued_by``, None when there is none that may be used."""
    return db.execute(
        update(OneTimePass)
        .where(
            OneTimePass.person_id == person_id,
            OneTimePass.digest == digest,
            OneTimePass.used_at.is_(None),
            OneTimePass.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimePass.id, OneTimePass.issued_by)
    ).one_or_none()
