"""One-time passes (decision 6): another administrator lets one person enrol one factor, or replace a lost one.

A pass is twelve easy characters, 59 bits, and lives ten minutes. Kept is an HMAC under a key outside the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.outside.sealing import keyed_digest
from idp.store.factors import burn_pass, close_passes, insert_pass
from idp.usecases.access import opener_of, subject_of, why_not
from idp.usecases.easy_codes import easy_code, normalised
from idp.usecases.factors import live
from idp.usecases.people import account_of
from policies.decision import Deny
from policies.enrolment import SECOND_FACTORS
from policies.passes import may_issue_pass
from policies.vocabulary import CodeKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System
    from policies.vocabulary import Reason

LIVES: Final = timedelta(minutes=10)
LENGTH: Final = 12


@dataclass(frozen=True)
class IssuedPass:
    """A pass in clear, on its way to the person and nowhere else."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class PassOffer:
    """What an administrator is shown: whether the person's stage carries second factors, has one, and may get a pass."""

    carries: bool
    has: bool
    refusal: Reason | None


def issue_pass(db: Session, system: System, *, person_id: int, issued_by: int | None) -> IssuedPass:
    """Make a pass for a person; an older one that was not used lapses. ``issued_by`` None is the operator's command line.

    Raises :class:`Refused` with the reason of :func:`policies.passes.may_issue_pass`.
    """
    allowed = may_issue_pass(opener_of(db, system, issued_by), subject_of(db, person_id))
    if isinstance(allowed, Deny):
        raise Refused(allowed.reason)
    now = system.now()
    close_passes(db, person_id, now)
    text = easy_code(system.draw, LENGTH)
    pass_id = insert_pass(
        db,
        {
            "person_id": person_id,
            "issued_by": issued_by,
            "digest": _digest(system, person_id, text),
            "issued_at": now,
            "expires_at": now + LIVES,
        },
    )
    system.record(
        db,
        AuditEvent.PASS_ISSUED,
        actor_id=issued_by,
        subject_id=person_id,
        facts={"pass": pass_id, "actor": "person" if issued_by else "operator"},
    )
    return IssuedPass(text, now + LIVES)


def pass_offer(db: Session, system: System, *, person_id: int, by: int) -> PassOffer:
    """Return what somebody who looks at a person's page may know and do about second factors."""
    account = account_of(db, system, person_id, CodeKind.TEXT)
    own = {one.factor for one in live(db, person_id)} if account.may_carry else set()
    refusal = why_not(db, system, actor_id=by, person_id=person_id, policy=may_issue_pass)
    return PassOffer(carries=bool(account.may_carry), has=bool(own & SECOND_FACTORS), refusal=refusal)


def use_pass(db: Session, system: System, *, person_id: int, typed: str) -> bool:
    """Use a person's pass up; False when it is wrong, too old, used, or somebody else's."""
    burned = burn_pass(db, person_id, _digest(system, person_id, typed), system.now())
    if burned is None:
        return False
    facts: dict[str, str | int | bool | None] = {"pass": burned.id, "issued_by": burned.issued_by}
    system.record(db, AuditEvent.PASS_USED, actor_id=person_id, subject_id=person_id, facts=facts)
    return True


def _digest(system: System, person_id: int, typed: str) -> bytes:
    return keyed_digest(system.keyring.tokens.current, "one-time-pass", str(person_id), normalised(typed))
