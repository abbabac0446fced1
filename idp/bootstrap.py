"""The only composition root: settings in, wired system out. No Flask here, so that sync and the worker can use it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from idp.keyring import Keyring, load_keyring
from idp.outside.clock import Clock, SteerableClock, SystemClock
from idp.outside.fetch import Fetcher
from idp.outside.frequent_codes import published_codes
from idp.outside.hashing import CodeHasher
from idp.outside.login_queue import LoginQueue
from idp.outside.sealing import Sealer
from idp.policy_files import policy_rules
from idp.store.db import Database
from idp.usecases.system import System
from policies.frequent_codes import FrequentCodes

if TYPE_CHECKING:
    from idp.settings import Settings
    from policies.tables import Rules


def wire(
    settings: Settings,
    *,
    keyring: Keyring | None = None,
    clock: Clock | None = None,
    database: Database | None = None,
) -> System:
    """Wire the system that the settings describe.

    Raises :class:`idp.errors.ConfigurationFault` when the policy files contradict themselves, or the secrets file is
    missing or wrong.
    """
    rules = policy_rules(settings.policy)
    keyring = keyring or load_keyring(Path(settings.secrets.file))
    hasher = CodeHasher(settings.hashing, keyring.pepper)
    return System(
        settings=settings,
        rules=rules,
        keyring=keyring,
        clock=clock or _clock(settings),
        sealer=Sealer(keyring.sealing),
        hasher=hasher,
        queue=LoginQueue(hasher.seconds, longest_seconds=settings.hashing.longest_wait_seconds),
        fetcher=Fetcher(settings.fetch),
        frequent_codes=cache(lambda: frequent_codes(rules)),
        database=database or Database.open(settings.database.url, pool_size=settings.database.pool_size),
    )


def frequent_codes(rules: Rules) -> FrequentCodes:
    """Make the set of codes that very many people choose: the published list and the Danish one."""
    return FrequentCodes.of([*published_codes(), *rules.chosen.frequent_codes])


def _clock(settings: Settings) -> Clock:
    file = settings.proving.clock_file
    return SteerableClock(file) if file else SystemClock()
