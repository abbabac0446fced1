"""A PostgreSQL of our own for the tests: in a temporary folder, on a Unix socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOM = 2 << 30
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "60"}
"""As an operator runs it: what is committed stays, whatever happens to the machine."""


def program(name: str) -> Path | None:
    """Find a PostgreSQL program; Debian keeps the server's outside PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name)
    return debian[-1] if debian else Path(found) if found else None


class Cluster:
    """A running server. ``url(name)`` is how SQLAlchemy reaches one of its databases."""

    def __init__(self, socket: Path, user: str) -> None:
        """Remember where the server listens."""
        self.socket, self.user = socket, user

    def url(self, name: str) -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{self.user}@/{name}?host={quote(str(self.socket), safe='')}"

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction, in the server's own database."""
        with psycopg.connect(host=str(self.socket), user=self.user, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Start a server, yield it, stop it. The server refuses to run as root, so root lends it another user.

    ``durable``: on a disk, and each commit waits for it.
    """
    initdb, server = program("initdb"), program("postgres")
    if initdb is None or server is None:
        raise FileNotFoundError("PostgreSQL's server programs")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    lent = {"user": user} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="skolepas-pg-", dir=None if durable else in_memory()))
    if lent:
        shutil.chown(folder, user)
    data = folder / "data"
    subprocess.run(
        [initdb, "-D", data, "-U", user, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **lent,
    )  # fmt: skip
    options = [part for name, value in (DURABLE if durable else SETTINGS).items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [server, "-D", data, "-k", folder, "-c", "listen_addresses=", *options],
            stdout=log, stderr=log, cwd=folder, **lent,
        )  # fmt: skip
    try:
        cluster = Cluster(folder, user)
        _wait_until_ready(cluster, process)
        yield cluster
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def in_memory() -> Path | None:
    """Return a folder that lies in memory, if this machine has one with room: there a database is copied three times as fast."""
    folder = Path("/dev/shm")  # noqa: S108 (the cluster has a folder of its own in it)
    there = folder.is_dir() and os.access(folder, os.W_OK)
    return folder if there and shutil.disk_usage(folder).free >= _ROOM else None


def _wait_until_ready(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    ready = program("pg_isready")
    for _ in range(200):
        if process.poll() is not None:
            break
        if (
            subprocess.run(
                [str(ready), "-h", cluster.socket, "-t", "1"], stdout=subprocess.DEVNULL, check=False
            ).returncode
            == 0
        ):
            return
    raise RuntimeError("PostgreSQL did not start")
