"""Sending what lies in the outbox: take what is due, send it outside the transaction, write down how it ended.

A message is sent at least once: a worker that dies after sending leaves it to be taken again when its time is up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.errors import SkolepasError
from idp.store import outbox as store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.system import System

HELD_FOR: Final = timedelta(minutes=5)
AT_MOST: Final = 20
FIRST_DELAY: Final = timedelta(seconds=30)
LONGEST_DELAY: Final = timedelta(hours=6)
ATTEMPTS: Final = 12


class NotSent(SkolepasError):
    """A sender could not send. ``fault`` names a kind of fault, never what was in the message."""

    def __init__(self, fault: str, *, for_good: bool = False) -> None:
        """``for_good``: trying again would change nothing."""
        super().__init__(fault)
        self.fault = fault
        self.for_good = for_good


@dataclass(frozen=True, kw_only=True)
class DueMessage:
    """A message that this worker now holds. ``attempts`` counts this one."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int


def put(db: Session, system: System, kind: str, payloads: Iterable[Mapping[str, Any]]) -> None:
    """Write messages in the transaction that causes them; the worker sends them once it is committed."""
    now = system.now()
    store.add_messages(
        db, [{"kind": kind, "payload": dict(one), "created_at": now, "due_at": now, "attempts": 0} for one in payloads]
    )


def take(db: Session, system: System, kinds: Collection[str]) -> tuple[DueMessage, ...]:
    """Take some messages of these kinds that are due."""
    now = system.now()
    rows = store.take_due(db, kinds, now=now, until=now + HELD_FOR, at_most=AT_MOST)
    return tuple(DueMessage(id=r.id, kind=r.kind, payload=r.payload, attempts=r.attempts) for r in rows)


def sent(db: Session, system: System, message: DueMessage) -> None:
    """Write down that it was sent."""
    store.settle(db, message.id, done_at=system.now(), last_fault=None)


def failed(db: Session, system: System, message: DueMessage, fault: str, *, for_good: bool = False) -> bool:
    """Write down why it was not sent, and say whether it is given up.

    It is tried again after a delay that doubles, and given up after some tries, or at once ``for_good``. ``fault`` names a
    kind of fault, never what was in the message.
    """
    if for_good or message.attempts >= ATTEMPTS:
        store.settle(db, message.id, given_up_at=system.now(), last_fault=fault)
        return True
    delay = min(FIRST_DELAY * 2 ** (message.attempts - 1), LONGEST_DELAY)
    store.settle(db, message.id, due_at=system.now() + delay, last_fault=fault)
    return False
