"""The complete SAML identity provider.

Where services' metadata comes from and which of our keys they have seen, logouts that pass through services by the browser,
and identity providers of others that vouch for people.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-26
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_DIGEST = sa.LargeBinary(length=32)


def upgrade() -> None:
    """Go forward."""
    _metadata_source()
    _upstream()
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.add_column(sa.Column("metadata_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("metadata_valid_until", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("metadata_source_id", _BIG, nullable=True))
        batch_op.add_column(sa.Column("signing_kid", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_service_metadata_source_id"),
            "metadata_source",
            ["metadata_source_id"],
            ["id"],
        )
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.alter_column("metadata_version", server_default=None)
    with op.batch_alter_table("session_participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_id_format", sa.String(length=255), nullable=True))
    with op.batch_alter_table("session_factor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("upstream_id", _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_session_factor_upstream_id"), "upstream", ["upstream_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_session_factor_upstream_id"), ["upstream_id"], unique=False)
    _metadata_fetch()
    _saml_logout()


def _metadata_source() -> None:
    op.create_table(
        "metadata_source",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("certificates", sa.Text(), nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.Column("content_digest", _DIGEST, nullable=True),
        sa.Column("etag", sa.String(length=255), nullable=True),
        sa.Column("valid_until", _MOMENT, nullable=True),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.Column("tried_at", _MOMENT, nullable=True),
        sa.Column("refreshed_at", _MOMENT, nullable=True),
        sa.Column("fault", sa.String(length=255), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_source")),
        sa.UniqueConstraint("url", name=op.f("uq_metadata_source_url")),
    )


def _metadata_fetch() -> None:
    op.create_table(
        "metadata_fetch",
        sa.Column("service_id", _BIG, nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_metadata_fetch_service_id")),
        sa.PrimaryKeyConstraint("service_id", "kid", name=op.f("pk_metadata_fetch")),
    )


def _saml_logout() -> None:
    op.create_table(
        "saml_logout",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("handle_digest", _DIGEST, nullable=False),
        sa.Column("session_id", _BIG, nullable=False),
        sa.Column("service_id", _BIG, nullable=True),
        sa.Column("reply_to", _JSON, nullable=False),
        sa.Column("state", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["login_session.id"], name=op.f("fk_saml_logout_session_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_saml_logout_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saml_logout")),
        sa.UniqueConstraint("handle_digest", name=op.f("uq_saml_logout_handle_digest")),
    )
    op.create_index(op.f("ix_saml_logout_session_id"), "saml_logout", ["session_id"])
    op.create_index(op.f("ix_saml_logout_expires_at"), "saml_logout", ["expires_at"])


def _upstream() -> None:
    op.create_table(
        "upstream",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("protocol", sa.String(length=8), nullable=False),
        sa.Column("identifier", sa.String(length=255), nullable=False),
        sa.Column("name_da", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("registration", _JSON, nullable=False),
        sa.Column("metadata_xml", sa.Text(), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("level_cap", sa.String(length=24), nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.Column("disabled_why", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream")),
        sa.UniqueConstraint("identifier", name=op.f("uq_upstream_identifier")),
    )
    op.create_table(
        "upstream_institution",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("upstream_id", _BIG, nullable=False),
        sa.Column("institution_id", _BIG, nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["upstream_id"], ["upstream.id"], name=op.f("fk_upstream_institution_upstream_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_upstream_institution_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream_institution")),
    )
    op.create_index(op.f("ix_upstream_institution_upstream_id"), "upstream_institution", ["upstream_id"])
    op.create_index(op.f("ix_upstream_institution_institution_id"), "upstream_institution", ["institution_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("saml_logout")
    op.drop_table("metadata_fetch")
    with op.batch_alter_table("session_factor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_factor_upstream_id"))
        batch_op.drop_constraint(batch_op.f("fk_session_factor_upstream_id"), type_="foreignkey")
        batch_op.drop_column("upstream_id")
    with op.batch_alter_table("session_participant", schema=None) as batch_op:
        batch_op.drop_column("name_id_format")
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_service_metadata_source_id"), type_="foreignkey")
        batch_op.drop_column("signing_kid")
        batch_op.drop_column("metadata_source_id")
        batch_op.drop_column("metadata_valid_until")
        batch_op.drop_column("metadata_version")
    op.drop_table("upstream_institution")
    op.drop_table("upstream")
    op.drop_table("metadata_source")
