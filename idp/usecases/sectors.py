"""In which sector a client knows people (OpenID Connect Core 8.1, Registration 5).

Clients of one sector know a person by the same pairwise subject and could compare what they know. So nobody comes into a
sector without the word of whoever holds it: the redirect addresses all lie on the sector's host, where alone the answers
go, or the list at ``sector_identifier_uri`` names them. Addresses of one's own machine are on everybody's, and a device
gets its answers at no address at all: such a client is a sector of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from idp.outside.fetch import Unfetchable
from idp.usecases.client_metadata_members import DEVICE_CODE
from idp.usecases.redirect_addresses import LOOPBACK, fault_of, host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.outside.fetch import Fetcher

MEMBER: Final = "sector_identifier_uri"


def fetch_listed(fetcher: Fetcher, metadata: object) -> tuple[str, ...] | None:
    """Return the addresses that the list at ``sector_identifier_uri`` names; None when there is no list to be had.

    Never within a transaction: the other side decides how long it takes.
    """
    named = metadata.get(MEMBER) if isinstance(metadata, dict) else None
    if not isinstance(named, str) or fault_of(named) is not None:
        return None
    try:
        listed = fetcher.get_json(named)
    except Unfetchable:
        return None
    if not isinstance(listed, list):
        return None
    return tuple(address for address in listed if isinstance(address, str))


def fault_of_sector(registration: Mapping[str, Any], listed: tuple[str, ...] | None) -> str | None:
    """Say why a client cannot be of the sector that its metadata name, or None when it can."""
    addresses = registration["redirect_uris"]
    if MEMBER not in registration:
        several = len({host_of(address) for address in addresses}) > 1
        return f"{MEMBER} is needed when the redirect addresses lie on several hosts." if several else None
    if not addresses:
        return f"{MEMBER} says nothing about a client without redirect addresses."
    if DEVICE_CODE in registration["grant_types"]:
        return f"{MEMBER} says nothing about a device, whose answers go to none of the addresses that it lists."
    if listed is None:
        return f"{MEMBER} must be an address where a JSON list of redirect addresses can be fetched."
    missing = [number for number, address in enumerate(addresses) if address not in listed]
    if missing:
        return f"The list at {MEMBER} does not name redirect_uris[{missing[0]}] (OpenID Connect Registration 5)."
    return None


def sector_of(registration: Mapping[str, Any]) -> str | None:
    """Return the sector of a client without a fault in it; None for a sector of its own."""
    if MEMBER in registration:
        return host_of(registration[MEMBER])
    hosts = {host_of(address) for address in registration["redirect_uris"]}
    if DEVICE_CODE in registration["grant_types"] or not hosts or hosts & LOOPBACK:
        return None
    (host,) = hosts
    return host
