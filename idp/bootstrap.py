"""The only composition root: settings in, wired system out. No Flask here, so that sync and the worker can use it."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from idp.errors import ConfigurationFault
from idp.keyring import Keyring, load_keyring
from idp.outside.clock import Clock, SteerableClock, SystemClock
from idp.outside.frequent_codes import published_codes
from idp.outside.hashing import CodeHasher
from idp.outside.login_queue import LoginQueue
from idp.outside.sealing import Sealer
from idp.store.db import Database
from idp.usecases.system import System
from policies.frequent_codes import FrequentCodes
from policies.tables import PolicyFault, Rules, load_rules
from policies.vocabulary import Follow

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from idp.settings import PolicySettings, Settings


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
        frequent_codes=cache(lambda: frequent_codes(rules)),
        database=database or Database.open(settings.database.url, pool_size=settings.database.pool_size),
    )


def policy_rules(policy: PolicySettings) -> Rules:
    """Read the policy: the files that ship with the product (``policies/data``), the operator's own in their place.

    Raises :class:`idp.errors.ConfigurationFault` with every fault of every file.
    """
    texts = _policy_texts(resources.files("policies") / "data")
    own: dict[str, str] = {}
    if policy.folder:
        folder = Path(policy.folder)
        if not folder.is_dir():
            raise ConfigurationFault([f"policy.folder: there is no folder {folder}."])
        try:
            own = _policy_texts(folder)
        except UnicodeDecodeError as fault:
            raise ConfigurationFault([f"policy.folder: a file in {folder} is not UTF-8: {fault}."]) from None
    try:
        return load_rules(texts | own, Follow(policy.follow))
    except PolicyFault as fault:
        whose = f" (policy.folder replaces {', '.join(sorted(own))})" if own else ""
        raise ConfigurationFault([f"The policy: {sentence}{whose}." for sentence in fault.faults]) from None


def frequent_codes(rules: Rules) -> FrequentCodes:
    """Make the set of codes that very many people choose: the published list and the Danish one."""
    return FrequentCodes.of([*published_codes(), *rules.chosen.frequent_codes])


def _policy_texts(folder: Traversable) -> dict[str, str]:
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith((".toml", ".txt"))
    }


def _clock(settings: Settings) -> Clock:
    file = settings.proving.clock_file
    return SteerableClock(file) if file else SystemClock()
