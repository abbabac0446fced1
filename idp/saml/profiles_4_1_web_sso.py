"""Web Browser SSO (SAML Profiles 4.1): from an AuthnRequest to a login.

A request by HTTP-POST comes from another site without our cookie, so that it is kept and answered with 303 to a GET of ours (decision 17).
The checks are :mod:`idp.saml.core_3_4_1_authn_request`'s; the answer is :mod:`idp.saml.profiles_4_1_4_response`'s.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flask import g, redirect, request

from idp.login.attempt import is_under_way
from idp.saml import core_3_4_1_authn_request as authn_request
from idp.saml.core_3_2_1_requests import SKEW, Request
from idp.saml.core_3_4_1_authn_request import Trusted, consumer_of, login_request, trusted_fault, untrusted_fault
from idp.saml.engine import read_message
from idp.saml.intake import LARGEST_FORM, arrived_by_post, arrived_by_redirect
from idp.saml.profiles_4_1_4_response import refuse
from idp.saml.refusals import Fault, Refused, shown_to_the_person
from idp.usecases import assertions, pushed_requests
from idp.usecases.known_service_providers import find_service_provider
from idp.usecases.pushed_requests import Closed, Way
from idp.usecases.service_providers import demands_signed_requests
from idp.usecases.visits import Visit, provider_visit
from idp.web.errors import error_page
from idp.web.headers import form_targets
from idp.web.login_flow import way_to
from idp.web.login_pages import enter
from idp.web.page import about_service
from idp.web.session_cookie import ensure_browser_secret, new_browser_secret, session_token
from idp.web.site import site
from idp.web.waiting_room import wait_outside
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from idp.saml.intake import Arrived
    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.sessions import LiveSession

PATH: Final = "/saml/sso"
_KEPT: Final = "kept"
_REMEMBERED: Final = 2 * SKEW
"""For so long a request could be shown again, counted from when it came first."""
_TRUE: Final = frozenset({"true", "1"})


def sso() -> AnyResponse:
    """Answer an AuthnRequest."""
    try:
        if request.method == "POST":
            return _keep(arrived_by_post(posted()))
        if _KEPT in request.args:
            return _kept(request.args[_KEPT], request.args.get("entity", ""))
        return _taken(arrived_by_redirect(request.query_string), request.query_string)
    except Refused as refused:
        return shown_to_the_person(refused.fault)


def start() -> AnyResponse:
    """Begin a login without a request (SAML Profiles 4.1.5), where the service's registration allows it."""
    outside = wait_outside()
    if outside is not None:
        return outside
    system = site().system
    with system.database.writing() as db:
        service = find_service_provider(db, system, request.args.get("entity", ""))
        fault = shut(service)
        if fault is None and service is not None and not service.options.idp_initiated:
            fault = Fault(rule="unasked", description="The service does not take logins that it did not ask for.")
        if fault is not None or service is None:
            return turned_away(fault or UNKNOWN, service)
        consumer = next(one for one in service.metadata.consumers if one.is_default)
        about_service(service.name_da, service.name_en, form_targets([consumer.location]))
        return enter(db, authn_request.unasked_login(service, consumer), message=request.query_string)


def posted() -> bytes:
    """Return the bytes of a form. Raises :class:`idp.saml.refusals.Refused` for anything else, and for more than we take."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused("not-a-form", "The body must be application/x-www-form-urlencoded.")
    if (request.content_length or 0) > LARGEST_FORM:
        raise Refused("too-large", f"The form is longer than {LARGEST_FORM} bytes.")
    request.max_content_length = LARGEST_FORM
    return request.get_data(cache=False)


UNKNOWN: Final = Fault(rule="issuer-unknown", description="There is no such service.", part="Issuer")


def _keep(arrived: Arrived) -> AnyResponse:
    """Keep a posted request that is good so far, and lead the browser to where its cookies are sent along."""
    system = site().system
    with system.database.writing() as db:
        service = find_service_provider(db, system, arrived.issuer or "")
        fault = shut(service)
        if fault is not None or service is None:
            return turned_away(fault or UNKNOWN, service)
        try:
            fault = untrusted_fault(_read(arrived, service))
        except Refused as refused:
            fault = refused.fault
        if fault is not None:
            return turned_away(fault, service)
        fields = {"SAMLRequest": b64encode(arrived.xml).decode()}
        if arrived.relay_state is not None:
            fields["RelayState"] = arrived.relay_state
        token = pushed_requests.put(db, system, Way.SAML, service_id=service.service_id, parameters=fields)
    return redirect(f"{PATH}?{urlencode({_KEPT: token, 'entity': service.entity_id})}", 303)


def _kept(token: str, entity_id: str) -> AnyResponse:
    """Take a request that waits here for the browser."""
    system, secret = site().system, new_browser_secret()
    with system.database.writing() as db:
        service = find_service_provider(db, system, entity_id)
        fault = shut(service)
        if fault is not None or service is None:
            return turned_away(fault or UNKNOWN, service)
        found = pushed_requests.open_(db, system, Way.SAML, token, service_id=service.service_id, browser=secret)
    if isinstance(found, Closed):
        return _seen_before(service)
    form = urlencode(dict(found.parameters)).encode()
    response = _taken(arrived_by_post(form), form)
    ensure_browser_secret(response)  # type: ignore[arg-type]
    return response


def _taken(arrived: Arrived, message: bytes) -> AnyResponse:
    """Take a request on to the login, once there is room."""
    outside = None if arrived.root.get("IsPassive") in _TRUE else wait_outside()
    if outside is not None:
        return outside
    system = site().system
    with system.database.writing() as db:
        came = provider_visit(db, system, entity_id=arrived.issuer or "", token=session_token())
        service = came.service
        fault = shut(service)
        if fault is not None or service is None:
            return turned_away(fault or UNKNOWN, service)
        try:
            return _entered(db, _read(arrived, service), arrived, message, came.session)
        except Refused as refused:
            return turned_away(refused.fault, service)


def _entered(db: Session, asked: Request, arrived: Arrived, message: bytes, session: LiveSession | None) -> Response:
    system, service = site().system, asked.service
    fault, consumer = untrusted_fault(asked), consumer_of(asked)
    if fault is not None or consumer is None:
        return turned_away(fault or UNKNOWN, service)
    until = asked.now + _REMEMBERED
    first = assertions.is_first(db, service, asked.message.id, until)
    if not first and not is_under_way(db, system, new_browser_secret(), message):
        return _seen_before(service)
    safe = Trusted(
        request=asked, consumer=consumer, relay_state=arrived.relay_state, nsis=system.settings.login.nsis_notified
    )
    fault = trusted_fault(safe)
    if fault is not None:
        return refuse(
            db, service, fault, consumer=consumer.location, request_id=asked.message.id, relay_state=arrived.relay_state
        )
    about_service(service.name_da, service.name_en, form_targets([consumer.location]))
    entering = login_request(safe)
    g.saml_service = service  # for the answer, if it comes at once
    subject = entering.reply_to["subject"]
    if session is not None and subject is not None and assertions.pairwise(system, session, service) not in subject:
        session = None  # so that the right one may log in
    return enter(db, entering, message=message, visit=Visit(client=None, session=session))


def _read(arrived: Arrived, service: ServiceProvider) -> Request:
    """Read the request and verify its signature. Raises :class:`idp.saml.refusals.Refused`."""
    system, metadata, options = site().system, service.metadata, service.options
    read = read_message(
        arrived,
        "AuthnRequest",
        certificates=metadata.signing_certificates,
        must_be_signed=demands_signed_requests(metadata, options),
    )
    return Request(
        message=read.message,
        signed=read.signed,
        service=service,
        here=f"{system.settings.site.issuer}{PATH}",
        now=system.now(),
    )


def shut(service: ServiceProvider | None) -> Fault | None:
    """Say why nobody may come from a service now."""
    if service is None:
        return UNKNOWN
    if service.disabled:
        return Fault(rule="service-disabled", description="The service is disabled.", part="Issuer")
    until = service.metadata_valid_until
    if until is not None and until <= site().system.now():
        return Fault(rule="metadata-over", description="The service's metadata is not valid any more.", part="Issuer")
    return None


_SHOWN: Final = {
    "issuer-unknown": (Reason.SERVICE_UNKNOWN, 400),
    "service-disabled": (Reason.SERVICE_DISABLED, 403),
    "metadata-over": (Reason.SERVICE_DISABLED, 403),
}


def turned_away(fault: Fault, service: ServiceProvider | None) -> Response:
    """Show the person why a service's message is not taken."""
    reason, status = _SHOWN.get(fault.rule, (Reason.SERVICE_REQUEST_WRONG, 400))
    return shown_to_the_person(fault, service, reason=reason, status=status)


def _seen_before(service: ServiceProvider) -> Response:
    """Say that a request has been used, with a way on (decision 18)."""
    return error_page(
        Reason.ATTEMPT_GONE,
        status=410,
        service_id=service.service_id,
        ways_on=way_to(service.options.initiate_login_uri),
    )
