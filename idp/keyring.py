"""The keys that must never be in the database: one file, readable by its owner alone.

Each purpose has named keys; the last named is the one in use, the others still open what they sealed. The file is
made once (``skolepas config make-secrets``, or by the demo) and is as precious as the database: without it no CPR
number can be read and no code checked.
"""

from __future__ import annotations

import base64
import binascii
import os
import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from idp.errors import ConfigurationFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class NamedKeys:
    """The keys of one purpose, by name, in the order they were made. Prints as ``***``."""

    keys: dict[str, bytes]

    @property
    def current_name(self) -> str:
        """Name of the key that new values are made with."""
        return next(reversed(self.keys))

    @property
    def current(self) -> bytes:
        """The key that new values are made with."""
        return self.keys[self.current_name]

    def __repr__(self) -> str:
        """Never show a key."""
        return "NamedKeys(***)"


@dataclass(frozen=True, repr=False)
class Keyring:
    """Every secret of the installation, by what it is for."""

    sealing: NamedKeys
    """AES-256-GCM over CPR numbers, private keys and seeds."""
    cpr_index: NamedKeys
    """HMAC that finds a person by CPR number without storing it."""
    pepper: NamedKeys
    """HMAC over a code before Argon2id."""
    tokens: NamedKeys
    """HMAC over client secrets and other long random values."""
    pairwise: NamedKeys
    """HMAC behind pairwise subjects; a change would change every ``sub``."""
    unknown_names: NamedKeys
    """HMAC that gives an unknown username its stable kind of page (decision 14)."""
    windows: NamedKeys
    """HMAC that, with the claiming browser's secret, gives the code shown in an activation window."""
    audit: NamedKeys
    """HMAC over each audit event (decision 28)."""

    def __repr__(self) -> str:
        """Never show a key."""
        return "Keyring(***)"


PURPOSES = tuple(part.name for part in fields(Keyring))


def make_keyring(random_bytes: Callable[[int], bytes] = os.urandom) -> Keyring:
    """Fresh keys for every purpose."""
    return Keyring(**{purpose: NamedKeys({"1": random_bytes(KEY_BYTES)}) for purpose in PURPOSES})


def write_keyring(keyring: Keyring, path: Path) -> None:
    """Write the secrets file with mode 0600. Raises :class:`FileExistsError` rather than overwrite one."""
    lines = ["# Keys of this installation. Keep a copy in a safe place; show it to nobody.", ""]
    for purpose in PURPOSES:
        lines.append(f"[{purpose}]")
        named: NamedKeys = getattr(keyring, purpose)
        lines += [f'"{name}" = "{base64.b64encode(key).decode()}"' for name, key in named.keys.items()]
        lines.append("")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def load_keyring(path: Path) -> Keyring:
    """Read the secrets file.

    Raises :class:`ConfigurationFault` when it is missing, readable by others, or lacks a key of 32 bytes.
    """
    try:
        mode = path.stat().st_mode
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationFault(
            [f"{path}: there is no secrets file. Make one: skolepas config make-secrets"]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigurationFault([f"{path}: not TOML."]) from None
    faults = [f"{path}: others may read it; run: chmod 600 {path}"] if mode & 0o077 else []
    found: dict[str, NamedKeys] = {}
    for purpose in PURPOSES:
        keys = {name: _key(text) for name, text in (tree.get(purpose) or {}).items()}
        if not keys:
            faults.append(f"{path}: [{purpose}] holds no key.")
        faults += [f"{path}: {purpose}.{name} is not {KEY_BYTES} bytes in base64." for name, k in keys.items() if not k]
        found[purpose] = NamedKeys(keys)
    if faults:
        raise ConfigurationFault(faults)
    return Keyring(**found)


def _key(text: object) -> bytes:
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
    return key if len(key) == KEY_BYTES else b""
