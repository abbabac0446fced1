"""Known devices: a browser in which a person has logged in before has a budget of its own (decision 13)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from idp.outside.sealing import token_digest
from idp.store.windows import find_device, insert_device, touch_device
from idp.usecases.guesses import network_digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System

_NOBODY: Final = 0
_TOKEN_BYTES: Final = 16


def known_device(db: Session, person_id: int | None, tokens: Sequence[str]) -> int | None:
    """Return the id of the device that one of the browser's tokens names for this person; it takes as long for nobody."""
    found = _device(db, person_id, tokens)
    return found.id if found else None


def known_since(db: Session, person_id: int, tokens: Sequence[str]) -> datetime | None:
    """Return when a person first logged in in this browser; None when never."""
    found = _device(db, person_id, tokens)
    return found.first_seen_at if found else None


def _device(db: Session, person_id: int | None, tokens: Sequence[str]) -> AnyRow | None:
    return find_device(db, person_id or _NOBODY, [token_digest(token) for token in tokens]) if tokens else None


def remember_device(
    db: Session, system: System, person_id: int, tokens: Sequence[str], *, address: str
) -> tuple[int, str]:
    """Return the device's id and its token for the cookie, after a login of the person in this browser.

    Of the network only a keyed digest is kept, so that wrong codes can tell a school's from a stranger's (decision 51).
    """
    network = network_digest(system, address)
    digests = {token_digest(token): token for token in tokens}
    found = find_device(db, person_id, list(digests)) if digests else None
    if found is not None:
        touch_device(db, found.id, network, system.now())
        return found.id, digests[found.cookie_digest]
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return insert_device(db, person_id, token_digest(token), network, system.now()), token
