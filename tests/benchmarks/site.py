"""A site to measure: a folder with settings, secrets and a database, and the server as ``skolepas serve`` starts it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Any

from idp.bootstrap import wire
from idp.keyring import make_keyring, write_keyring
from idp.settings import load_settings
from idp.store.db import Database
from idp.store.schema import upgrade
from policies.vocabulary import Level
from tests.house.answers import ready
from tests.recipes import a_pupil, a_school, a_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from idp.usecases.system import System
    from tests.postgresql import Cluster
    from tests.recipes import Someone

CALLBACK = "http://localhost:9/callback"  # nobody listens there: the journeys stop before they would go
CLIENT = "measured-service"
ONE: Mapping[str, Mapping[str, Any]] = {CLIENT: {}}
SKOLEPAS = Path(sys.executable).with_name("skolepas")
START_SECONDS = 60


@dataclass(frozen=True)
class Databases:
    """Where new databases come from: files, or one private PostgreSQL."""

    folder: Path
    cluster: Cluster | None = None

    @property
    def kind(self) -> str:
        return "PostgreSQL" if self.cluster else "SQLite"

    def new(self, name: str) -> str:
        """The address of a new, migrated database."""
        if self.cluster:
            self.cluster.run(f"CREATE DATABASE {name}")
            url = self.cluster.url(name)
        else:
            url = f"sqlite:///{self.folder / name}.sqlite3"
        database = Database.open(url)
        upgrade(database)
        database.close()
        return url


@dataclass(frozen=True)
class Site:
    """An installation in a folder of its own."""

    folder: Path
    url: str
    port: int

    @property
    def settings_file(self) -> Path:
        return self.folder / "skolepas.toml"

    def command(self, *arguments: str | Path) -> list[str]:
        """How the operator would run a command for this site."""
        return [str(SKOLEPAS), "--settings", str(self.settings_file), *map(str, arguments)]

    def system(self) -> System:
        """The wired system, in this process."""
        return wire(load_settings(self.settings_file))


def a_site(databases: Databases, name: str, *, workers: int = 2, nobody_waits: bool = False) -> Site:
    """Make one, with an empty database and everything at its default but the number of processes.

    ``nobody_waits``: a login is asked for its code at once, however many come.
    """
    hashing = "[hashing]\nstraight_on_seconds = 600\n" if nobody_waits else ""
    site = Site(databases.folder / name, databases.new(name), free_port())
    site.folder.mkdir()
    site.settings_file.write_text(
        f'[site]\nissuer = "http://localhost:{site.port}"\n'
        f'[database]\nurl = "{site.url}"\n'
        '[secrets]\nfile = "secrets.toml"\n'
        f"[server]\nport = {site.port}\nworkers = {workers}\n{hashing}",
        encoding="utf-8",
    )
    write_keyring(make_keyring(), site.folder / "secrets.toml")
    return site


def populate(site: Site, *, pupils: int, services: Mapping[str, Mapping[str, Any]] = ONE) -> tuple[Someone, ...]:
    """A school with pupils who have text codes, and services that have an agreement with it: by client, what they registered."""
    system = site.system()
    with closing(system.database), system.database.writing() as session:
        school = a_school(session, system)
        for client, registered in services.items():
            a_service(session, system, client_id=client, redirect_uri=CALLBACK, **registered)
        return tuple(a_pupil(session, system, school, level=Level.G5, code=f"rolig hest {n}") for n in range(pupils))


@contextmanager
def serving(site: Site, *options: str) -> Iterator[int]:
    """Run the server and yield its process id; afterwards it is stopped and waited for."""
    log = (site.folder / "log").open("ab")
    with log, subprocess.Popen(site.command("serve", *options), stdout=log, stderr=log) as server:
        try:
            seconds_to_ready(server, site.port)
            yield server.pid
        finally:
            stop(server)


def seconds_to_ready(server: subprocess.Popen[bytes], port: int) -> float:
    """Wait until ``/readyz`` says yes; seconds since the call. Raises :class:`RuntimeError` when it never does."""
    begun = perf_counter()
    while not ready(port):
        if server.poll() is not None or perf_counter() - begun > START_SECONDS:
            raise RuntimeError(f"The server did not become ready: {server.args!r}")
        sleep(0.01)
    return perf_counter() - begun


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and end it if it does not."""
    server.terminate()
    patience = monotonic() + 30
    while server.poll() is None and monotonic() < patience:
        sleep(0.01)
    if server.poll() is None:
        server.kill()
        server.wait()


def free_port() -> int:
    """A port on loopback that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
        return port


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="skolepas-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
