"""The complete OpenID provider.

Pushed authorization requests, devices that wait for a person, signed statements that count once, tokens with which
services register themselves, what people allowed services to be told; who was told of a logout, a second secret of
a service while the first is replaced, and where a service's request failed.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_DIGEST = sa.LargeBinary(length=32)


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registration_token_digest", _DIGEST, nullable=True))
        batch_op.add_column(sa.Column("previous_secret_digest", _DIGEST, nullable=True))
        batch_op.add_column(sa.Column("previous_secret_until", _MOMENT, nullable=True))
    with op.batch_alter_table("session_participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notified_at", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("notify_fault", sa.String(length=255), nullable=True))
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refresh_token_expires_at"), ["expires_at"], unique=False)
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index("ix_login_session_shared", ["expires_at"], **_where("shared_device AND ended_at IS NULL"))
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_due")
        batch_op.create_index("ix_outbox_message_due", ["due_at"], **_where("done_at IS NULL AND given_up_at IS NULL"))
        settled = _where("done_at IS NOT NULL OR given_up_at IS NOT NULL")
        batch_op.create_index("ix_outbox_message_settled", ["due_at"], **settled)
    # Nothing has ever been written to it, so the new columns need no value for old rows.
    with op.batch_alter_table("failed_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("endpoint", sa.String(length=64), nullable=False))
        batch_op.add_column(sa.Column("proven", sa.Boolean(), nullable=False))
    _pushed_request()
    _device_authorization()
    _presented_jwt()
    _initial_access_token()
    _consent()


def _where(condition: str) -> dict[str, Any]:
    return {"unique": False, "sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _pushed_request() -> None:
    op.create_table(
        "pushed_request",
        sa.Column("digest", _DIGEST, nullable=False),
        sa.Column("service_id", _BIG, nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=64), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("browser_digest", _DIGEST, nullable=True),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_pushed_request_service_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_request")),
    )
    op.create_index(op.f("ix_pushed_request_expires_at"), "pushed_request", ["expires_at"])


def _device_authorization() -> None:
    name = "device_authorization"
    op.create_table(
        name,
        sa.Column("id", _BIG, sa.Identity(always=False), nullable=False),
        sa.Column("service_id", _BIG, nullable=False),
        sa.Column("device_code_digest", _DIGEST, nullable=False),
        sa.Column("user_code_digest", _DIGEST, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("claims_request", _JSON, nullable=False),
        sa.Column("acr_values", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("last_polled_at", _MOMENT, nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=True),
        sa.Column("session_id", _BIG, nullable=True),
        sa.Column("person_id", _BIG, nullable=True),
        sa.Column("grant_id", _BIG, nullable=True),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["oauth_grant.id"], name=op.f(f"fk_{name}_grant_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{name}_person_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f(f"fk_{name}_service_id")),
        sa.ForeignKeyConstraint(["session_id"], ["login_session.id"], name=op.f(f"fk_{name}_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("device_code_digest", name=op.f(f"uq_{name}_device_code_digest")),
        sa.UniqueConstraint("user_code_digest", name=op.f(f"uq_{name}_user_code_digest")),
    )
    op.create_index(op.f(f"ix_{name}_expires_at"), name, ["expires_at"])


def _presented_jwt() -> None:
    op.create_table(
        "presented_jwt",
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("digest", _DIGEST, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "digest", name=op.f("pk_presented_jwt")),
    )
    op.create_index(op.f("ix_presented_jwt_expires_at"), "presented_jwt", ["expires_at"])


def _initial_access_token() -> None:
    op.create_table(
        "initial_access_token",
        sa.Column("digest", _DIGEST, nullable=False),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_initial_access_token")),
    )
    op.create_index(op.f("ix_initial_access_token_expires_at"), "initial_access_token", ["expires_at"])


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("service_id", _BIG, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("claims", _JSON, nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_consent_service_id")),
        sa.PrimaryKeyConstraint("person_id", "service_id", name=op.f("pk_consent")),
    )


def downgrade() -> None:
    """Go back."""
    for name in ("consent", "initial_access_token", "presented_jwt", "device_authorization", "pushed_request"):
        op.drop_table(name)
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_settled")
        batch_op.drop_index("ix_outbox_message_due")
        batch_op.create_index("ix_outbox_message_due", ["due_at"], **_where("done_at IS NULL"))
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index("ix_login_session_shared")
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_expires_at"))
    with op.batch_alter_table("failed_request", schema=None) as batch_op:
        batch_op.drop_column("proven")
        batch_op.drop_column("endpoint")
    with op.batch_alter_table("session_participant", schema=None) as batch_op:
        batch_op.drop_column("notify_fault")
        batch_op.drop_column("notified_at")
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.drop_column("previous_secret_until")
        batch_op.drop_column("previous_secret_digest")
        batch_op.drop_column("registration_token_digest")
