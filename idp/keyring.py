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
        lines += _key_lines(named.keys)
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


@dataclass(frozen=True)
class PepperStep:
    """One of the two steps of a pepper's rotation: ``name`` is known from now on, and then ``in_use``."""

    name: str
    in_use: bool


def rotate_pepper(path: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> PepperStep:
    """Take the next step of a rotation: put a new pepper into the secrets file, or use the one put there before.

    Two steps, for several processes share the codes: one that does not know a pepper yet would find every code under it
    wrong. So all of them learn it (above the one in use), and only then is it used (the last one). The file is replaced
    as a whole, with mode 0600. Raises :class:`ConfigurationFault`.
    """
    peppers = load_keyring(path).pepper
    if not all(name.isdecimal() for name in peppers.keys):
        raise ConfigurationFault([f"{path}: [pepper] has a key whose name is not a number; rotate it by hand."])
    newest = max(peppers.keys, key=int)
    if newest == peppers.current_name:
        step, keys = PepperStep(str(int(newest) + 1), in_use=False), peppers.keys
        keys = {step.name: random_bytes(KEY_BYTES)} | keys
    else:
        step = PepperStep(newest, in_use=True)
        keys = {name: key for name, key in peppers.keys.items() if name != newest} | {newest: peppers.keys[newest]}
    _replace(path, _with_table(path.read_text(encoding="utf-8"), "pepper", keys))
    return step


def _with_table(text: str, table: str, keys: dict[str, bytes]) -> str:
    """Return the secrets file with other keys in one table; everything else stays as somebody may have written it."""
    lines = text.split("\n")
    begin = next(number for number, line in enumerate(lines) if line.strip() == f"[{table}]") + 1
    after = (number for number, line in enumerate(lines) if number >= begin and line.lstrip().startswith("["))
    end = next(after, len(lines))
    others = [line for line in lines[begin:end] if line.strip() and "=" not in line.partition("#")[0]]
    return "\n".join([*lines[:begin], *_key_lines(keys), *others, "", *lines[end:]])


def _key_lines(keys: dict[str, bytes]) -> list[str]:
    return [f'"{name}" = "{base64.b64encode(key).decode()}"' for name, key in keys.items()]


def _replace(path: Path, text: str) -> None:
    """Put a new file in the place of the old one at once; whoever reads meanwhile finds one of them, whole."""
    new = path.with_name(f"{path.name}.new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationFault(
            [f"{new} is there: somebody else writes it now, or stopped half-way; remove it then."]
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    owner = path.stat()
    if (owner.st_uid, owner.st_gid) != (new.stat().st_uid, new.stat().st_gid):
        os.chown(new, owner.st_uid, owner.st_gid)
    new.replace(path)


def _key(text: object) -> bytes:
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
    return key if len(key) == KEY_BYTES else b""
