"""A device asks whether a person has allowed it (RFC 8628 3.4, 3.5), and is given what a code is given.

When somebody allows a device, the device code becomes the code of a grant. So the same one look-up finds client, code and
facts, everything that ends a login ends it here too, and a device code that comes twice revokes all that it gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.oidc.grant_types import GrantType, TokenAnswer, TokenRequest
from idp.oidc.parameters import Fault, Parameters
from idp.oidc.rfc6749_4_1_3_token import login_still_holds, tokens, used_twice
from idp.usecases import device_authorizations, grants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.grants import Presented
    from idp.usecases.system import System

_HEARD: Final[Mapping[str, str]] = {
    "authorization_pending": "Nobody has decided yet; ask again after the interval.",
    "slow_down": "Asked too soon; the interval is five seconds longer from now on.",
    "access_denied": "The person said no, or could not be logged in as asked.",
    "expired_token": "The device code has expired; ask for a new one.",
}


def _find(db: Session, system: System, client_id: str, parameters: Parameters) -> Presented | None:
    return grants.find_code(db, system, client_id=client_id, code=parameters["device_code"] or "")


def _polled(asked: TokenRequest[Presented]) -> TokenAnswer:
    device_code, granted = asked.parameters["device_code"], asked.found.granted
    if device_code is None:
        return Fault("invalid_request", "device_code is missing.", "device_code")
    polled = device_authorizations.poll(asked.db, asked.system, device_code, service_id=asked.client.id)
    if polled is None:
        return Fault("invalid_grant", "The device code is not one of this client's.", "device_code")
    if granted is not None and granted.code_used:
        return used_twice(asked, granted, "device_code")
    if polled.error is not None:
        return Fault(polled.error, _HEARD[polled.error], "device_code")
    if granted is None:
        return Fault("invalid_grant", "What the device was granted is gone.", "device_code")
    fault = login_still_holds(asked, "device_code")
    if fault is not None:
        return fault
    device_authorizations.use(asked.db, asked.system, polled.id)
    return tokens(asked, granted, "device_code")


DEVICE: Final = GrantType(_find, _polled)
