"""How an authorization request reaches us (OpenID Connect Core 3.1.2.1 and 6): in an address, as a form, signed, or pushed.

However it came, its parameters then go through the same checks (:mod:`idp.oidc.core_3_1_2_authorization`) and on to the
login.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from idp.oidc.core_3_1_2_authorization import (
    PLAIN,
    Asked,
    Carried,
    login_request,
    trusted,
    trusted_fault,
    untrusted_fault,
)
from idp.oidc.parameters import Fault, Parameters, Unreadable, as_query, nothing_twice, raw_form, read
from idp.oidc.refusals import broken_rule, note_refusal
from idp.oidc.rfc9101_request_object import opened
from idp.oidc.rfc9207_issuer import see_other, with_error
from idp.oidc.rp_initiated_logout_1_0 import hint_claims
from idp.usecases import grants, pushed_requests
from idp.usecases.pushed_requests import Closed, Way
from idp.usecases.services import find_client
from idp.usecases.visits import Visit, visit
from idp.web.errors import error_page
from idp.web.headers import form_targets
from idp.web.login_pages import enter
from idp.web.page import about_service
from idp.web.session_cookie import ensure_browser_secret, new_browser_secret, session_token
from idp.web.site import site
from idp.web.waiting_room import wait_outside
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System

REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"
"""Before the secret part of a pushed request's address (RFC 9126 2.2)."""
LONGEST_ADDRESS: Final = 4096
"""Characters of an address that a posted request may become; proxies refuse those of eight kilobytes."""
_POSTED: Final = "skolepas_posted"
"""What an address carries in the place of a request that is kept here."""
_SHOWN: Final[Mapping[str, tuple[Reason, int]]] = {
    "invalid_client": (Reason.SERVICE_UNKNOWN, 400),
    "unauthorized_client": (Reason.SERVICE_DISABLED, 403),
}
"""What the person is told where nobody is sent on; anything else is a request that breaks a rule."""
_NO_CLIENT: Final = Fault("invalid_client", "There is no such client.", "client_id")


def authorize() -> Response:
    """Answer an authorization request."""
    try:
        raw = raw_form() if request.method == "POST" else request.query_string
        parameters = read(raw)
    except Unreadable as unreadable:
        return shown_to_the_person(Fault("invalid_request", str(unreadable)))
    if request.method == "POST":
        return _as_a_get(raw, parameters)
    if parameters[_POSTED] is not None:
        return _waiting(parameters, Way.POSTED, parameters[_POSTED] or "")
    if parameters["request"] is None and parameters["request_uri"] is None:
        return _taken(parameters, PLAIN, raw)
    return _closed(parameters, raw)


def asked_of(db: Session, system: System, parameters: Parameters, client: Client | None, carried: Carried) -> Asked:
    """Return a request for the checks."""
    hint = parameters["id_token_hint"]
    return Asked(
        parameters=parameters,
        client=client,
        now=system.now(),
        nsis=system.settings.login.nsis_notified,
        hint=hint_claims(db, system, hint) if hint is not None else None,
        carried=carried,
    )


def shown_to_the_person(fault: Fault, client: Client | None = None) -> Response:
    """Say what is wrong where nobody may be sent on; for the developer it stands folded, and is kept."""
    reason, status = _SHOWN.get(fault.error, (Reason.SERVICE_REQUEST_WRONG, 400))
    return error_page(
        reason,
        status=status,
        service_id=client.id if client else None,
        facts=broken_rule(fault),
        reference=note_refusal(fault, client.client_id if client else None),
    )


def already_used() -> Fault:
    """Return what a pushed request is refused with that has been answered."""
    return _not_open(Closed.USED)


def _as_a_get(raw: bytes, parameters: Parameters) -> Response:
    """Answer a POST with 303 to the same request as a GET: from another site it carries no cookie of ours (decision 17).

    One that is too long for an address is kept, and the address names it.
    """
    address = f"/oidc/authorize?{as_query(raw)}"
    if len(address) <= LONGEST_ADDRESS:
        return see_other(address)
    system, client_id = site().system, parameters["client_id"]
    with system.database.writing() as db:
        client = find_client(db, client_id) if client_id is not None else None
        fault = nothing_twice(parameters) or _unkept(asked_of(db, system, parameters, client, PLAIN))
        if fault is not None or client is None:
            return shown_to_the_person(fault or _NO_CLIENT, client)
        kept = pushed_requests.put(db, system, Way.POSTED, service_id=client.id, parameters=parameters.values)
    return see_other(f"/oidc/authorize?{as_query(f'client_id={client.client_id}&{_POSTED}={kept}'.encode())}")


def _unkept(asked: Asked) -> Fault | None:
    """Say why a request is not kept: nobody may fill our tables without a client that is there."""
    if asked.parameters["request"] is None:
        return untrusted_fault(asked)
    if asked.client is None:
        return _NO_CLIENT
    return Fault("unauthorized_client", "The client is disabled.", "client_id") if asked.client.disabled else None


def _closed(parameters: Parameters, raw: bytes) -> Response:
    """Open a request that is a signed object or a reference."""
    system, uri = site().system, parameters["request_uri"]
    client_id = parameters["client_id"]
    with system.database.reading() as db:
        client = find_client(db, client_id) if client_id is not None else None
    if client is None or client.disabled:
        return _taken(parameters, PLAIN, raw)  # which is refused
    if uri is not None and parameters["request"] is not None:
        return _refused(
            client, parameters, Fault("invalid_request", "request and request_uri exclude each other.", "request")
        )
    if uri is not None and not uri.startswith(REQUEST_URI):
        rule = "Only a request_uri that was given at our pushed authorization request endpoint is taken."
        return _refused(client, parameters, Fault("request_uri_not_supported", rule, "request_uri"))
    if uri is not None:
        return _waiting(parameters, Way.PUSHED, uri.removeprefix(REQUEST_URI))
    inside = opened(system, client, parameters)
    if isinstance(inside, Fault):
        return _refused(client, parameters, inside)
    return _taken(inside, Carried(signed=True), raw)


def _waiting(outside: Parameters, way: Way, token: str) -> Response:
    """Take a request that waits here for the browser. What stands in the address beside it says nothing (RFC 9101 6.3)."""
    system, secret = site().system, new_browser_secret()
    client_id = outside["client_id"]
    with system.database.writing() as db:
        came = _came(db, system, client_id)
        client = came.client if came else None
        if came is None or client is None or client.disabled:
            return _entered(db, outside, PLAIN, b"", came)  # which is refused
        found = pushed_requests.open_(db, system, way, token, service_id=client.id, browser=secret)
        if isinstance(found, Closed):
            return shown_to_the_person(_not_open(found), client)
        inside = Parameters(found.parameters)
        if way is Way.PUSHED:
            carried = Carried(pushed=True, signed=True, digest=found.digest, dpop_jkt=found.dpop_jkt)
            response = _entered(db, inside, carried, found.digest, came)
        elif inside["request"] is None:
            response = _entered(db, inside, PLAIN, found.digest, came)
        else:
            response = None
    if response is None:
        response = _closed(inside, found.digest)
    ensure_browser_secret(response)
    return response


def _taken(parameters: Parameters, carried: Carried, message: bytes) -> Response:
    """Take a request on to the login, once there is room."""
    outside = None if "none" in parameters.words("prompt") else wait_outside()
    if outside is not None:
        return outside
    system, client_id = site().system, parameters["client_id"]
    with system.database.writing() as db:
        came = _came(db, system, client_id)
        return _entered(db, parameters, carried, message, came)


def _came(db: Session, system: System, client_id: str | None) -> Visit | None:
    return visit(db, system, client_id=client_id, token=session_token()) if client_id is not None else None


def _entered(db: Session, parameters: Parameters, carried: Carried, message: bytes, came: Visit | None) -> Response:
    client = came.client if came else None
    asked = asked_of(db, site().system, parameters, client, carried)
    fault = untrusted_fault(asked)
    if fault is not None:
        return shown_to_the_person(fault, client)
    safe = trusted(asked)
    fault = trusted_fault(safe)
    if fault is not None:
        note_refusal(fault, parameters["client_id"])
        return with_error(safe.target, fault)
    about_service(safe.client.name_da, safe.client.name_en, form_targets([safe.redirect_uri]))
    entering = login_request(safe)
    return enter(db, entering, message=message, visit=_as_expected(came, entering.reply_to["subject"]))


def _as_expected(came: Visit | None, subject: str | None) -> Visit | None:
    """Return the visit without the session of somebody else than the request expects, so that the right one may log in."""
    if came is None or came.client is None or came.session is None or subject is None:
        return came
    here = grants.subject_of(site().system, sector=came.client.sector, uniid=came.session.uniid)
    return came if here == subject else Visit(client=came.client, session=None)


def _refused(client: Client, outside: Parameters, fault: Fault) -> Response:
    """Refuse a request that could not be opened: to the service where the address outside is one it registered."""
    asked = Asked(parameters=outside, client=client, now=site().system.now())
    if untrusted_fault(asked) is not None:
        return shown_to_the_person(fault, client)
    note_refusal(fault, client.client_id)
    return with_error(trusted(asked).target, fault)


def _not_open(closed: Closed) -> Fault:
    return Fault("invalid_request_uri", f"The request_uri {closed}.", "request_uri")
