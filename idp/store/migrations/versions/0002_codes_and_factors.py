"""Codes and factors.

When a code's stage was left, from which its end is computed. Which enrolled factor a session was proven with, and a
wider number for the last step of a one-time code. The network on which a device was known, and as whom somebody acted
there last. Why a school card was revoked, and one live card for each person. A forced stage always ends. The errors
that were shown, by reference.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage_left_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_column("expires_at")
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("session_factor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("enrolled_factor_id", big, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_session_factor_enrolled_factor_id"), "enrolled_factor", ["enrolled_factor_id"], ["id"]
        )
    with op.batch_alter_table("enrolled_factor", schema=None) as batch_op:
        batch_op.alter_column("last_step", existing_type=sa.Integer(), type_=big, existing_nullable=True)
    with op.batch_alter_table("known_device", schema=None) as batch_op:
        batch_op.add_column(sa.Column("network", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_index("ix_known_device_network", ["network", "person_id"], unique=False)
        batch_op.add_column(sa.Column("last_acting_id", big, nullable=True))
        batch_op.create_foreign_key(op.f("fk_known_device_last_acting_id"), "affiliation", ["last_acting_id"], ["id"])
    with op.batch_alter_table("forced_stage", schema=None) as batch_op:
        batch_op.alter_column("valid_to", existing_type=sa.DateTime(timezone=True), nullable=False)
    _school_card()
    _shown_error()


def _school_card() -> None:
    with op.batch_alter_table("school_card", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revoked_why", sa.String(length=64), nullable=True))
        batch_op.create_index(
            "uq_school_card_live",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )


def _shown_error() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "shown_error",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=True),
        sa.Column("person_id", big, nullable=True),
        sa.Column("service_id", big, nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_shown_error")),
    )
    op.create_index(op.f("ix_shown_error_at"), "shown_error", ["at"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("known_device", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_known_device_last_acting_id"), type_="foreignkey")
        batch_op.drop_column("last_acting_id")
        batch_op.drop_index("ix_known_device_network")
        batch_op.drop_column("network")
    op.drop_table("shown_error")
    with op.batch_alter_table("forced_stage", schema=None) as batch_op:
        batch_op.alter_column("valid_to", existing_type=sa.DateTime(timezone=True), nullable=True)
    with op.batch_alter_table("school_card", schema=None) as batch_op:
        batch_op.drop_index("uq_school_card_live")
        batch_op.drop_column("revoked_why")
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_column("stage_left_at")
    with op.batch_alter_table("enrolled_factor", schema=None) as batch_op:
        batch_op.alter_column("last_step", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=True)
    with op.batch_alter_table("session_factor", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_session_factor_enrolled_factor_id"), type_="foreignkey")
        batch_op.drop_column("enrolled_factor_id")
