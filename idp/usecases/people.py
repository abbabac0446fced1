"""Finding people by the name they type, and the account behind it as a login needs it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from idp.outside.hashing import Verifier
from idp.store.sign_in import account_rows, account_rows_by_name, code_kinds, person_uniid, person_with_username
from idp.usecases.acting import choices
from policies.codes import code_rule, expires_at, outgrown, stable_kind_for_unknown, warning_due
from policies.stages import governing, stage_of_person
from policies.vocabulary import ActorGroup, CodeKind, Level, Reason, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from idp.store.db import Database
    from idp.usecases.system import System
    from policies.rules import CodeRule
    from policies.vocabulary import Factor

LONGEST_NAME: Final = 254
_NOBODY: Final = 0
_COUNT_AGAIN: Final = timedelta(minutes=15)
_counted: WeakKeyDictionary[Database, tuple[datetime, Mapping[CodeKind, int]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class FoundPerson:
    """Who has a username now."""

    person_id: int
    uniid: str
    language: str | None
    blocked: bool
    ended: bool


@dataclass(frozen=True)
class Account:
    """What a login needs to know about a typed name. ``person_id`` is None for a name that nobody has."""

    kind: CodeKind
    """The page to show: pictures or text."""
    person_id: int | None = None
    stage: Stage | None = None
    """The stage that governs the account; None without an attachment."""
    code_id: int | None = None
    verifier: Verifier | None = None
    code_issued_at: datetime | None = None
    """Since when the code that may be used now is the account's."""
    code_ends: datetime | None = None
    """When the code must be replaced; None when nothing ends it."""
    code_expired: bool = False
    outgrown_unnoted: bool = False
    """The code is outgrown, and nobody has noted since when (:mod:`idp.usecases.code_lifetimes`)."""
    warn_days_left: int | None = None
    """Whole days left, when the person is to be told that the code ends."""
    may_carry: frozenset[Factor] = frozenset()
    """The second factors that the stage lets people enrol."""
    choices: tuple[int, ...] = ()
    """The attachments that the person can act through, one for each institution and actor group."""
    pupil_at: int | None = None
    """The institution that vouches for the person as its pupil; None for whoever works at a school, or is no pupil."""
    as_pupil: tuple[int, ...] = ()
    """Those of the choices by which the person is a pupil: an adult's word counts for no other."""
    refusal: Reason | None = None
    """Why the account may not be used. Said only after a right code (decision 14)."""
    language: str | None = None


def normalise_name(typed: str) -> str:
    """Return a typed username as it is stored and counted: NFC, without blanks around it, in lower case."""
    return unicodedata.normalize("NFC", typed).strip().casefold()[:LONGEST_NAME]


def find_by_username(db: Session, name: str) -> FoundPerson | None:
    """Return who has this username now."""
    row = person_with_username(db, normalise_name(name))
    if row is None:
        return None
    return FoundPerson(row.id, row.uniid, row.language, row.blocked_at is not None, row.ended_at is not None)


def uniid_of(db: Session, person_id: int) -> str:
    """Return the user id of an account."""
    return person_uniid(db, person_id)


def account_named(db: Session, system: System, name: str) -> Account:
    """Return the account behind a normalised name; a name that nobody has gets a stable kind of page (decision 14)."""
    shares = _kind_shares(db, system)
    rows = account_rows_by_name(db, name, system.now())
    unknown = stable_kind_for_unknown(name, system.keyring.unknown_names.current, shares)
    return _account(system, rows, unknown) if rows else Account(kind=unknown)


def live_codes(db: Session, system: System) -> int:
    """Return how many codes are live, as it was at most a quarter of an hour ago."""
    return sum(_kind_shares(db, system).values())


def account_of(db: Session, system: System, person_id: int | None, kind: CodeKind) -> Account:
    """Return the account of a person; ``kind`` is the page to show where neither code nor attachment says which.

    For nobody the same is asked of the database, so that it takes as long (decision 14).
    """
    rows = account_rows(db, person_id or _NOBODY, system.now())
    return _account(system, rows, kind) if rows else Account(kind=kind)


def _account(system: System, rows: Sequence[Row[Any]], otherwise: CodeKind) -> Account:
    first = rows[0]
    attached = [row for row in rows if row.affiliation_id is not None]
    stage = governing_stage(heard(attached))
    now = system.now()
    ends, made_under, unnoted = code_end(system, first, stage, now)
    fitting = code_rule(system.rules, stage).kind if stage else otherwise
    usable = first.code_id is not None and first.suspended_at is None
    return Account(
        kind=CodeKind(first.kind) if first.kind else fitting,
        person_id=first.person_id,
        stage=stage,
        code_id=first.code_id if usable else None,
        verifier=Verifier(phc=first.phc, pepper=first.pepper) if usable else None,
        code_issued_at=first.issued_at if usable else None,
        code_ends=ends if usable else None,
        code_expired=bool(usable and ends is not None and ends <= now),
        outgrown_unnoted=usable and unnoted,
        warn_days_left=warning_due(made_under, ends, now, first.warned_at) if usable and made_under else None,
        may_carry=_may_carry(system, stage),
        choices=choices(attached),
        pupil_at=_pupil_at(attached),
        as_pupil=choices(row for row in attached if row.actor_group == ActorGroup.PUPIL),
        refusal=_refusal(first, attached=bool(attached)),
        language=first.language,
    )


def heard(attached: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return the attachments that have a say in which code fits.

    An institution that nobody has confirmed has none (decision 2), unless there is no other.
    """
    return [row for row in attached if row.confirmed_at is not None] or attached


def governing_stage(rows: Sequence[Row[Any]]) -> Stage | None:
    """Return the stage that governs a person: the attachments' strictest, or the one an administrator has forced."""
    if not rows:
        return None
    stages = (stage_of_person(ActorGroup(row.actor_group), Level(row.level) if row.level else None) for row in rows)
    forced = rows[0].forced_stage
    return governing(stages, Stage(forced) if forced else None)


def code_end(
    system: System, row: Row[Any], stage: Stage | None, now: datetime
) -> tuple[datetime | None, CodeRule | None, bool]:
    """Return when a person's code must be replaced, the rule it was made under, and whether its outgrowing is unnoted.

    Computed, so that rules may change. Where nobody has noted yet that the code is outgrown (``stage_left_at``), the
    days of grace begin now.
    """
    if row.code_id is None:
        return None, None, False
    made_under = code_rule(system.rules, Stage(row.code_stage))
    is_outgrown = stage is not None and outgrown(made_under, code_rule(system.rules, stage))
    left_at = (row.stage_left_at or now) if is_outgrown else None
    return expires_at(made_under, row.issued_at, left_at), made_under, is_outgrown and row.stage_left_at is None


def _may_carry(system: System, stage: Stage | None) -> frozenset[Factor]:
    return code_rule(system.rules, stage).second_factors if stage is not None else frozenset()


def _pupil_at(attached: Sequence[Row[Any]]) -> int | None:
    groups = {row.actor_group for row in attached}
    if groups & {ActorGroup.STAFF.value, ActorGroup.EXTERNAL.value}:
        return None
    confirmed = (row for row in attached if row.actor_group == ActorGroup.PUPIL and row.confirmed_at is not None)
    first = min(confirmed, key=lambda row: row.affiliation_id, default=None)
    return first.institution_id if first else None


def _refusal(row: Row[Any], *, attached: bool) -> Reason | None:
    if row.blocked_at is not None:
        return Reason.ACCOUNT_BLOCKED
    if row.ended_at is not None or not attached:
        return Reason.NO_CURRENT_ATTACHMENT
    return None


def _kind_shares(db: Session, system: System) -> Mapping[CodeKind, int]:
    """Count the codes of each kind, again after a quarter of an hour; kept in the process."""
    now = system.now()
    kept = _counted.get(system.database)
    if kept is None or now - kept[0] > _COUNT_AGAIN:
        kept = (now, {CodeKind(row.kind): row.codes for row in code_kinds(db)})
        _counted[system.database] = kept
    return kept[1]
