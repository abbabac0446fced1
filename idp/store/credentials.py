"""What people prove themselves with: codes, factors, cards, activation windows, known devices, and guesses made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, BigId, Line, RowId, Short, reference
from policies.vocabulary import CodeKind, CodeShape, Factor, Stage, WindowPurpose

LIVE = text("ended_at IS NULL")
CARD_LIVE = text("revoked_at IS NULL")


class Code(Base):
    """A person's code: only its verifier is kept, and with kind, parameters and pepper (decision 15)."""

    __tablename__ = "code"
    __table_args__ = (
        Index("uq_code_live", "person_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_code_person", "person_id"),
    )

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person")
    kind: Mapped[CodeKind] = mapped_column(String(16))
    shape: Mapped[CodeShape] = mapped_column(String(24))
    stage: Mapped[Stage] = mapped_column(String(24))
    """The stage whose policy the code was made under; another stage now starts the days of grace."""
    length: Mapped[int]
    phc: Mapped[str] = mapped_column(Text)
    pepper: Mapped[Short]
    self_chosen: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime]
    stage_left_at: Mapped[datetime | None]
    """When the person came under another stage's rule than the one the code was made under; then the days of grace run."""
    warned_at: Mapped[datetime | None]
    """When the person was last told that the code ends, and chose to change it later."""
    suspended_at: Mapped[datetime | None]
    """Emergency stop: suspended, not deleted (decision 27)."""
    stop_id: Mapped[int | None] = reference("emergency_stop", index=True)
    """The stop that suspended it."""
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[Short | None]


class ForcedStage(Base):
    """An administrator's decision that another stage's policy holds for a pupil."""

    __tablename__ = "forced_stage"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    stage: Mapped[Stage] = mapped_column(String(24))
    reason: Mapped[Line]
    decided_by: Mapped[int | None] = reference("person")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]


class EnrolledFactor(Base):
    """A factor beside the code: passkey, TOTP, and the set of recovery codes."""

    __tablename__ = "enrolled_factor"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    factor: Mapped[Factor] = mapped_column(String(16))
    label: Mapped[Line]
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary(1023), unique=True)
    public: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """A passkey's public key and transports; TOTP's digits, period and how many steps the app's clock is ahead."""
    secret_sealed: Mapped[bytes | None]
    last_step: Mapped[int | None] = mapped_column(BigId)
    """The last TOTP step used, so that none is used twice; a passkey's count of signatures, which must grow."""
    last_used_at: Mapped[datetime | None]
    enrolled_at: Mapped[datetime]
    enrolled_through: Mapped[Short]
    """``window``, ``upstream``, ``pass`` or ``factor`` (decision 6)."""
    ended_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One recovery code, hashed, used once."""

    __tablename__ = "recovery_code"

    id: Mapped[RowId]
    factor_id: Mapped[int] = reference("enrolled_factor", index=True)
    phc: Mapped[str] = mapped_column(Text)
    pepper: Mapped[Short]
    used_at: Mapped[datetime | None]


class OneTimePass(Base):
    """An administrator's pass that lets one person enrol or replace a factor within minutes (decision 6)."""

    __tablename__ = "one_time_pass"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    issued_by: Mapped[int | None] = reference("person")
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SchoolCard(Base):
    """An elevkort: an opaque token on paper, low possession, revocable (decision 11)."""

    __tablename__ = "school_card"
    __table_args__ = (
        Index("uq_school_card_live", "person_id", unique=True, sqlite_where=CARD_LIVE, postgresql_where=CARD_LIVE),
    )

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    institution_id: Mapped[int] = reference("institution")
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    issued_by: Mapped[int | None] = reference("person")
    issued_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[Short | None]
    """``replaced``, ``lost`` or ``withdrawn``."""


class ActivationWindow(Base):
    """Some minutes in which a person may get a new code, held by whoever answers the challenge first (decision 8)."""

    __tablename__ = "activation_window"
    __table_args__ = (Index("ix_activation_window_person_open", "person_id"),)

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person")
    institution_id: Mapped[int | None] = reference("institution")
    purpose: Mapped[WindowPurpose] = mapped_column(String(16))
    sign: Mapped[Short]
    """The challenge: the sign on the opener's screen."""
    opened_by: Mapped[int | None] = reference("person")
    """Nobody: the operator, on the command line."""
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_by: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Digest of the secret that the answer to the claim gave the browser."""
    claimed_at: Mapped[datetime | None]
    second_browser_at: Mapped[datetime | None]
    """When another browser gave the right sign after the claim; told to the opener."""
    closed_at: Mapped[datetime | None]
    closed_why: Mapped[Short | None]
    """``done``, ``wrong-sign``, ``replaced`` or ``withdrawn``."""


class KnownDevice(Base):
    """A browser in which a person has logged in before; its cookie is the person's own (decision 13)."""

    __tablename__ = "known_device"
    __table_args__ = (Index("ix_known_device_network", "network", "person_id"),)

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    cookie_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    network: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Keyed digest of the network it was last used in (decision 51)."""
    last_acting_id: Mapped[int | None] = reference("affiliation")
    """As whom the person chose to act the last time; offered first here."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]


class Guesses(Base):
    """Wrong attempts counted together: a known device, a name among strangers, a network, or a part of all strangers.

    The key is a keyed digest, so that unknown names are counted exactly like known ones and no address is kept.
    """

    __tablename__ = "guesses"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    scope: Mapped[Short]
    failures: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
