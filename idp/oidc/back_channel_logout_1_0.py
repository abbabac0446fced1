"""Logout tokens, and posting them to a service (OpenID Connect Back-Channel Logout 1.0).

The worker makes the token when it sends, not when the session ends: a token lives two minutes (2.4), and a message that is
tried again must not carry one that is stale. ``sub`` and ``sid`` are both always in it, as the service knows them from its ID
Token, so that it need not have said ``backchannel_logout_session_required``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.outside.fetch import Unfetchable
from idp.outside.sealing import new_token
from idp.usecases.logout_notices import find_participant
from idp.usecases.outbox import NotSent
from idp.usecases.signing_keys import key_ring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.usecases.logout_notices import Participant
    from idp.usecases.signing_keys import KeyRing
    from idp.usecases.system import System

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPE: Final = "logout+jwt"
TOKEN_SECONDS: Final = 120
"""At most two minutes (2.4)."""
REST: Final = timedelta(minutes=1)
_LOGGED_OUT: Final = (200, 204)
"""200 (2.8); some frameworks make 204 of an empty 200, and the section asks to take that for success."""


def logout_token(system: System, keys: KeyRing, one: Participant) -> str:
    """Return a fresh logout token (2.4), signed with the algorithm of the service's ID Tokens (2.6)."""
    if one.client is None:
        raise AssertionError("only OpenID Connect has logout tokens")
    issued = int(system.now().timestamp())
    claims = {
        "iss": system.settings.site.issuer,
        "sub": one.subject,
        "aud": one.client.client_id,
        "iat": issued,
        "exp": issued + TOKEN_SECONDS,
        "jti": new_token(),
        "events": {EVENT: {}},
        "sid": one.sid,
    }
    return keys.signers[one.client.algorithm].sign(claims, typ=TYPE)


class BackChannel:
    """The worker's sender. Safe to share between threads.

    A service whose host nobody reached rests for a minute: what is due for it fails at once and is tried again later, so that
    a thousand messages to one dead service do not hold up the others.
    """

    def __init__(self, system: System) -> None:
        """Begin with everybody reachable."""
        self._system = system
        self._resting: dict[str, datetime] = {}

    def send(self, payload: Mapping[str, Any]) -> None:
        """Tell one service that a session has ended (2.5). Raises :class:`NotSent` unless it answers that it is done.

        The address is looked up now: a service that has been disabled or has taken it back is told nothing.
        """
        system = self._system
        with system.database.reading() as db:
            one = find_participant(db, system, payload["participant"])
            if one is None or one.client is None or not one.has_back_channel:
                raise NotSent("no address", for_good=True)
            address = one.client.backchannel_logout_uri or ""
            if self._resting.get(address, system.now()) > system.now():
                raise NotSent("resting")
            token = logout_token(system, key_ring(db, system), one)
        try:
            status = system.fetcher.post_form(address, {"logout_token": token})
        except Unfetchable as fault:
            self._resting[address] = system.now() + REST
            raise NotSent(fault.why) from fault
        self._resting.pop(address, None)
        if status not in _LOGGED_OUT:
            raise NotSent(f"status {status}")
