"""Logout messages (SAML Core 3.7): their checks, in their order. Whoever sends one has signed it, always (saml2int SDP-IDP26, SDP-SP29)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from idp.saml.core_3_2_1_requests import IS_A_GOOD_REQUEST, Request, instant_of
from idp.saml.core_3_3_3_response import SUCCESS
from idp.saml.engine import read_message
from idp.saml.refusals import Fault, Refused, first_broken

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from idp.saml.intake import Arrived
    from idp.usecases.service_providers import ServiceProvider

_MOST_INDEXES: Final = 50


def _is_in_time(request: Request) -> Fault | None:
    until = request.message.not_on_or_after
    if until is None:
        return None
    end = instant_of(until)
    if end is not None and end > request.now:
        return None
    return Fault(rule="too-late", description="The time of the request is over.", part="NotOnOrAfter")


def _names_somebody_in_the_clear(request: Request) -> Fault | None:
    message = request.message
    if (
        message.name_id is not None
        and message.encrypted_id is None
        and message.base_id is None
        and message.name_id.text
    ):
        return None
    return Fault(
        rule="name-id-missing", description="The request must name the person by a plain NameID.", part="NameID"
    )


def _names_few_sessions(request: Request) -> Fault | None:
    if len(request.message.session_index) <= _MOST_INDEXES:
        return None
    return Fault(
        rule="too-many", description=f"There are more than {_MOST_INDEXES} SessionIndexes.", part="SessionIndex"
    )


LOGOUT_REQUEST: Final[tuple[Callable[[Request], Fault | None], ...]] = (
    *IS_A_GOOD_REQUEST,
    _is_in_time,
    _names_somebody_in_the_clear,
    _names_few_sessions,
)
LOGOUT_RESPONSE: Final = IS_A_GOOD_REQUEST


def read_logout(arrived: Arrived, expected: str, service: ServiceProvider, *, here: str, now: datetime) -> Any:  # noqa: ANN401
    """Return a LogoutRequest or LogoutResponse (pysaml2's object) that the service signed and that is in order.

    Raises :class:`idp.saml.refusals.Refused`.
    """
    read = read_message(arrived, expected, certificates=service.metadata.signing_certificates, must_be_signed=True)
    request = Request(
        message=read.message,
        signed=True,
        service=service,
        here=here,
        now=now,
        enveloped=arrived.binding.endswith("SOAP"),
    )
    fault = first_broken(LOGOUT_REQUEST if expected == "LogoutRequest" else LOGOUT_RESPONSE, request)
    if fault is not None:
        raise Refused(fault.rule, fault.description, fault.part)
    return read.message


def is_done(response: Any) -> bool:  # noqa: ANN401 (pysaml2 has no types)
    """Say whether a LogoutResponse says that the person is logged out, and of everything that the service passed it on to."""
    code = response.status.status_code
    return bool(code.value == SUCCESS and code.status_code is None)
