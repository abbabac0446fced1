"""The wired system that use cases work with. :mod:`idp.bootstrap` makes it; tests make one too."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.audit import AuditEvent, EventRecord
from idp.store.audit import write_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.keyring import Keyring
    from idp.outside.clock import Clock
    from idp.outside.fetch import Fetcher
    from idp.outside.hashing import CodeHasher
    from idp.outside.login_queue import LoginQueue
    from idp.outside.sealing import Sealer
    from idp.settings import Settings
    from idp.store.db import Database
    from policies.frequent_codes import FrequentCodes
    from policies.tables import Rules


@dataclass(frozen=True, kw_only=True)
class System:
    """Settings, rules and ports, handed to every use case."""

    settings: Settings
    rules: Rules
    keyring: Keyring
    clock: Clock
    sealer: Sealer
    hasher: CodeHasher
    queue: LoginQueue
    fetcher: Fetcher
    frequent_codes: Callable[[], FrequentCodes]
    """The codes that very many people choose; read when the first person chooses one, and kept."""
    database: Database
    draw: Callable[[int], int] = field(default=secrets.randbelow)
    """A uniform random number below n."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self.clock.now()

    def record(
        self,
        session: Session,
        event: AuditEvent,
        *,
        actor_id: int | None = None,
        subject_id: int | None = None,
        institution_id: int | None = None,
        service_id: int | None = None,
        session_id: int | None = None,
        reference: str | None = None,
        facts: dict[str, str | int | bool | None] | None = None,
        texts: dict[str, str] | None = None,
    ) -> None:
        """Put an event on record in the caller's transaction (decision 28)."""
        written = EventRecord(
            at=self.now(),
            event=event,
            actor_id=actor_id,
            subject_id=subject_id,
            institution_id=institution_id,
            service_id=service_id,
            session_id=session_id,
            reference=reference,
            facts=facts or {},
            texts=texts or {},
        )
        write_event(session, self.keyring.audit, written)
