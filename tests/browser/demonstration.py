"""The whole demo as a process of its own, on a free port and in a folder of its own, as ``./do demo`` starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from click import Command, Context

from admin_ui.cli import Operator, commands
from tests.house.answers import ready
from tests.opponents.command_line import run

if TYPE_CHECKING:
    from collections.abc import Iterator

SKOLEPAS = Path(sys.executable).with_name("skolepas")
FEWEST_PEOPLE = 400
START_SECONDS = 120


@dataclass(frozen=True)
class Persona:
    """Somebody in the table that the demo prints. ``code`` is a text, or the names of the pictures in order."""

    key: str
    username: str
    code: str | tuple[str, ...]


@dataclass(frozen=True)
class Demonstration:
    """A running demo."""

    origin: str
    folder: Path
    personas: dict[str, Persona]

    def command(self, *arguments: str) -> Any:  # noqa: ANN401 (what the command prints)
        """Run an operator's command on the demo, in this process, and read what it prints, JSON as data."""
        ended = run(Operator(self.folder / "skolepas.toml"), _command(arguments[0]), *arguments[1:])
        if ended.exit_code:
            raise RuntimeError(f"skolepas {' '.join(arguments)}: {ended.output}") from ended.exception
        return json.loads(ended.stdout) if ended.stdout.startswith(("[", "{")) else ended.stdout

    @contextmanager
    def later(self, *, days: float = 0, minutes: float = 0) -> Iterator[None]:
        """Let so much time have passed for the demo, and come back."""
        clock = self.folder / "clock.txt"
        clock.write_text(str((days * 24 * 60 + minutes) * 60), encoding="utf-8")
        try:
            yield
        finally:
            clock.unlink()

    def sign_for(self, username: str) -> str:
        """Open an activation window and return the name of the sign that the teacher would be shown."""
        opened: dict[str, str] = self.command("codes", "open-window", username, "--json")
        return opened["sign"]


@contextmanager
def running(folder: Path, *, people: int = FEWEST_PEOPLE) -> Iterator[Demonstration]:
    """Make and start a demo in ``folder``; it is stopped afterwards. Raises :class:`RuntimeError` with what it said."""
    with create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    command = [SKOLEPAS, "demo", "--state", str(folder), "--port", str(port), "--people", str(people)]
    said = folder.with_suffix(".log")
    with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            patience = monotonic() + START_SECONDS
            while not ready(port):
                if server.poll() is not None or monotonic() > patience:
                    raise RuntimeError(f"The demo did not start:\n{said.read_text(encoding='utf-8')}")
                sleep(0.05)
            yield Demonstration(f"http://localhost:{port}", folder, _personas(folder))
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def _command(name: str) -> Command:
    found = commands.get_command(Context(commands), name)
    if found is None:
        raise LookupError(name)
    return found


def _personas(folder: Path) -> dict[str, Persona]:
    table = json.loads((folder / "personas.json").read_text(encoding="utf-8"))
    return {
        row["key"]: Persona(row["key"], row["username"], tuple(row["pictures"]) if row["pictures"] else row["code"])
        for row in table
    }
