"""Client metadata (RFC 7591 2, OpenID Connect Registration 2): what was asked in, what is registered out.

Every fault is found before anything is said, each under its error code of RFC 7591 3.2.2. Members that we do not know
are ignored, as the RFC demands; those we know and cannot honour are refused, never quietly weakened. Which members
there are stands in :mod:`idp.usecases.client_metadata_members`, which of them cannot go together in
:mod:`idp.usecases.client_metadata_rules`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.errors import SkolepasError
from idp.usecases.client_metadata_members import DEFAULTS, MEMBERS, REFUSED
from idp.usecases.client_metadata_rules import REDIRECTING, contradictions, scopes_of, with_profile
from idp.usecases.error_descriptions import as_description
from idp.usecases.redirect_addresses import fault_of
from idp.usecases.sectors import MEMBER, fault_of_sector, sector_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INVALID_REDIRECT_URI: Final = "invalid_redirect_uri"
INVALID_CLIENT_METADATA: Final = "invalid_client_metadata"

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
MOST_ADDRESSES: Final = 50


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the RFC's code, the member, and a sentence."""

    error: str
    member: str
    description: str


class MetadataRefused(SkolepasError):
    """The metadata cannot be registered. ``faults`` names everything that is wrong, the redirect addresses first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Order the faults so that the first gives the answer its code."""
        self.faults = tuple(sorted(faults, key=lambda fault: fault.error != INVALID_REDIRECT_URI))
        super().__init__("; ".join(fault.description for fault in self.faults))

    def to_json(self) -> dict[str, Any]:
        """Return the error response of RFC 7591 3.2.2, with every fault beside it."""
        return {
            "error": self.faults[0].error,
            "error_description": as_description(" ".join(fault.description for fault in self.faults)),
            "faults": [{"error": f.error, "member": f.member, "description": f.description} for f in self.faults],
        }


@dataclass(frozen=True)
class AcceptedMetadata:
    """What will be registered, and the sector in which the client knows people; None is a sector of its own."""

    registration: dict[str, Any]
    sector: str | None


def accept(metadata: object, listed: tuple[str, ...] | None = None) -> AcceptedMetadata:
    """Check client metadata and fill in the defaults. Raises :class:`MetadataRefused`.

    ``listed`` are the addresses that the list of the sector names, fetched beforehand (:mod:`idp.usecases.sectors`).
    """
    if not isinstance(metadata, dict):
        raise MetadataRefused([Fault(INVALID_CLIENT_METADATA, "", "The metadata must be one JSON object.")])
    faults: list[Fault] = []
    given = _members(metadata, faults)
    needed = REDIRECTING in given.get("grant_types", DEFAULTS["grant_types"])
    addresses = {
        member: _addresses(metadata, member, faults, needed=needed and member == "redirect_uris")
        for member in ("redirect_uris", "post_logout_redirect_uris")
    }
    faults += [
        Fault(INVALID_CLIENT_METADATA, member, f"{member} is not supported.")
        for member in sorted(metadata)
        if member in REFUSED
        or (member.isprintable() and member.endswith(("_encrypted_response_alg", "_encrypted_response_enc")))
    ]
    if faults:
        raise MetadataRefused(faults)
    implied: dict[str, Any] = {} if needed else {"response_types": []}
    registration = {**DEFAULTS, **implied, **addresses, **with_profile(given)}
    registration["scope"] = " ".join(scopes_of(registration))
    faults += [Fault(INVALID_CLIENT_METADATA, member, sentence) for member, sentence in contradictions(registration)]
    wrong = fault_of_sector(registration, listed)
    if wrong is not None:
        faults.append(Fault(INVALID_CLIENT_METADATA, MEMBER, wrong))
    if faults:
        raise MetadataRefused(faults)
    return AcceptedMetadata(registration, sector_of(registration))


def _members(metadata: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    accepted: dict[str, Any] = {}
    for member, check in MEMBERS.items():
        base, marked, _ = member.partition("#")
        given = {
            name: value
            for name, value in metadata.items()
            if name == base or (marked and name.startswith(f"{base}#") and _LANGUAGE.fullmatch(name, len(base) + 1))
        }
        for name, value in given.items():
            wrong = check(value)
            if wrong is None:
                # What stands in a set beside its keys is ignored (RFC 7517 5).
                accepted[name] = {"keys": value["keys"]} if name == "jwks" else value
            else:
                faults.append(Fault(INVALID_CLIENT_METADATA, name, f"{name} {wrong}."))
    return accepted


def _addresses(metadata: Mapping[str, Any], member: str, faults: list[Fault], *, needed: bool) -> list[str]:
    given = metadata.get(member, [])
    if not isinstance(given, list) or len(given) > MOST_ADDRESSES or (needed and not given):
        faults.append(
            Fault(INVALID_REDIRECT_URI, member, f"{member} must be a list of 1 to {MOST_ADDRESSES} addresses.")
        )
        return []
    for number, address in enumerate(given):
        wrong = fault_of(address)
        if wrong is not None:
            faults.append(Fault(INVALID_REDIRECT_URI, member, f"{member}[{number}] {wrong}."))
    return [address for address in given if isinstance(address, str)]
