"""Single logout through the browser (SAML Profiles 4.4): Redirect and POST, signed both ways.

The session ends first, whatever comes after. Then the browser goes to each service that only it can tell, one after the other, by
way of a page of ours that asks whether the service is there: a dead one is passed over. Whoever asked is answered last, with what
became of it: ``Success`` alone when every service is known to have logged the person out, else with ``PartialLogout`` below it.
Services that can be told without a browser are told by the worker, OpenID Connect's by their own ways.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import make_response, redirect, request

from idp.saml.bindings_3_4_send_redirect import redirect_to
from idp.saml.bindings_3_5_send_post import post_form
from idp.saml.core_3_2_1_requests import SKEW
from idp.saml.core_3_3_3_response import REQUESTER, Status
from idp.saml.core_3_7_logout import is_done, read_logout
from idp.saml.intake import arrived_by_post, arrived_by_redirect
from idp.saml.logout_messages import UNKNOWN_PRINCIPAL, request_to, response_to, status_of
from idp.saml.profiles_4_1_web_sso import UNKNOWN, posted, shut, turned_away
from idp.saml.protection import signer_for
from idp.saml.refusals import Refused
from idp.usecases import assertions, saml_logout
from idp.usecases.known_service_providers import find_service_provider, service_provider_with_id
from idp.usecases.logout import farewell, log_out
from idp.usecases.logout_notices import find_participant
from idp.usecases.saml_keys import saml_key_ring
from idp.usecases.service_providers import POST, REDIRECT, Profile
from idp.web.errors import error_page
from idp.web.headers import allow_asking, form_targets
from idp.web.i18n import current_language
from idp.web.logged_out import GoOn, farewell_of_this_browser, logged_out_page
from idp.web.page import about_service, page
from idp.web.session_cookie import current_session, leave_session
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from idp.saml.intake import Arrived
    from idp.usecases.logout_notices import Participant
    from idp.usecases.saml_logout import Logout
    from idp.usecases.service_providers import ServiceProvider

PATH: Final = "/saml/slo"
ON: Final = "/saml/slo/on"
ANSWER: Final = "/saml/slo/answer"


def slo() -> AnyResponse:
    """Take a logout message that a browser brings."""
    try:
        arrived = arrived_by_post(posted()) if request.method == "POST" else arrived_by_redirect(request.query_string)
        return _asked(arrived) if arrived.kind == "SAMLRequest" else _answered(arrived)
    except Refused as refused:
        return turned_away(refused.fault, None)


def leave(db: Session, sessions: Sequence[int], then: str) -> Response | None:
    """Begin to tell the services of sessions that have just ended, and come back to ``then``; None where nobody needs it."""
    system = site().system
    if not saml_logout.has_any(db, system, sessions):
        return None
    return _to_on(saml_logout.begin(db, system, sessions, service_id=None, reply_to={"then": then}))


def on() -> AnyResponse:
    """Show the step at which a logout is, or answer whoever asked."""
    system = site().system
    with system.database.writing() as db:
        logout = saml_logout.find(db, system, request.args.get("logout", ""))
        if logout is None or logout.finished:
            return logged_out_page(farewell_of_this_browser(db))
        one = saml_logout.awaited(db, system, logout) or next(iter(saml_logout.waiting(db, system, logout)), None)
        if one is None:
            return _told_all(db, logout)
        if one.id not in logout.steps:
            logout = saml_logout.ask(db, logout, one)
        return _step(db, logout, one)


def on_without() -> AnyResponse:
    """Go on without the service that does not answer."""
    system = site().system
    with system.database.writing() as db:
        logout = saml_logout.find(db, system, request.form.get("logout", ""))
        number = request.form.get("without", "")
        if logout is not None and number.isascii() and number.isdigit():
            saml_logout.settle(db, system, logout, int(number), told=False)
    return _to_on(logout) if logout is not None else redirect("/logout", 303)


def answer() -> AnyResponse:
    """Answer the service that asked, once."""
    system = site().system
    with system.database.writing() as db:
        logout = saml_logout.find(db, system, request.args.get("logout", ""))
        if logout is None or logout.finished or "location" not in logout.reply_to:
            return logged_out_page(farewell_of_this_browser(db))
        return _answer(db, logout)


def _asked(arrived: Arrived) -> AnyResponse:
    """End the sessions that a service's signed request names, and begin to tell the others."""
    system = site().system
    with system.database.writing() as db:
        service = find_service_provider(db, system, arrived.issuer or "")
        fault = shut(service)
        if fault is not None or service is None:
            return turned_away(fault or UNKNOWN, service)
        try:
            message = read_logout(arrived, "LogoutRequest", service, here=_here(), now=system.now())
        except Refused as refused:
            return turned_away(refused.fault, service)
        if not assertions.is_first(db, service, message.id, system.now() + 2 * SKEW):
            return error_page(Reason.ATTEMPT_GONE, status=410, service_id=service.service_id)
        here = current_session(db)
        ended = end_named(db, service, message)
        reply_to = _reply_to(service, arrived, message.id)
        if not ended:
            return _respond(db, service, reply_to, Status(code=REQUESTER, second=UNKNOWN_PRINCIPAL))
        logout = saml_logout.begin(db, system, ended, service_id=service.service_id, reply_to=reply_to)
        response = _to_on(logout)
        if here is not None and here.id in ended:
            leave_session(response)
        return response


def end_named(db: Session, service: ServiceProvider, message: Any) -> list[int]:  # noqa: ANN401 (pysaml2 has no types)
    """End the sessions that a LogoutRequest names, and return all of them, those that had ended before too."""
    indexes = [one.text.strip() for one in message.session_index if one.text]
    found = saml_logout.sessions_of(db, service.service_id, message.name_id.text.strip(), indexes)
    for session_id, _ in found:
        log_out(db, site().system, session_id, service_id=service.service_id)
    return [session_id for session_id, _ in found]


def _answered(arrived: Arrived) -> AnyResponse:
    """Take a service's answer to a request of ours; one that nobody asked for is refused."""
    system = site().system
    with system.database.writing() as db:
        named = saml_logout.answered_by(arrived.root.get("InResponseTo") or "")
        logout = saml_logout.find(db, system, named[0]) if named else None
        one = find_participant(db, system, named[1]) if named and logout and named[1] in logout.steps else None
        if named is None or logout is None or one is None or one.provider is None:
            raise Refused("unsolicited", "The response answers no request of ours.", "InResponseTo")
        if arrived.issuer != one.identifier:
            raise Refused("issuer-wrong", "The response is not from the service that was asked.", "Issuer")
        message = read_logout(arrived, "LogoutResponse", one.provider, here=_here(), now=system.now())
        saml_logout.settle(db, system, logout, one.id, told=is_done(message))
        return _to_on(logout)


def _step(db: Session, logout: Logout, one: Participant) -> Response:
    """Show the page that sends the browser to one service, if it is there."""
    endpoint, service = one.browser_endpoint, one.provider
    if endpoint is None or service is None:
        raise AssertionError("only services that a browser can tell are waited for")
    signer = signer_for(service, saml_key_ring(db, site().system))
    by_redirect = endpoint.binding == REDIRECT
    message = request_to(
        site().system,
        one,
        destination=endpoint.location,
        identifier=logout.request_id(one.id),
        signer=None if by_redirect else signer,
    )
    name = one.name_en if current_language() == "en" else one.name_da
    allow_asking([endpoint.location])
    about_service(one.name_da, one.name_en, form_targets([endpoint.location]))
    sent: dict[str, Any] = {
        "address": redirect_to(endpoint.location, "SAMLRequest", message, relay_state=None, signer=signer)
        if by_redirect
        else endpoint.location,
        "fields": {} if by_redirect else {"SAMLRequest": b64encode(message).decode()},
    }
    return page(
        "saml_logout.html",
        service=name,
        probe=_probe(endpoint.location),
        on_url=ON,
        logout=logout.handle,
        without=one.id,
        **sent,
    )


def _told_all(db: Session, logout: Logout) -> AnyResponse:
    """Go on to whoever asked, or show first what the page after a logout has to do or to say."""
    system = site().system
    if "then" in logout.reply_to:
        saml_logout.finish(db, system, logout)
        return redirect(str(logout.reply_to["then"]), 303)
    left = farewell(db, system, logout.sessions[0])
    if "location" in logout.reply_to and not (left.frames or left.leaves_something_to_do):
        return _answer(db, logout)
    service = service_provider_with_id(db, system, logout.service_id) if logout.service_id is not None else None
    go_on = None
    if service is not None and "location" in logout.reply_to:
        go_on = GoOn(
            address=f"{ANSWER}?{urlencode({'logout': logout.handle})}",
            service_name=service.name_en if current_language() == "en" else service.name_da,
            by_itself=not left.leaves_something_to_do,
        )
    return logged_out_page(left, go_on=go_on)


def _answer(db: Session, logout: Logout) -> AnyResponse:
    system = site().system
    service = service_provider_with_id(db, system, logout.service_id) if logout.service_id is not None else None
    if service is None:
        return logged_out_page(farewell_of_this_browser(db))
    status = status_of(db, system, logout.sessions)
    saml_logout.finish(db, system, logout)
    return _respond(db, service, dict(logout.reply_to), status)


def _respond(db: Session, service: ServiceProvider, reply_to: dict[str, Any], status: Status) -> AnyResponse:
    """Send the LogoutResponse; to a service without an address for it, show that the person is logged out."""
    system = site().system
    if "location" not in reply_to:
        return logged_out_page(farewell_of_this_browser(db))
    signer, by_redirect = signer_for(service, saml_key_ring(db, system)), reply_to["binding"] == REDIRECT
    message = response_to(
        system,
        status,
        destination=reply_to["location"],
        request_id=reply_to["request_id"],
        signer=None if by_redirect else signer,
    )
    state = reply_to["relay_state"]
    if by_redirect:
        address = redirect_to(reply_to["location"], "SAMLResponse", message, relay_state=state, signer=signer)
        return redirect(address, 303)
    return post_form(reply_to["location"], "SAMLResponse", message, relay_state=state)


def _reply_to(service: ServiceProvider, arrived: Arrived, request_id: str) -> dict[str, Any]:
    """Return how a service is answered: by the binding that it used, where it can be, else by another.

    One of a federation is answered by Redirect, however it asked (saml2int SDP-IDP28), unless it takes posts alone.
    """
    known = service.metadata.logout
    first = REDIRECT if service.options.profile is Profile.SAML2INT else arrived.binding
    endpoint = next((one for binding in (first, REDIRECT, POST) for one in known if one.binding == binding), None)
    if endpoint is None:
        return {}
    return {
        "binding": endpoint.binding,
        "location": endpoint.response_location or endpoint.location,
        "request_id": request_id,
        "relay_state": arrived.relay_state,
    }


def _to_on(logout: Logout) -> Response:
    return make_response(redirect(f"{ON}?{urlencode({'logout': logout.handle})}", 303))


def _probe(location: str) -> str:
    """Return what a page asks for to see whether a service is there: the smallest file that nearly every site has."""
    scheme, _, rest = location.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/favicon.ico"


def _here() -> str:
    return f"{site().system.settings.site.issuer}{PATH}"
