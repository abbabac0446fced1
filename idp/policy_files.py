"""The policy in force: the files that ship with the product, and the operator's own in their place.

Apart from :mod:`idp.bootstrap`, so that ``skolepas serve`` can name what is wrong without loading the whole system.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from idp.errors import ConfigurationFault
from policies.tables import PolicyFault, Rules, load_rules
from policies.vocabulary import Follow

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from idp.settings import PolicySettings


def policy_rules(policy: PolicySettings) -> Rules:
    """Read and check the policy. Raises :class:`ConfigurationFault` with every fault of every file, in sentences."""
    own = _own_texts(Path(policy.folder)) if policy.folder else {}
    try:
        return load_rules(_texts(resources.files("policies") / "data") | own, Follow(policy.follow))
    except PolicyFault as fault:
        faults = [f"The policy: {sentence}." for sentence in fault.faults]
        if own:
            faults.append(f"Of the policy, policy.folder replaces {', '.join(sorted(own))}.")
        raise ConfigurationFault(faults) from None


def _own_texts(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise ConfigurationFault([f"policy.folder: there is no folder {folder}."])
    try:
        return _texts(folder)
    except UnicodeDecodeError as fault:
        raise ConfigurationFault([f"policy.folder: a file in {folder} is not UTF-8: {fault}."]) from None
    except OSError as fault:
        raise ConfigurationFault([f"policy.folder: {fault.filename} cannot be read: {fault.strerror}."]) from None


def _texts(folder: Traversable) -> dict[str, str]:
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith((".toml", ".txt"))
    }
