"""What goes on record: a closed list of events ``area:subject:action``, and the event itself (decision 28).

An event holds ids; text that names a person lies apart and can be erased without touching the event. Each event
carries a keyed MAC over its own fields, so that a changed row is found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@unique
class AuditEvent(StrEnum):
    """Everything that is ever recorded."""

    LOGIN_SUCCEEDED = "login:session:begun"
    LOGIN_FAILED = "login:code:refused"
    LOGIN_BLOCKED = "login:guesses:blocked"
    STRANGERS_SLOWED = "login:guesses:slowed"
    LOGIN_ERROR_SHOWN = "login:error:shown"
    SESSION_ENDED = "login:session:ended"
    CODE_CONFIRMED = "code:code:confirmed"
    CODE_ISSUED_BY_OPERATOR = "code:code:issued-by-operator"
    CODE_REHASHED = "code:code:rehashed"
    STAGE_FORCED = "code:stage:forced"
    STAGE_RELEASED = "code:stage:released"
    WINDOW_OPENED = "code:window:opened"
    WINDOW_CLAIMED = "code:window:claimed"
    WINDOW_CLOSED = "code:window:closed"
    FACTOR_ENROLLED = "factor:factor:enrolled"
    FACTOR_REFUSED = "factor:factor:refused"
    FACTOR_REMOVED = "factor:factor:removed"
    FACTOR_CLOCK_REPAIRED = "factor:clock:repaired"
    RECOVERY_CODES_MADE = "factor:recovery-codes:made"
    RECOVERY_CODE_USED = "factor:recovery-code:used"
    PASS_ISSUED = "factor:pass:issued"
    PASS_USED = "factor:pass:used"
    CARD_ISSUED = "card:card:issued"
    CARD_REVOKED = "card:card:revoked"
    CARD_USED = "card:card:used"
    CARD_REFUSED = "card:card:refused"
    CARD_RULES_SET = "card:rules:set"
    UPSTREAM_REGISTERED = "service:upstream:registered"
    UPSTREAM_DISABLED = "service:upstream:disabled"
    UPSTREAM_ENABLED = "service:upstream:enabled"
    UPSTREAM_NOT_BELIEVED = "service:upstream:not-believed"
    SERVICE_REGISTERED = "service:service:registered"
    SERVICE_CHANGED = "service:service:changed"
    SECRET_CHANGED = "service:secret:changed"
    REGISTRATION_TOKEN_MADE = "service:registration-token:made"
    REGISTRATION_TOKENS_ENDED = "service:registration-token:ended"
    METADATA_SOURCE_ADDED = "service:metadata-source:added"
    METADATA_SOURCE_ENDED = "service:metadata-source:ended"
    SERVICE_DISABLED = "service:service:disabled"
    RELEASE_PREVIEWED = "service:person:previewed"
    SERVICE_TOLD = "service:person:told"
    CONSENT_GIVEN = "service:consent:given"
    CONSENT_WITHDRAWN = "service:consent:withdrawn"
    DEVICE_ALLOWED = "service:device:allowed"
    DEVICE_REFUSED = "service:device:refused"
    GRANT_REVOKED = "service:grant:revoked"
    AGREEMENT_DECIDED = "agreement:agreement:decided"
    LICENCE_GRANTED = "agreement:licence:granted"
    RIGHT_GRANTED = "right:right:granted"
    RIGHT_ENDED = "right:right:ended"
    IMPORT_APPLIED = "sync:import:applied"
    IMPORT_HELD = "sync:import:held"
    IMPORT_REJECTED = "sync:import:rejected"
    INSTITUTION_REGISTERED = "institution:institution:registered"
    INSTITUTION_ORGANIZATION_SET = "institution:organization:set"
    SOURCE_APPROVED = "institution:source:approved"
    PERSON_BLOCKED = "person:person:blocked"
    PERSON_UNBLOCKED = "person:person:unblocked"
    SESSIONS_ENDED = "person:sessions:ended"
    CONTACT_CONFIRMED = "person:contact:confirmed"
    AFFILIATION_CONFIRMED = "person:affiliation:confirmed"
    USERNAME_SEEN = "person:username:seen"
    USERNAMES_PRINTED = "person:usernames:printed"
    CODES_STOPPED = "code:codes:stopped"
    CODE_STOPPED = "code:code:stopped"
    CODES_STARTED = "code:codes:started"
    CODE_STARTED = "code:code:started"
    STEP_UP_ASKED = "step-up:request:made"
    STEP_UP_APPROVED = "step-up:request:approved"
    STEP_UP_REFUSED = "step-up:request:refused"
    STEP_UP_WITHDRAWN = "step-up:request:withdrawn"
    LESSON_APPROVED = "step-up:lesson:approved"
    LESSON_RULES_SET = "institution:lessons:set"
    STEP_UP_USED = "step-up:approval:used"
    KEY_MADE = "key:key:made"
    KEY_ROTATED = "key:key:rotated"
    KEY_REVOKED = "key:key:revoked"


@dataclass(frozen=True, kw_only=True)
class EventRecord:
    """One event as it will be stored. ``facts`` holds ids, counts and reasons, never names or numbers of people."""

    at: datetime
    event: AuditEvent
    actor_id: int | None = None
    """Who did it; nobody means the system or the operator on the command line (``facts["actor"]`` says which)."""
    subject_id: int | None = None
    institution_id: int | None = None
    service_id: int | None = None
    session_id: int | None = None
    reference: str | None = None
    facts: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    """Personal text, stored apart."""

    def canonical(self) -> bytes:
        """Return the bytes under the MAC: JSON with sorted keys, without the personal text."""
        return json.dumps(
            {
                "at": self.at.isoformat(timespec="microseconds"),
                "event": self.event.value,
                "actor": self.actor_id,
                "subject": self.subject_id,
                "institution": self.institution_id,
                "service": self.service_id,
                "session": self.session_id,
                "reference": self.reference,
                "facts": dict(self.facts),
            },
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=True,
        ).encode()
