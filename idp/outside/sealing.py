"""Sealing with AES-256-GCM and keyed digests with HMAC-SHA-256; the keys come from :mod:`idp.keyring`."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.errors import BrokenSeal

if TYPE_CHECKING:
    from idp.keyring import NamedKeys

NONCE_BYTES = 12


class Sealer:
    """Seals and opens small values. What is sealed for one purpose does not open for another."""

    def __init__(self, keys: NamedKeys) -> None:
        """Prepare one cipher per key."""
        self._current = keys.current_name
        self._ciphers = {name: AESGCM(key) for name, key in keys.keys.items()}

    def seal(self, clear: bytes, *, purpose: str) -> bytes:
        """Return ``key name, 0x00, nonce, ciphertext``. ``purpose`` is bound to the value, for example ``person:17:cpr``."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, clear, purpose.encode())
        return self._current.encode() + b"\x00" + nonce + sealed

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return what was sealed. Raises :class:`BrokenSeal`."""
        name, _, rest = sealed.partition(b"\x00")
        cipher = self._ciphers.get(name.decode("ascii", "replace"))
        if cipher is None:
            raise BrokenSeal(f"no key for {purpose}")
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], purpose.encode())
        except InvalidTag:
            raise BrokenSeal(purpose) from None


def keyed_digest(key: bytes, *parts: str | bytes) -> bytes:
    """HMAC-SHA-256 (32 bytes) over the parts, each preceded by its length so that no two lists collide."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        mac.update(len(data).to_bytes(8, "big"))
        mac.update(data)
    return mac.digest()


def token_digest(token: str) -> bytes:
    """What is stored of a long random token: SHA-256, 32 bytes. A 256-bit token needs no salt and no cost."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def same(left: bytes, right: bytes) -> bool:
    """Compare without telling how much was equal."""
    return hmac.compare_digest(left, right)
