"""Chaining the record of what was done, and checking it (decision 28).

Each seal covers the seal before it and the next events in the order of their ids. Logins are not put in a queue for it:
on PostgreSQL a transaction may commit an event after one with a higher id was committed, so the ids that are visible
have gaps. Nothing can slip in where there is no gap, so events are sealed up to the first one, at once. A gap is passed
over when the event behind it is an hour old, longer than any transaction of ours; then it is what a rolled-back
transaction left. Should an event come into it after all, it is named as late.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.outside.sealing import keyed_digest, same
from idp.store import audit_seals as store
from idp.store.audit import stored_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.keyring import NamedKeys
    from idp.store.audit import StoredEvent
    from idp.store.base import AnyRow
    from idp.usecases.system import System

AT_MOST: Final = 1000
"""Events under one seal."""
LONGEST_NAME: Final = 255
GAP_SETTLES_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of the chain as it is kept outside the database: with it, a cut-off end is noticed."""

    seal: int
    last_event: int
    head: str
    """64 hexadecimal digits."""
    exported: bool = field(default=False, compare=False)
    """Whether a worker has written it to its file."""

    def line(self) -> dict[str, str | int]:
        """Return what stands in a file of heads."""
        return {"seal": self.seal, "last_event": self.last_event, "head": self.head}


@dataclass(kw_only=True)
class RecordFindings:
    """What is wrong with the record. Events and seals are named by their ids."""

    altered: list[int] = field(default_factory=list)
    """Events whose MAC does not fit."""
    removed: list[list[int]] = field(default_factory=list)
    """Events that were sealed and are gone: ``[first, last]`` of each run."""
    late: list[int] = field(default_factory=list)
    """Events among sealed ones that were not there when those were sealed."""
    replaced: list[int] = field(default_factory=list)
    """Seals whose events are each whole and bear the right ids, but are not the ones that were sealed."""
    broken: list[int] = field(default_factory=list)
    """Seals that were changed, or whose predecessor is not the one that they were chained to."""
    cut_off: list[Head] = field(default_factory=list)
    """Heads that were exported and that the chain does not have."""

    @property
    def all_well(self) -> bool:
        """Whether nothing is wrong."""
        return not any(getattr(self, part.name) for part in fields(self))


def seal_events(db: Session, system: System) -> int:
    """Seal the next events that are settled, and say how many; nothing while somebody else is sealing."""
    if not store.may_seal(db):
        return 0
    last = store.last_seal(db)
    after, previous = (last.last_event_id, last.head) if last else (0, b"")
    now = system.now()
    events = list(_settled(store.events_after(db, after, at_most=AT_MOST), after, now))
    if not events:
        return 0
    keys = system.keyring.audit
    body = {
        "first_event_id": after + 1,
        "last_event_id": events[-1].id,
        "events": len(events),
        "spans": _spans(event.id for event in events),
        "content": _content(keys.current, events),
        "mac_key": keys.current_name,
        "sealed_at": now,
    }
    store.insert_seal(db, {**body, "head": _head(keys.current, previous, **body)})
    return len(events)


def newest_head(db: Session) -> Head | None:
    """Return the head of the chain; None when nothing is sealed yet."""
    last = store.last_seal(db)
    if last is None:
        return None
    return Head(
        seal=last.id, last_event=last.last_event_id, head=last.head.hex(), exported=last.exported_to is not None
    )


def exported(db: Session, head: Head, file: str) -> None:
    """Write down that a head stands in a file outside."""
    store.note_export(db, head.seal, file[-LONGEST_NAME:])


def verify_record(db: Session, keys: NamedKeys, heads: Sequence[Head] = ()) -> RecordFindings:
    """Check every event, every seal and the exported heads."""
    found = RecordFindings()
    wanted = {head.seal for head in heads}
    there: dict[int, str] = {}
    checked, previous = 0, b""
    for seal in store.all_seals(db):
        if seal.id in wanted:
            there[seal.id] = seal.head.hex()
        events = list(stored_events(db, keys, after=checked, up_to=seal.last_event_id))
        altered = [event.id for event in events if not event.whole]
        found.altered += altered
        if seal.first_event_id != checked + 1 or not _fits(seal, previous, keys):
            found.broken.append(seal.id)
        else:
            _compare(seal, events, keys, found, altered=bool(altered))
        checked, previous = max(checked, seal.last_event_id), seal.head
    found.altered += [event.id for event in stored_events(db, keys, after=checked) if not event.whole]
    found.cut_off += [head for head in heads if there.get(head.seal) != head.head]
    return found


def _settled(events: Iterable[AnyRow], after: int, now: datetime) -> Iterator[AnyRow]:
    """Yield events up to the first gap that somebody may still fill."""
    for event in events:
        if event.id != after + 1 and event.at > now - GAP_SETTLES_AFTER:
            return
        yield event
        after = event.id


def _compare(
    seal: AnyRow, events: Sequence[StoredEvent], keys: NamedKeys, found: RecordFindings, *, altered: bool
) -> None:
    """Name what differs between the events there are and those that were sealed."""
    sealed = {number for first, last in seal.spans for number in range(first, last + 1)}
    there = {event.id for event in events}
    found.removed += _spans(sorted(sealed - there))
    found.late += sorted(there - sealed)
    if sealed == there and not altered and not same(_content(keys.keys[seal.mac_key], events), seal.content):
        found.replaced.append(seal.id)


def _fits(seal: AnyRow, previous: bytes, keys: NamedKeys) -> bool:
    key = keys.keys.get(seal.mac_key)
    if key is None:
        return False
    body = {name: getattr(seal, name) for name in _BODY}
    return same(_head(key, previous, **body), seal.head)


_BODY: Final = ("first_event_id", "last_event_id", "events", "spans", "content", "mac_key", "sealed_at")


def _head(key: bytes, previous: bytes, *, content: bytes, sealed_at: datetime, **numbers: Any) -> bytes:  # noqa: ANN401
    said = json.dumps({**numbers, "sealed_at": sealed_at.isoformat(timespec="microseconds")}, sort_keys=True)
    return keyed_digest(key, "audit seal", previous, said, content)


def _content(key: bytes, events: Iterable[AnyRow | StoredEvent]) -> bytes:
    return keyed_digest(key, "audit events", *(part for event in events for part in (str(event.id), event.mac)))


def _spans(numbers: Iterable[int]) -> list[list[int]]:
    """Return rising numbers as runs ``[first, last]``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return spans
