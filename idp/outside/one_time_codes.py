"""One-time codes from an app (TOTP, RFC 6238): SHA-1, six digits, thirty seconds; a step counts once and never goes back.

A phone's clock may be wrong, and gets a little more wrong each month. The step that a code was right for is remembered
as a drift, and looked around the next time. A clock that is far off is repaired with two codes in a row (RFC 4226 7.4).
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyotp

from idp.outside.sealing import same

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

DIGITS: Final = 6
PERIOD: Final = 30
SEED_BYTES: Final = 20
"""160 bits, as RFC 4226 section 4 (R6) recommends."""
AROUND: Final = 1
"""Steps before and after the expected one that count too: people are slow, and clocks differ (RFC 6238 5.2)."""
FARTHEST: Final = 240
"""Steps that a clock may be off and still be repaired: two hours, for instance a phone in the wrong time zone's hour."""
AT_FIRST: Final = 20
"""Steps that a clock may be off when the app is set up: ten minutes. Nobody guesses there; the seed is on the screen."""


@dataclass(frozen=True, slots=True)
class Match:
    """The step that a code belongs to, and how many steps the app's clock is ahead of ours."""

    step: int
    drift: int


def new_seed() -> bytes:
    """Return a seed for a new app."""
    return secrets.token_bytes(SEED_BYTES)


def seed_text(seed: bytes) -> str:
    """Return a seed as people type it into an app: 32 letters and digits."""
    return b32encode(seed).decode()


def app_address(seed: bytes, *, site: str, username: str) -> str:
    """Return the ``otpauth:`` address that an app reads from the QR code."""
    return _totp(seed).provisioning_uri(name=username, issuer_name=site)


def normalised(typed: str) -> str:
    """Return a typed code without the blanks that apps show in it; nothing when it is none."""
    code = "".join(typed.split())
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else ""


def match(seed: bytes, code: str, now: datetime, *, last_step: int | None, drift: int) -> Match | None:
    """Return the step of a right code. It lies around now, or around the remembered drift, and after ``last_step``."""
    here = step_at(now)
    around = range(-AROUND, AROUND + 1)
    return _first(seed, code, here, {off + place for off in (0, drift) for place in around}, last_step)


def match_at_first(seed: bytes, code: str, now: datetime) -> Match | None:
    """Return the step of the code that shows that an app was set up."""
    return _first(seed, code, step_at(now), range(-AT_FIRST, AT_FIRST + 1), None)


def match_pair(seed: bytes, first: str, second: str, now: datetime, *, last_step: int | None) -> Match | None:
    """Return the step of the second of two codes in a row, however far the clock is off."""
    here = step_at(now)
    found = None
    for off in range(-FARTHEST, FARTHEST + 1):
        step = here + off
        both = _is(seed, first, step) & _is(seed, second, step + 1)
        if both and found is None and (last_step is None or step > last_step):
            found = Match(step + 1, off + 1)
    return found


def step_at(now: datetime) -> int:
    """Return the number of the thirty seconds that ``now`` lies in, counted from 1970."""
    return int(now.timestamp()) // PERIOD


def code_at(seed: bytes, step: int) -> str:
    """Return the code of a step."""
    return _totp(seed).generate_otp(step)


def _first(seed: bytes, code: str, here: int, offs: Iterable[int], last_step: int | None) -> Match | None:
    """Return the nearest step that the code is right for; every step is looked at, whatever is found."""
    right = [off for off in offs if _is(seed, code, here + off) and (last_step is None or here + off > last_step)]
    return min((Match(here + off, off) for off in right), key=lambda found: abs(found.drift), default=None)


def _is(seed: bytes, code: str, step: int) -> bool:
    return step >= 0 and same(code_at(seed, step).encode(), code.encode())


def _totp(seed: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(seed_text(seed), digits=DIGITS, interval=PERIOD)
