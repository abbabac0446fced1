"""The worker as a program, and as part of a server that does everything in one process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from admin_ui.cli import worker
from admin_ui.cli.worker import work
from idp.audit import AuditEvent
from idp.keyring import write_keyring
from idp.store.audit import AuditSeal
from tests.opponents.databases import postgresql_is_long

if TYPE_CHECKING:
    from idp.keyring import Keyring
    from idp.usecases.system import System

SKOLEPAS = Path(sys.executable).with_name("skolepas")
PATIENCE_SECONDS = 60


@pytest.fixture
def command(system: System, keyring: Keyring, tmp_path: Path) -> list[str]:
    """Return the beginning of a command line for an installation with one event on record."""
    settings = tmp_path / "skolepas.toml"
    settings.write_text(
        f'[database]\nurl = "{system.settings.database.url}"\n[secrets]\nfile = "secrets.toml"\n'
        '[audit]\nhead_file = "heads"\n',
        encoding="utf-8",
    )
    write_keyring(keyring, tmp_path / "secrets.toml")
    with system.database.writing() as db:
        system.record(db, AuditEvent.KEY_MADE)
    return [str(SKOLEPAS), "--settings", str(settings)]


def seals(system: System) -> int:
    with system.database.reading() as db:
        return db.execute(select(func.count()).select_from(AuditSeal)).scalar_one()


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)


def wait_for_a_seal(system: System, process: subprocess.Popen[bytes], said: Path) -> None:
    patience = monotonic() + PATIENCE_SECONDS
    while not seals(system):
        assert process.poll() is None, said.read_text(encoding="utf-8")
        assert monotonic() < patience, said.read_text(encoding="utf-8")
        sleep(0.05)


def test_once_does_what_is_due_and_ends(command: list[str], system: System, tmp_path: Path) -> None:
    ended = ran(*command, "worker", "--once")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert seals(system) == 1
    assert json.loads((tmp_path / "heads").read_text(encoding="utf-8"))["seal"] == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_cleanly(command: list[str], system: System, tmp_path: Path, stop: signal.Signals) -> None:
    said = tmp_path / "said.txt"
    with said.open("wb") as log, subprocess.Popen([*command, "worker"], stdout=log, stderr=log) as process:
        wait_for_a_seal(system, process, said)
        process.send_signal(stop)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert said.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("stop", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_a_server_with_a_worker_does_the_work_and_ends_both_cleanly(
    command: list[str], system: System, tmp_path: Path, stop: signal.Signals
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        port = once.getsockname()[1]
    serving = [*command, "serve", "--port", str(port), "--with-worker"]
    said = tmp_path / "said.txt"
    with said.open("wb") as log, subprocess.Popen(serving, stdout=log, stderr=log) as process:
        wait_for_a_seal(system, process, said)
        process.send_signal(stop)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert "Traceback" not in said.read_text(encoding="utf-8")


def test_a_chore_that_fails_stops_no_other(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Event()

    def fails() -> int:
        raise OSError

    def works() -> int:
        stop.set()
        return 0

    monkeypatch.setattr(worker, "chores", lambda _: ((60.0, fails), (60.0, works)))
    monkeypatch.setattr(worker, "log", Silent())
    work(system, stop)
    assert stop.is_set()


class Silent:
    """A log that keeps nothing."""

    def warning(self, _event: str, **_said: str) -> None:
        """Say nothing."""


@postgresql_is_long
def test_verify_names_an_end_that_is_cut_off_and_leaves_with_one(
    command: list[str], system: System, tmp_path: Path
) -> None:
    said = ran(*command, "audit", "export-head", str(tmp_path / "elsewhere"))
    assert json.loads(said.stdout)["last_event"] == 1
    assert ran(*command, "audit", "verify").returncode == 0
    assert ran(*command, "audit", "verify", "--heads", str(tmp_path / "elsewhere")).returncode == 0
    with system.database.writing() as db:
        db.execute(AuditSeal.__table__.delete())  # type: ignore[attr-defined]
    for heads in ((), ("--heads", str(tmp_path / "elsewhere"))):
        found = ran(*command, "audit", "verify", *heads)
        assert (found.returncode, [one["seal"] for one in json.loads(found.stdout)["cut_off"]]) == (1, [1])


@postgresql_is_long
@pytest.mark.parametrize("content", [None, "nonsense\n", '{"seal": 1}\n'])
def test_verify_wants_the_file_of_heads_that_the_settings_name(
    command: list[str], tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "heads").write_text(content, encoding="utf-8")
    ended = ran(*command, "audit", "verify")
    assert (ended.returncode, "heads: " in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)
