"""The only composition root: settings in, wired system out. No Flask here, so that sync and the worker can use it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from idp.keyring import Keyring, load_keyring
from idp.outside.clock import Clock, SteerableClock, SystemClock
from idp.outside.hashing import CodeHasher
from idp.outside.sealing import Sealer
from idp.store.db import Database
from idp.usecases.system import System
from policies.tables import Rules, load_rules

if TYPE_CHECKING:
    from idp.settings import Settings


def wire(
    settings: Settings,
    *,
    keyring: Keyring | None = None,
    clock: Clock | None = None,
    database: Database | None = None,
) -> System:
    """Wire the system that the settings describe.

    Raises :class:`idp.errors.ConfigurationFault` when the secrets file is missing or wrong, and
    :class:`policies.tables.PolicyFault` when the policy files contradict themselves.
    """
    keyring = keyring or load_keyring(Path(settings.secrets.file))
    return System(
        settings=settings,
        rules=national_rules(),
        keyring=keyring,
        clock=clock or _clock(settings),
        sealer=Sealer(keyring.sealing),
        hasher=CodeHasher(settings.hashing, keyring.pepper),
        database=database or Database.open(settings.database.url, pool_size=settings.database.pool_size),
    )


def national_rules() -> Rules:
    """Read the national defaults that ship with the product (``policies/data``)."""
    folder = resources.files("policies") / "data"
    texts = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith((".toml", ".txt"))
    }
    return load_rules(texts)


def _clock(settings: Settings) -> Clock:
    file = settings.proving.clock_file
    return SteerableClock(file) if file else SystemClock()
