"""Signing keys, encrypted at rest, and the version rows that tell every process to forget what it cached."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, Short
from idp.store.prepared import driver_of, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ScalarSelect
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class SigningKey(Base):
    """A key we sign with: ``next`` is published before it is used, ``previous`` while its signatures may be alive."""

    __tablename__ = "signing_key"

    id: Mapped[RowId]
    kid: Mapped[Short] = mapped_column(unique=True)
    use: Mapped[str] = mapped_column(String(8))
    """``oidc``, ``saml``, ``saml-md`` for keys that sign our metadata, or ``saml-enc`` for keys that others encrypt to."""
    algorithm: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(8))
    """``next``, ``current``, ``previous``, ``retired`` or ``revoked``."""
    public_jwk: Mapped[dict[str, Any]]
    certificate: Mapped[str | None] = mapped_column(Text)
    private_sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    current_from: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class InstallationFact(Base):
    """A fact about this installation: ``demo`` marks a database that the demo made; ``*-version`` drive the caches."""

    __tablename__ = "installation_fact"

    name: Mapped[Short] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    value: Mapped[str | None] = mapped_column(Text)


_VERSION = select(InstallationFact.number).where(InstallationFact.name == bindparam("fact"))


def version_of(name: str) -> ScalarSelect[int]:
    """Return the number of a version row, to be asked for inside another statement; NULL when there is none yet."""
    return select(InstallationFact.number).where(InstallationFact.name == name).scalar_subquery()


def version_now(session: Session, name: str) -> int | None:
    """Return the number of a version row; None when there is none yet."""
    number: int | None = run(session, _VERSION, {"fact": name}).scalar_one_or_none()
    return number


def claim_version(session: Session, name: str) -> bool:
    """Make a version row; False when there is one. Two processes cannot both make it: the second waits for the first."""
    build = sqlite_insert if driver_of(session).dialect.name == "sqlite" else postgresql_insert
    made = session.execute(
        build(InstallationFact)
        .values(name=name, number=1)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(InstallationFact.name)
    )
    return made.scalar_one_or_none() is not None


def raise_version(session: Session, name: str) -> None:
    """Tell every process to forget what it cached. Holds the row until the transaction ends, so that changes queue."""
    session.execute(
        update(InstallationFact).where(InstallationFact.name == name).values(number=InstallationFact.number + 1)
    )


def keys_for(session: Session, use: str) -> Sequence[AnyRow]:
    """Return every key ever used for ``oidc``, ``saml``, ``saml-md`` or ``saml-enc``, oldest first."""
    return session.execute(
        select(
            SigningKey.id,
            SigningKey.kid,
            SigningKey.algorithm,
            SigningKey.status,
            SigningKey.public_jwk,
            SigningKey.certificate,
            SigningKey.private_sealed,
            SigningKey.created_at,
            SigningKey.current_from,
            SigningKey.retired_at,
        )
        .where(SigningKey.use == use)
        .order_by(SigningKey.id)
    ).all()


def insert_key(session: Session, values: dict[str, Any]) -> None:
    """Write a key."""
    session.execute(insert(SigningKey), values)


def revoke_key(session: Session, kid: str, *, status: str, now: datetime) -> None:
    """Change the status of one key for good."""
    session.execute(update(SigningKey).where(SigningKey.kid == kid).values(status=status, retired_at=now))


def move_keys(session: Session, use: str, algorithm: str, now: str, **values: Any) -> None:  # noqa: ANN401
    """Change every key of one use and algorithm that has the status ``now``."""
    session.execute(
        update(SigningKey)
        .where(SigningKey.use == use, SigningKey.algorithm == algorithm, SigningKey.status == now)
        .values(**values)
    )
