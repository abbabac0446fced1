"""Elevadgang: what a request for an adult's approval knows, and emergency stops.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-27
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_WAITING = sa.text("answered_at IS NULL")


def upgrade() -> None:
    """Go forward. Nobody has asked an adult before, so the table of requests is empty."""
    with op.batch_alter_table("step_up_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("institution_id", _BIG, nullable=False))
        batch_op.add_column(sa.Column("network", sa.LargeBinary(length=32), nullable=False))
        batch_op.create_foreign_key(
            batch_op.f("fk_step_up_request_institution_id"), "institution", ["institution_id"], ["id"]
        )
        batch_op.create_index(
            "uq_step_up_request_sign",
            ["institution_id", "sign"],
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        )
        batch_op.create_index(batch_op.f("ix_step_up_request_attempt_id"), ["attempt_id"], unique=False)
    op.create_table(
        "emergency_stop",
        sa.Column("id", _BIG, sa.Identity(always=False), nullable=False),
        sa.Column("institution_id", _BIG, nullable=False),
        sa.Column("group_id", _BIG, nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("started_by", _BIG, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("lifted_by", _BIG, nullable=True),
        sa.Column("lifted_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_emergency_stop_institution_id")),
        sa.ForeignKeyConstraint(["group_id"], ["school_group.id"], name=op.f("fk_emergency_stop_group_id")),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_emergency_stop_started_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_emergency_stop_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_stop")),
    )
    with op.batch_alter_table("emergency_stop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emergency_stop_institution_id"), ["institution_id"], unique=False)
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stop_id", _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_code_stop_id"), "emergency_stop", ["stop_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_code_stop_id"), ["stop_id"], unique=False)
