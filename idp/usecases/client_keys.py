"""A client's own keys, with which it signs assertions and requests: registered, or at its ``jwks_uri``.

What is fetched is kept for some minutes, so that a key that the client takes away ends soon, and for some hours when the
client's address does not answer. An unknown ``kid`` has the set fetched anew, at most once a minute for each client, so
that nobody can make us knock at somebody's door. Nothing here may run inside a transaction: the other side decides how
long it takes (:mod:`idp.outside.fetch`).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import structlog

from idp.outside.client_jose import CLIENT_ALGORITHMS, fitting_keys, read_header, verified
from idp.outside.fetch import Unfetchable
from idp.outside.jose import BadToken

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from idp.outside.client_jose import PublicKey
    from idp.outside.fetch import Fetcher
    from idp.usecases.services import Client
    from idp.usecases.system import System

FRESH: Final = timedelta(minutes=10)
USABLE: Final = timedelta(hours=6)
"""How old a set may be whose address does not answer."""
BETWEEN: Final = timedelta(minutes=1)
MOST_SETS: Final = 500

log = structlog.get_logger("skolepas")


def client_keys(
    system: System, client: Client, *, kid: str | None, alg: str, anew: bool = False
) -> tuple[PublicKey, ...]:
    """Return the client's keys that could have signed a token with this header; none when there is no such key.

    ``anew`` wants those of a set fetched just now, and is given none when that may not be yet.
    """
    if client.jwks_uri is None:
        return fitting_keys(client.jwks, kid=kid, alg=alg)
    kept = _kept_for(system, client)
    with kept.turn:
        now = system.now()
        if kept.is_older_than(FRESH, now):
            kept.fetch(system.fetcher, client.jwks_uri, now)
        found = () if anew else kept.fitting(kid, alg, now)
        if not found and kept.fetch(system.fetcher, client.jwks_uri, now):
            found = kept.fitting(kid, alg, now)
        return found


def claims_of(
    system: System,
    client: Client,
    token: str,
    *,
    algorithms: Collection[str] = CLIENT_ALGORITHMS,
    typ: Collection[str | None] | None = None,
) -> dict[str, Any]:
    """Return the claims of a token that ``client`` signed. Says nothing about issuer, audience, time or ``jti``.

    ``typ``, if given, is what its header may call it, None among them for a header without. Raises :class:`BadToken`.
    """
    header = read_header(token, algorithms=algorithms)
    if typ is not None and header.typ not in typ:
        raise BadToken("typ")
    try:
        return verified(token, client_keys(system, client, kid=header.kid, alg=header.alg), alg=header.alg)
    except BadToken:
        # Keys without names can have changed unnoticed.
        fresh = client_keys(system, client, kid=header.kid, alg=header.alg, anew=True) if client.jwks_uri else ()
        if not fresh:
            raise
    return verified(token, fresh, alg=header.alg)


@dataclass
class _Kept:
    """The set at one client's address. ``turn`` lets one thread at a time look and fetch; the others find it done."""

    turn: Lock = field(default_factory=Lock)
    jwks: object = None
    fetched_at: datetime | None = None
    tried_at: datetime | None = None

    def is_older_than(self, age: timedelta, now: datetime) -> bool:
        return self.fetched_at is None or now - self.fetched_at >= age

    def fitting(self, kid: str | None, alg: str, now: datetime) -> tuple[PublicKey, ...]:
        return () if self.is_older_than(USABLE, now) else fitting_keys(self.jwks, kid=kid, alg=alg)

    def fetch(self, fetcher: Fetcher, address: str, now: datetime) -> bool:
        """Fetch the set, unless that was tried a moment ago; whether there is a new one."""
        if self.tried_at is not None and now - self.tried_at < BETWEEN:
            return False
        self.tried_at = now
        try:
            self.jwks = fetcher.get_json(address)
        except Unfetchable as fault:
            log.info("a client's keys cannot be fetched", address=address, why=fault.why)
            return False
        self.fetched_at = now
        return True


class _Sets:
    """The sets that were fetched, the longest unused given up first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, str], _Kept] = OrderedDict()

    def of(self, client_id: int, address: str) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault((client_id, address), _Kept())
            self._kept.move_to_end((client_id, address))
            while len(self._kept) > MOST_SETS:
                self._kept.popitem(last=False)
            return kept


_fetched: WeakKeyDictionary[Fetcher, _Sets] = WeakKeyDictionary()
_first = Lock()


def _kept_for(system: System, client: Client) -> _Kept:
    with _first:
        sets = _fetched.setdefault(system.fetcher, _Sets())
    return sets.of(client.id, client.jwks_uri or "")
