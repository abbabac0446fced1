"""The addresses, and how the authorization endpoint meets the login: a request goes in, an outcome comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from idp.login import consent
from idp.login.outcome import LoggedIn, NotLoggedIn
from idp.oidc import rfc7591_registration
from idp.oidc.core_3_1_2_authorization import Asked, login_request, trusted, trusted_fault, untrusted_fault
from idp.oidc.core_5_3_userinfo import userinfo
from idp.oidc.discovery_1_0_3_metadata import discovery
from idp.oidc.parameters import Fault, Parameters, Unreadable, as_query, raw_form, read
from idp.oidc.refusals import broken_rule, note_refusal
from idp.oidc.rfc6749_3_2_token_endpoint import token
from idp.oidc.rfc7009_revocation import revoke
from idp.oidc.rfc7517_jwks import jwks
from idp.oidc.rfc7591_registration import register
from idp.oidc.rfc7592_management import manage
from idp.oidc.rfc7662_introspection import introspect
from idp.oidc.rfc8628_device import (
    KIND,
    answer_device,
    device,
    device_allowed,
    device_authorization,
    device_refused,
    device_too_late,
    post_device,
)
from idp.oidc.rfc9207_issuer import Target, see_other, with_code, with_error
from idp.oidc.rp_initiated_logout_1_0 import confirm_logout, hint_claims, logout
from idp.usecases import grants
from idp.usecases.services import find_client
from idp.usecases.visits import visit
from idp.web.errors import error_page
from idp.web.headers import form_targets
from idp.web.login_pages import enter
from idp.web.origin import taken_from_anywhere
from idp.web.page import about_service
from idp.web.session_cookie import session_token
from idp.web.site import site
from idp.web.waiting_room import wait_outside
from policies.assurance import assurance_of
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.usecases.services import Client
    from idp.usecases.sessions import LiveSession

_ERRORS: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.PAGE_NEEDED: ("login_required", "Nobody is logged in as the request demands."),
    Reason.ANOTHER_PERSON_EXPECTED: ("login_required", "Somebody else is logged in than the request expects."),
    Reason.ASSURANCE_NOT_AVAILABLE: ("unmet_authentication_requirements", "The level cannot be reached."),
    Reason.ASSURANCE_UNKNOWN: ("unmet_authentication_requirements", "The level is not known here."),
    Reason.CONSENT_NEEDED: ("consent_required", "The person has not allowed it, and no page may be shown."),
    Reason.CONSENT_REFUSED: ("access_denied", "The person did not allow it."),
    Reason.LICENCE_MISSING: ("access_denied", "None of the person's institutions has a licence."),
}
"""What the service is told; anything else is ``access_denied`` without a reason (OpenID Connect Core 3.1.2.6)."""

_SHOWN: Final[Mapping[str, tuple[Reason, int]]] = {
    "invalid_client": (Reason.SERVICE_UNKNOWN, 400),
    "unauthorized_client": (Reason.SERVICE_DISABLED, 403),
}
"""What the person is told where nobody is sent on; anything else is a request that breaks a rule."""

_IN_SILENCE: Final[Mapping[Step | None, tuple[str, str]]] = {
    Step.STILL_YOU: ("account_selection_required", "On a shared device the person says who they are."),
    Step.ENROL_FACTOR: ("interaction_required", "The person must enrol a second factor first."),
}
"""What ``prompt=none`` is told, by the step that would need a page; for any other somebody must log in."""


def oidc_blueprint() -> Blueprint:
    """Return every endpoint. None of them takes a CSRF token: the protocol has its own defences."""
    blueprint = Blueprint("oidc", __name__)
    blueprint.add_url_rule("/.well-known/openid-configuration", view_func=discovery, methods=["GET"])
    blueprint.add_url_rule("/oidc/jwks", view_func=jwks, methods=["GET"])
    for from_services in (authorize, token, userinfo, introspect, revoke, logout, register, manage):
        taken_from_anywhere(from_services)
    blueprint.add_url_rule("/oidc/authorize", view_func=authorize, methods=["GET", "POST"])
    blueprint.add_url_rule("/oidc/token", view_func=token, methods=["POST"])
    blueprint.add_url_rule("/oidc/userinfo", view_func=userinfo, methods=["GET", "POST"])
    blueprint.add_url_rule("/oidc/introspect", view_func=introspect, methods=["POST"])
    blueprint.add_url_rule("/oidc/revoke", view_func=revoke, methods=["POST"])
    blueprint.add_url_rule("/oidc/logout", view_func=logout, methods=["GET", "POST"])
    blueprint.add_url_rule("/oidc/logout/confirm", view_func=confirm_logout, methods=["POST"])
    blueprint.add_url_rule(rfc7591_registration.PATH, view_func=register, methods=["POST"])
    blueprint.add_url_rule(
        f"{rfc7591_registration.PATH}/<client_id>", view_func=manage, methods=["GET", "PUT", "DELETE"]
    )
    taken_from_anywhere(device_authorization)
    blueprint.add_url_rule("/oidc/device_authorization", view_func=device_authorization, methods=["POST"])
    blueprint.add_url_rule("/device", view_func=device, methods=["GET"])
    blueprint.add_url_rule("/device", view_func=post_device, methods=["POST"])
    blueprint.add_url_rule("/device/allowed", view_func=device_allowed, methods=["GET"])
    blueprint.add_url_rule("/device/refused", view_func=device_refused, methods=["GET"])
    blueprint.add_url_rule("/device/too-late", view_func=device_too_late, methods=["GET"])
    return blueprint


def authorize() -> ResponseReturnValue:
    """Answer an authorization request.

    A POST from another site carries no cookie of ours, so it is answered 303 to the same request as a GET (decision 17).
    """
    try:
        raw = raw_form() if request.method == "POST" else request.query_string
        parameters = read(raw)
    except Unreadable as unreadable:
        return _shown_to_the_person(Fault("invalid_request", str(unreadable)))
    if request.method == "POST":
        return see_other(f"/oidc/authorize?{as_query(raw)}")
    outside = None if "none" in parameters.words("prompt") else wait_outside()
    if outside is not None:
        return outside
    system = site().system
    with system.database.writing() as db:
        return _entered(db, parameters, raw)


def answer(db: Session, asked: LoginRequest, outcome: LoginOutcome) -> ResponseReturnValue:
    """Turn a finished login into the answer to the service: a code, or an error."""
    reply = asked.reply_to
    if reply.get("kind") == KIND:
        return answer_device(db, asked, outcome)
    if not isinstance(outcome, LoggedIn):
        return _not_logged_in(db, asked, outcome)
    system, session = site().system, outcome.session
    subject = grants.subject_of(system, sector=reply["sector"], uniid=session.uniid)
    if reply["subject"] is not None and reply["subject"] != subject:
        return _not_logged_in(db, asked, NotLoggedIn(reason=Reason.ANOTHER_PERSON_EXPECTED))
    if not _level_is_kept(asked, session):
        return _not_logged_in(db, asked, NotLoggedIn(reason=Reason.ASSURANCE_NOT_AVAILABLE))
    if reply["requires_licence"] and grants.licence_missing(db, system, session, asked.service_id):
        if reply["missing_licence_url"]:
            return see_other(reply["missing_licence_url"])
        return _not_logged_in(db, asked, NotLoggedIn(reason=Reason.LICENCE_MISSING))
    if not consent.holds(db, system, asked, session):  # taken back since the person pressed the button
        return _not_logged_in(db, asked, NotLoggedIn(reason=Reason.CONSENT_NEEDED))
    code = grants.begin_grant(db, system, session, _code_request(asked, reply))
    if code is None:
        return error_page(Reason.SERVICE_DISABLED, status=403, service_id=asked.service_id)
    return with_code(_target(reply), code=code)


def _entered(db: Session, parameters: Parameters, raw: bytes) -> ResponseReturnValue:
    system = site().system
    client_id = parameters["client_id"]
    hint = parameters["id_token_hint"]
    came = visit(db, system, client_id=client_id, token=session_token()) if client_id is not None else None
    asked = Asked(
        parameters=parameters,
        client=came.client if came else None,
        now=system.now(),
        hint=hint_claims(db, system, hint) if hint is not None else None,
    )
    fault = untrusted_fault(asked)
    if fault is not None:
        return _shown_to_the_person(fault, asked.client)
    safe = trusted(asked)
    fault = trusted_fault(safe)
    if fault is not None:
        note_refusal(fault, client_id)
        return with_error(safe.target, fault)
    about_service(safe.client.name_da, safe.client.name_en, form_targets([safe.redirect_uri]))
    return enter(db, login_request(safe), message=raw, visit=came)


def _shown_to_the_person(fault: Fault, client: Client | None = None) -> Response:
    """Say what is wrong where nobody may be sent on; for the developer it stands folded, and is kept."""
    reason, status = _SHOWN.get(fault.error, (Reason.SERVICE_REQUEST_WRONG, 400))
    return error_page(
        reason,
        status=status,
        service_id=client.id if client else None,
        facts=broken_rule(fault),
        reference=note_refusal(fault, client.client_id if client else None),
    )


def _not_logged_in(db: Session, asked: LoginRequest, outcome: NotLoggedIn) -> ResponseReturnValue:
    reply = asked.reply_to
    client = find_client(db, reply["client_id"])
    if client is None or client.disabled or reply["redirect_uri"] not in client.redirect_uris:
        return error_page(Reason.SERVICE_DISABLED, status=403, service_id=asked.service_id)
    told = _ERRORS.get(outcome.reason, ("access_denied", "The person was not logged in."))
    error, description = _IN_SILENCE.get(outcome.needed, told)
    return with_error(_target(reply), Fault(error, description))


def _level_is_kept(asked: LoginRequest, session: LiveSession) -> bool:
    """Say whether the level that would be told is one that the service insists on, if it does (Core 5.5.1.1)."""
    essential = asked.reply_to.get("essential_levels", [])
    return not essential or assurance_of([proven.factor for proven in session.factors], asked.assurance) in essential


def _target(reply: Mapping[str, Any]) -> Target:
    return Target(redirect_uri=reply["redirect_uri"], state=reply["state"], mode=reply.get("response_mode", "query"))


def _code_request(asked: LoginRequest, reply: Mapping[str, Any]) -> grants.CodeRequest:
    return grants.CodeRequest(
        service_id=asked.service_id,
        sector=reply["sector"],
        redirect_uri=reply["redirect_uri"],
        scope=reply["scope"],
        nonce=reply["nonce"],
        code_challenge=reply["code_challenge"],
        wanted=asked.assurance,
        acr_asked=reply["acr_asked"],
        claims_request=reply.get("claims_request", {}),
    )
