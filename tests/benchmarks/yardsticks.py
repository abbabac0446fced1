"""What this machine can do at this moment, without us: measured in turn with what it is a yardstick for."""

from __future__ import annotations

import sqlite3
from time import perf_counter, thread_time
from typing import TYPE_CHECKING

import psycopg
from argon2.low_level import Type, hash_secret
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from psycopg import sql

from idp.settings import HashingSettings

if TYPE_CHECKING:
    from pathlib import Path

ARGON2 = "one Argon2 hash"
ARGON2_CPU = "CPU of one Argon2 hash"
RSA = "one RSA-2048 signature"
BULK = "the same rows in bulk"
_SIGNATURES = 50


class Machine:
    """The yardsticks of computing."""

    def __init__(self) -> None:
        """Make the key."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._cost = HashingSettings()

    def argon2_ms(self) -> tuple[float, float]:
        """One hash at the parameters that we ship with: the time it took, and the CPU."""
        begun, spent = perf_counter(), thread_time()
        hash_secret(b"a code", b"a salt of 16 byt", self._cost.passes, self._cost.memory_kib, 1, 32, Type.ID)
        return (perf_counter() - begun) * 1000, (thread_time() - spent) * 1000

    def rsa_ms(self) -> float:
        """One RS256 signature, the mean of some."""
        begun = perf_counter()
        for _ in range(_SIGNATURES):
            self._key.sign(b"header.payload", padding.PKCS1v15(), hashes.SHA256())
        return (perf_counter() - begun) * 1000 / _SIGNATURES


def bulk_load_sqlite(full: Path, empty: Path) -> tuple[float, int]:
    """Seconds that ``executemany`` needs for every row of ``full``, into the same tables of ``empty``, and the rows."""
    source, target = sqlite3.connect(full), sqlite3.connect(empty, isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=OFF"):
            target.execute(f"PRAGMA {pragma}")
        names = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        seconds, rows = 0.0, 0
        for name in names:
            if name.startswith(("sqlite_", "alembic")):
                continue
            held = source.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 (a name from the schema)
            if not held:
                continue
            places = ", ".join("?" * len(held[0]))
            begun = perf_counter()
            target.execute("BEGIN IMMEDIATE")
            target.executemany(f'INSERT INTO "{name}" VALUES ({places})', held)  # noqa: S608
            target.execute("COMMIT")
            seconds += perf_counter() - begun
            rows += len(held)
        return seconds, rows
    finally:
        source.close()
        target.close()


def bulk_load_postgresql(full: str, empty: str) -> tuple[float, int]:
    """Seconds that ``COPY`` needs for every row of ``full``, into the same tables of ``empty``, and the rows."""
    with psycopg.connect(full) as source, psycopg.connect(empty) as target:
        target.execute("SET session_replication_role = replica")  # without the foreign keys
        found = source.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        seconds, rows = 0.0, 0
        for (name,) in found:
            if name.startswith("alembic"):
                continue
            table = sql.Identifier(name)
            with source.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(table)) as out:
                blocks = [bytes(block) for block in out]
            begun = perf_counter()
            with target.cursor() as cursor:
                with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(table)) as into:
                    for block in blocks:
                        into.write(block)
                rows += cursor.rowcount
            target.commit()
            seconds += perf_counter() - begun
        return seconds, rows
