"""Single logout from machine to machine (SAML Profiles 4.4, Bindings 3.2): a service tells us, and the worker tells services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from idp.outside.fetch import Unfetchable
from idp.saml.canonical import new_id, text
from idp.saml.core_3_2_1_requests import SKEW
from idp.saml.core_3_3_3_response import REQUESTER, Status
from idp.saml.core_3_7_logout import is_done, read_logout
from idp.saml.intake import LARGEST_REQUEST, arrived_by_soap
from idp.saml.logout_messages import UNKNOWN_PRINCIPAL, request_to, response_to, status_of
from idp.saml.profiles_4_1_web_sso import UNKNOWN, shut
from idp.saml.profiles_4_4_single_logout import end_named
from idp.saml.protection import signer_for
from idp.saml.refusals import Fault, Refused, note
from idp.usecases import assertions
from idp.usecases.known_service_providers import find_service_provider
from idp.usecases.logout_notices import find_participant
from idp.usecases.outbox import NotSent
from idp.usecases.saml_keys import saml_key_ring
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.saml.intake import Arrived
    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.system import System

PATH: Final = "/saml/slo/soap"
_TYPE: Final = "text/xml; charset=utf-8"
_OPENING: Final = b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
_CLOSING: Final = b"</S:Body></S:Envelope>"


def enveloped(message: bytes) -> bytes:
    """Return a SOAP 1.1 envelope with one message in it."""
    return _OPENING + message + _CLOSING


def slo_soap() -> Response:
    """Take a LogoutRequest of a service's own machine. Services that only a browser can tell stay open, and the answer says so."""
    request.max_content_length = LARGEST_REQUEST
    service = None
    try:
        if (request.content_length or 0) > LARGEST_REQUEST:
            raise Refused("too-large", f"The body is longer than {LARGEST_REQUEST} bytes.")  # noqa: TRY301
        arrived = arrived_by_soap(request.get_data(cache=False))
        system = site().system
        with system.database.writing() as db:
            service = find_service_provider(db, system, arrived.issuer or "")
            fault = shut(service)
            if fault is not None or service is None:
                return _fault(fault or UNKNOWN, service)
            return Response(enveloped(_logged_out(db, arrived, service)), content_type=_TYPE)
    except Refused as refused:
        return _fault(refused.fault, service)


def _logged_out(db: Session, arrived: Arrived, service: ServiceProvider) -> bytes:
    system = site().system
    here = f"{system.settings.site.issuer}{PATH}"
    message = read_logout(arrived, "LogoutRequest", service, here=here, now=system.now())
    if not assertions.is_first(db, service, message.id, system.now() + 2 * SKEW):
        raise Refused("replayed", "The request has come before.", "ID")
    ended = end_named(db, service, message)
    unknown = Status(code=REQUESTER, second=UNKNOWN_PRINCIPAL)
    return response_to(
        system,
        status_of(db, system, ended) if ended else unknown,
        destination=None,
        request_id=message.id,
        signer=signer_for(service, saml_key_ring(db, system)),
    )


def _fault(fault: Fault, service: ServiceProvider | None) -> Response:
    """Return a SOAP fault (SOAP 1.1, 4.4)."""
    said = text(f"{fault.description} ({note(fault, service)})")
    body = f"<S:Fault><faultcode>S:Client</faultcode><faultstring>{said}</faultstring></S:Fault>".encode()
    return Response(enveloped(body), status=500, content_type=_TYPE)


class SoapLogout:
    """The worker's sender. Safe to share between threads."""

    def __init__(self, system: System) -> None:
        """Keep the system."""
        self._system = system

    def send(self, payload: Mapping[str, Any]) -> None:
        """Tell one service that a session has ended. Raises :class:`NotSent` unless its signed answer says that it is done."""
        system, identifier = self._system, new_id()
        with system.database.writing() as db:
            one = find_participant(db, system, payload["participant"])
            endpoint = one.soap_endpoint if one is not None and one.has_back_channel else None
            if one is None or one.provider is None or endpoint is None:
                raise NotSent("no address", for_good=True)
            message = request_to(
                system,
                one,
                destination=endpoint.location,
                identifier=identifier,
                signer=signer_for(one.provider, saml_key_ring(db, system)),
            )
        try:
            answered = system.fetcher.post(endpoint.location, enveloped(message), _TYPE)
        except Unfetchable as fault:
            raise NotSent(fault.why) from fault
        try:
            arrived = arrived_by_soap(answered.body, "SAMLResponse")
            response = read_logout(
                arrived, "LogoutResponse", one.provider, here=system.settings.site.issuer, now=system.now()
            )
        except Refused as refused:
            raise NotSent(f"status {answered.status}, {refused.fault.rule}") from refused
        if arrived.issuer != one.identifier or response.in_response_to != identifier:
            raise NotSent("another answer")
        if not is_done(response):
            raise NotSent("not logged out there")
