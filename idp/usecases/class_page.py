"""The class page of Elevadgang: each pupil's state at a glance, and a word that changes when it does."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum, unique
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from idp.store.class_state import state_of_group, usernames_of
from idp.usecases.administered import in_order_of_names, names_of
from idp.usecases.facts import school_day
from idp.usecases.guesses import locked_among
from policies.codes import code_rule, expires_at
from policies.vocabulary import CodeKind, Level, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.reach import SchoolClass
    from idp.usecases.system import System
    from policies.protection import ShownName

_SHOWN_AFTER: Final = timedelta(minutes=30)
"""So long a window that is over still stands on the page."""


@unique
class CodeState(StrEnum):
    """How a pupil's code stands."""

    NONE = "none"
    FINE = "fine"
    ENDS_SOON = "ends-soon"
    EXPIRED = "expired"
    SUSPENDED = "suspended"


@unique
class WindowState(StrEnum):
    """How an activation window stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    WRONG_SIGN = "wrong-sign"
    LAPSED = "lapsed"


_SAID: Final[Mapping[str, WindowState]] = {"done": WindowState.DONE, "wrong-sign": WindowState.WRONG_SIGN}
"""Why a window is closed -> what is said of it. A teacher who closed one knows it."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A pupil's newest window: the sign to show, and how far it has come."""

    id: int
    sign: str = field(repr=False)
    state: WindowState
    expires_at: datetime
    second_browser: bool
    """Another browser gave the right sign too."""

    @property
    def is_open(self) -> bool:
        """Say whether somebody may still answer, or has answered and is at it."""
        return self.state in {WindowState.OPEN, WindowState.CLAIMED}


@dataclass(frozen=True, kw_only=True)
class PupilCard:
    """A pupil as the class page shows one. ``name`` None: protected, and without an alias."""

    person_id: int
    name: ShownName | None
    level: Level | None
    logged_in_today: bool
    blocked: bool
    locked: bool
    """So many wrong codes were tried at the name that no new device may try one now."""
    code: CodeState
    window: Window | None
    waits: bool
    """The pupil waits for an adult to vouch."""


@dataclass(frozen=True, kw_only=True)
class ClassPage:
    """A class at one moment.

    ``version`` is a word that changes with the page: at once, or, for a name, a lock and a wait, within a minute.
    """

    version: str
    cards: tuple[PupilCard, ...]


def class_page(db: Session, system: System, group: SchoolClass) -> ClassPage:
    """Return the pupils of a group that is reached, by first name: four statements.

    What changes between the two, and after them, has another version.
    """
    rows = _rows(db, system, group)
    people = [row.person_id for row in rows]
    names, usernames = names_of(db, people, group.institution_id), usernames_of(db, people)
    kinds = {row.person_id: CodeKind(row.code_kind) for row in rows if row.code_kind}
    tried = {usernames[one]: kind for one, kind in kinds.items() if one in usernames}
    locked = locked_among(db, system, tried)
    cards = [
        PupilCard(
            person_id=row.person_id,
            name=names.get(row.person_id),
            level=Level(row.level) if row.level else None,
            logged_in_today=row.session_id is not None,
            blocked=row.blocked_at is not None,
            locked=usernames.get(row.person_id) in locked,
            code=_code(system, row),
            window=_window(system, row),
            waits=row.requests is not None,
        )
        for row in rows
    ]
    ordered = sorted(cards, key=lambda card: in_order_of_names(card.name, card.person_id))
    return ClassPage(version=_version(system, rows), cards=tuple(ordered))


def class_version(db: Session, system: System, group: SchoolClass) -> str:
    """Return a word that changes with the page of a group (:class:`ClassPage`): one statement."""
    return _version(system, _rows(db, system, group))


def _version(system: System, rows: Sequence[AnyRow]) -> str:
    # Once a minute it is another anyhow: for how long somebody has waited, and what is not among the rows.
    digest = blake2b(system.now().replace(second=0, microsecond=0).isoformat().encode(), digest_size=12)
    for row in rows:
        seen = (
            row.person_id,
            row.level,
            row.blocked_at,
            _code(system, row),
            _window(system, row),
            row.session_id,
            row.requests,
            row.lesson_id,
        )
        digest.update(repr(seen).encode())
    return digest.hexdigest()


def _rows(db: Session, system: System, group: SchoolClass) -> Sequence[AnyRow]:
    zone = ZoneInfo(system.settings.site.time_zone)
    began = datetime.combine(school_day(system), time(), zone)
    rows = state_of_group(db, group.id, now=system.now(), today=began)
    return tuple({row.person_id: row for row in rows}.values())


def _code(system: System, row: AnyRow) -> CodeState:
    if row.code_id is None:
        return CodeState.NONE
    if row.suspended_at is not None:
        return CodeState.SUSPENDED
    rule, now = code_rule(system.rules, Stage(row.code_stage)), system.now()
    ends = expires_at(rule, row.issued_at, row.stage_left_at)
    if ends is None:
        return CodeState.FINE
    if ends <= now:
        return CodeState.EXPIRED
    return CodeState.ENDS_SOON if ends - now <= timedelta(days=max(rule.warn_days, default=0)) else CodeState.FINE


def _window(system: System, row: AnyRow) -> Window | None:
    now = system.now()
    if row.window_id is None or (row.closed_at or row.expires_at) + _SHOWN_AFTER <= now:
        return None
    if row.closed_at is not None and row.closed_why not in _SAID:
        return None
    return Window(
        id=row.window_id,
        sign=row.sign,
        state=_window_state(row, now),
        expires_at=row.expires_at,
        second_browser=row.second_browser_at is not None,
    )


def _window_state(row: AnyRow, now: datetime) -> WindowState:
    if row.closed_at is not None:
        return _SAID[row.closed_why]
    if row.expires_at <= now:
        return WindowState.LAPSED
    return WindowState.CLAIMED if row.claimed_at is not None else WindowState.OPEN


def matches(card: PupilCard, text: str) -> bool:
    """Say whether every word of ``text`` begins a part of the pupil's name."""
    name = f"{card.name.first_name} {card.name.family_name}" if card.name else ""
    parts = _folded(name).split()
    return all(any(part.startswith(word) for part in parts) for word in _folded(text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
