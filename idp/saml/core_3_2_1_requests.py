"""What every request must be before anybody acts on it (SAML Core 3.2.1, Bindings 3.4 and 3.5, saml2int G01).

The order is the security: who it is from, whether it is theirs, and only then what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.saml.refusals import Fault
from idp.usecases.service_providers import ENTITY

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.usecases.service_providers import ServiceProvider

SKEW: Final = timedelta(minutes=5)
"""How far a clock may be off, either way (saml2int SDP-G01)."""
LONGEST_ID: Final = 256
_NCNAME: Final = re.compile(r"[^\W\d][\w.-]*")
_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, read by :mod:`idp.saml.engine` and not yet believed."""

    message: Any
    """pysaml2's object: ``id``, ``version``, ``issue_instant``, ``destination``, ``issuer`` …"""
    signed: bool
    service: ServiceProvider
    here: str
    """The address of ours that it came to."""
    now: datetime
    enveloped: bool = False
    """It came inside something that says where it goes (SOAP), so that it need not."""


def instant_of(text: str) -> datetime | None:
    """Read an ``xs:dateTime`` in UTC (SAML Core 1.3.3); None for anything else."""
    if not _UTC.fullmatch(text or ""):
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    try:
        moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment + timedelta(microseconds=int(fraction[:6].ljust(6, "0"))) if fraction else moment


def is_id(text: str | None) -> bool:
    """Whether a text can be an ``xs:ID`` of sensible length."""
    return text is not None and len(text) <= LONGEST_ID and _NCNAME.fullmatch(text) is not None


def _version_is_ours(request: Request) -> Fault | None:
    if request.message.version == "2.0":
        return None
    return Fault(rule="version-unknown", description="The version is not 2.0.", part="Version")


def _has_an_id(request: Request) -> Fault | None:
    if is_id(request.message.id):
        return None
    return Fault(rule="id-wrong", description="The ID is no xs:ID of at most 256 characters.", part="ID")


def _issuer_is_an_entity(request: Request) -> Fault | None:
    issuer = request.message.issuer
    if issuer.format in {None, ENTITY} and not (
        issuer.name_qualifier or issuer.sp_name_qualifier or issuer.sp_provided_id
    ):
        return None
    return Fault(rule="issuer-wrong", description="The Issuer is not an entity's name.", part="Issuer")


def _is_meant_for_us(request: Request) -> Fault | None:
    destination = request.message.destination
    if destination is None and (request.enveloped or not request.signed):
        return None
    if destination is None:  # Bindings 3.4.5.2 and 3.5.5.2
        return Fault(
            rule="destination-missing", description="A signed message must say its Destination.", part="Destination"
        )
    if destination == request.here:
        return None
    return Fault(rule="destination-wrong", description=f"The Destination is not {request.here}.", part="Destination")


def _is_of_now(request: Request) -> Fault | None:
    issued = instant_of(request.message.issue_instant)
    if issued is None:
        return Fault(rule="instant-wrong", description="IssueInstant is not a time in UTC.", part="IssueInstant")
    if abs(issued - request.now) <= SKEW:
        return None
    minutes = int(SKEW.total_seconds() // 60)
    return Fault(
        rule="instant-off", description=f"IssueInstant is more than {minutes} minutes from now.", part="IssueInstant"
    )


IS_A_GOOD_REQUEST: Final[tuple[Callable[[Request], Fault | None], ...]] = (
    _version_is_ours,
    _has_an_id,
    _issuer_is_an_entity,
    _is_meant_for_us,
    _is_of_now,
)
"""After it is known whose request it is and its signature was verified."""
