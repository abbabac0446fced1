"""A roster plan as data: what one delivery adds, changes and ends at one institution.

It can be printed, stored as JSON, held, approved by a person, applied later and undone. Four parts, each of rows
under a natural key:

=============  ======================================  ==========================================================
part           key                                     body
=============  ======================================  ==========================================================
groups         (code,)                                 name, type, level, line, starts_on, ends_on
records        (actor group, local id)                 names, protection, birth date ..., roles, level, details
memberships    (actor group, local id, group code)     main: whether it is the pupil's class
ties           (pupil's local id, contact's local id)  relation, custody, access_level
=============  ======================================  ==========================================================

A body holds JSON values only and no key whose value is None. A new record also carries ``cpr_index`` (hex of the keyed
index) and ``cpr_sealed`` (base64); no CPR number is ever in a plan. A contact's local id is the hex of the keyed index.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policies.vocabulary import ActorGroup

Body = dict[str, Any]
Key = tuple[str, ...]
VERSION = 1
pack = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
"""A body as text that is the same for equal bodies."""


@dataclass(frozen=True, slots=True)
class Added:
    """A row that is not there now. Its body is kept as text: a whole institution may be new at once."""

    key: Key
    packed: str
    digest: bytes = b""

    @property
    def body(self) -> Body:
        """Return what the row will say, made anew at every question."""
        body: Body = json.loads(self.packed)
        return body


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that says something else now; ``before`` is what undo would write back."""

    id: int
    key: Key
    body: Body
    before: Body
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Ended:
    """A row that ends."""

    id: int
    key: Key


@dataclass(frozen=True, slots=True)
class Part:
    """What happens to rows of one kind, each list in the order of the keys."""

    added: tuple[Added, ...] = ()
    changed: tuple[Changed, ...] = ()
    ended: tuple[Ended, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything happens."""
        return bool(self.added or self.changed or self.ended)


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """What one delivery changes. ``base`` is the delivery before it, which must still be the newest when it is applied."""

    institution: str
    source: str
    base: datetime | None
    source_datetime: datetime
    school_year: str
    groups: Part = field(default_factory=Part)
    records: Part = field(default_factory=Part)
    memberships: Part = field(default_factory=Part)
    ties: Part = field(default_factory=Part)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes but the time of the newest delivery."""
        return not (self.groups or self.records or self.memberships or self.ties)

    def counts(self) -> dict[str, int]:
        """Return how many rows of each part are added, changed and ended: ``records_added`` and so on."""
        return {
            f"{name}_{what}": len(getattr(getattr(self, name), what))
            for name in PARTS
            for what in ("added", "changed", "ended")
        }

    def ended_by_actor_group(self) -> Counter[ActorGroup]:
        """Count the attachments that would end, by kind, for the brake."""
        return Counter(ActorGroup(row.key[0]) for row in self.records.ended)

    def as_json(self, *, bodies: bool = True) -> dict[str, Any]:
        """Return JSON values. Without ``bodies``, ``added`` holds only keys: the tables hold what the rows say."""
        return {
            "version": VERSION,
            "institution": self.institution,
            "source": self.source,
            "base": self.base.isoformat() if self.base else None,
            "source_datetime": self.source_datetime.isoformat(),
            "school_year": self.school_year,
            **{name: _part_as_json(getattr(self, name), bodies=bodies) for name in PARTS},
        }


PARTS = ("groups", "records", "memberships", "ties")


def plan_from_json(stored: dict[str, Any]) -> RosterPlan:
    """Return the plan that was stored with its bodies. Raises ValueError for another version."""
    if stored.get("version") != VERSION:
        raise ValueError("this plan was stored by another version")
    return RosterPlan(
        institution=stored["institution"],
        source=stored["source"],
        base=datetime.fromisoformat(stored["base"]) if stored["base"] else None,
        source_datetime=datetime.fromisoformat(stored["source_datetime"]),
        school_year=stored["school_year"],
        **{name: _part_from_json(stored[name]) for name in PARTS},
    )


def _part_as_json(part: Part, *, bodies: bool) -> dict[str, Any]:
    return {
        "added": [
            {"key": list(row.key), "body": row.body, "digest": row.digest.hex()} if bodies else list(row.key)
            for row in part.added
        ],
        "changed": [
            {"id": row.id, "key": list(row.key), "body": row.body, "before": row.before, "digest": row.digest.hex()}
            for row in part.changed
        ],
        "ended": [{"id": row.id, "key": list(row.key)} for row in part.ended],
    }


def _part_from_json(stored: dict[str, Any]) -> Part:
    return Part(
        added=tuple(
            Added(tuple(row["key"]), pack(row["body"]), bytes.fromhex(row["digest"])) for row in stored["added"]
        ),
        changed=tuple(
            Changed(row["id"], tuple(row["key"]), row["body"], row["before"], bytes.fromhex(row["digest"]))
            for row in stored["changed"]
        ),
        ended=tuple(Ended(row["id"], tuple(row["key"])) for row in stored["ended"]),
    )
