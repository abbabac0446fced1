"""The demo's own folder: settings, keys, database, source files, and the table of who may log in (decision 31).

Everything in it is made by the demo and readable by its owner alone. A folder with anything else in it, and a database
without the demo's mark, are left alone.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from idp.errors import ConfigurationFault
from idp.store.demo_mark import is_demo_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SETTINGS: Final = """\
# Made by `skolepas demo`. Only for this machine: every code in this folder is meant to be tried.
[site]
issuer = "http://localhost:{port}"

[database]
url = "sqlite:///skolepas.sqlite3"

[secrets]
file = "secrets.toml"

[login]
allow_code_issue = true

[server]
host = "127.0.0.1"
port = {port}

[proving]
clock_file = "clock.txt"
demo_services_file = "services.json"
"""


@dataclass(frozen=True)
class DemoLogin:
    """One line of the table: somebody to log in as."""

    key: str
    """The persona's, the same from demo to demo."""
    who: str
    username: str
    code: str
    """As people say it: the Danish words of four pictures in order, or the text to type."""
    pictures: tuple[str, ...] = ()
    """The stable names of the pictures, in order; nothing for a text."""


@dataclass(frozen=True)
class DemoState:
    """What the demo remembers from one start to the next."""

    people: int
    seed: int
    port: int


class DemoFolder:
    """The paths below one folder, and what lies there."""

    def __init__(self, path: Path) -> None:
        """Look at ``path``; nothing is made or read yet."""
        self.path = path
        self.settings = path / "skolepas.toml"
        self.secrets = path / "secrets.toml"
        self.database = path / "skolepas.sqlite3"
        self.services = path / "services.json"
        self.state = path / "demo.json"
        self.personas = path / "personas.json"
        self.card = path / "school-card.pdf"
        self.sources = path / "sources"

    @property
    def is_there(self) -> bool:
        """Whether a demo was made here. Raises :class:`ConfigurationFault` when something else was."""
        if not self.path.exists() or not any(self.path.iterdir()):
            return False
        if not self.state.is_file() or not is_demo_file(self.database):
            raise ConfigurationFault(
                [f"{self.path}: this was not made by skolepas demo, so it is left alone. Name another --folder."]
            )
        return True

    def read(self) -> tuple[DemoState, tuple[DemoLogin, ...]]:
        """Return what the demo remembers, and its table."""
        state = DemoState(**json.loads(self.state.read_text(encoding="utf-8")))
        rows = json.loads(self.personas.read_text(encoding="utf-8"))
        return state, tuple(DemoLogin(**{**row, "pictures": tuple(row["pictures"])}) for row in rows)

    def write(self, state: DemoState, logins: Sequence[DemoLogin]) -> None:
        """Remember a demo and its table. The codes stand in it, so that a later start can print them again."""
        write_private(self.state, json.dumps(asdict(state), indent=1))
        write_private(self.personas, json.dumps([asdict(login) for login in logins], ensure_ascii=False, indent=1))

    def write_settings(self, port: int) -> None:
        """Write the settings of a demo on this port."""
        write_private(self.settings, _SETTINGS.format(port=port))

    def building_place(self) -> DemoFolder:
        """Return an empty folder beside this one. What a broken-off start left there is cleared away."""
        place = DemoFolder(self.path.with_name(f".{self.path.name}-being-made"))
        shutil.rmtree(place.path, ignore_errors=True)
        place.path.mkdir(parents=True, mode=0o700)
        return place

    def replace_with(self, built: DemoFolder) -> None:
        """Put a folder that is ready in this one's place, at one stroke."""
        if self.path.exists():
            shutil.rmtree(self.path)
        built.path.rename(self.path)


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read (0600)."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
