"""The addresses, and how a login that is over becomes the answer to the service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint

from idp.login import consent
from idp.login.outcome import LoggedIn, NotLoggedIn
from idp.oidc import rfc7591_registration
from idp.oidc.core_3_1_2_1_request import already_used, authorize, shown_to_the_person
from idp.oidc.core_5_3_userinfo import userinfo
from idp.oidc.discovery_1_0_3_metadata import discovery
from idp.oidc.parameters import Fault
from idp.oidc.refusals import not_posted, note_refusal
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
from idp.oidc.rfc9126_par import par
from idp.oidc.rfc9207_issuer import Target, see_other, with_code, with_error
from idp.oidc.rp_initiated_logout_1_0 import confirm_logout, logout
from idp.usecases import grants, pushed_requests
from idp.usecases.services import find_client
from idp.web.errors import error_page
from idp.web.origin import taken_from_anywhere
from idp.web.site import site
from policies.assurance import assurance_of
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.usecases.sessions import LiveSession

_UNMET: Final = "unmet_authentication_requirements"
_ERRORS: Final[Mapping[Reason, Fault]] = {
    Reason.PAGE_NEEDED: Fault("login_required", "Nobody is logged in as the request demands.", "prompt"),
    Reason.ANOTHER_PERSON_EXPECTED: Fault("login_required", "Somebody else is logged in than the request expects."),
    Reason.ASSURANCE_NOT_AVAILABLE: Fault(_UNMET, "The level cannot be reached.", "acr_values"),
    Reason.ASSURANCE_UNKNOWN: Fault(_UNMET, "The level is not known here.", "acr_values"),
    Reason.CONSENT_NEEDED: Fault(
        "consent_required", "The person has not allowed it, and no page may be shown.", "prompt"
    ),
    Reason.CONSENT_REFUSED: Fault("access_denied", "The person did not allow it."),
    Reason.LICENCE_MISSING: Fault("access_denied", "None of the person's institutions has a licence."),
}
"""What the service is told; anything else is ``access_denied`` without a reason (OpenID Connect Core 3.1.2.6)."""
_DENIED: Final = Fault("access_denied", "The person was not logged in.")

_IN_SILENCE: Final[Mapping[Step | None, Fault]] = {
    Step.STILL_YOU: Fault("account_selection_required", "On a shared device the person says who they are.", "prompt"),
    Step.STEP_UP: Fault("interaction_required", "An adult must vouch for the pupil first.", "prompt"),
    Step.ENROL_FACTOR: Fault("interaction_required", "The person must enrol a second factor first.", "prompt"),
}
"""What ``prompt=none`` is told, by the step that would need a page; for any other somebody must log in."""

_POSTED_TO: Final[Mapping[str, Callable[[], Response]]] = {
    "/oidc/par": par,
    "/oidc/token": token,
    "/oidc/introspect": introspect,
    "/oidc/revoke": revoke,
    "/oidc/device_authorization": device_authorization,
    rfc7591_registration.PATH: register,
}
"""What services post to by themselves."""
_ANY_OTHER: Final = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS")


def oidc_blueprint() -> Blueprint:
    """Return every endpoint. None of them takes a CSRF token: the protocol has its own defences."""
    blueprint = Blueprint("oidc", __name__)
    blueprint.add_url_rule("/.well-known/openid-configuration", view_func=discovery, methods=["GET"])
    blueprint.add_url_rule("/.well-known/oauth-authorization-server", view_func=discovery, methods=["GET"])
    blueprint.add_url_rule("/oidc/jwks", view_func=jwks, methods=["GET"])
    for from_services in (authorize, userinfo, logout, manage, not_posted):
        taken_from_anywhere(from_services)
    for path, view in _POSTED_TO.items():
        blueprint.add_url_rule(
            path, view_func=taken_from_anywhere(view), methods=["POST"], provide_automatic_options=False
        )
        blueprint.add_url_rule(path, view_func=not_posted, methods=_ANY_OTHER, provide_automatic_options=False)
    blueprint.add_url_rule("/oidc/authorize", view_func=authorize, methods=["GET", "POST"])
    blueprint.add_url_rule("/oidc/userinfo", view_func=userinfo, methods=["GET", "POST"])
    blueprint.add_url_rule("/oidc/logout", view_func=logout, methods=["GET", "POST"])
    blueprint.add_url_rule("/oidc/logout/confirm", view_func=confirm_logout, methods=["POST"])
    blueprint.add_url_rule(
        f"{rfc7591_registration.PATH}/<client_id>", view_func=manage, methods=["GET", "PUT", "DELETE"]
    )
    blueprint.add_url_rule("/device", view_func=device, methods=["GET"])
    blueprint.add_url_rule("/device", view_func=post_device, methods=["POST"])
    blueprint.add_url_rule("/device/allowed", view_func=device_allowed, methods=["GET"])
    blueprint.add_url_rule("/device/refused", view_func=device_refused, methods=["GET"])
    blueprint.add_url_rule("/device/too-late", view_func=device_too_late, methods=["GET"])
    return blueprint


def answer(db: Session, asked: LoginRequest, outcome: LoginOutcome) -> ResponseReturnValue:
    """Turn a finished login into the answer to the service: a code, or an error."""
    reply = asked.reply_to
    if reply.get("kind") == KIND:
        return answer_device(db, asked, outcome)
    pushed = reply.get("pushed")
    if pushed is not None and not pushed_requests.use(db, site().system, bytes.fromhex(pushed)):
        return shown_to_the_person(already_used(), find_client(db, reply["client_id"]))
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
    consented = consent.bounds(db, system, asked, session)
    if consented is None:  # taken back since the person pressed the button
        return _not_logged_in(db, asked, NotLoggedIn(reason=Reason.CONSENT_NEEDED))
    code = grants.begin_grant(db, system, session, _code_request(asked, reply, consented))
    if code is None:
        return error_page(Reason.SERVICE_DISABLED, status=403, service_id=asked.service_id)
    return with_code(_target(reply), code=code)


def _not_logged_in(db: Session, asked: LoginRequest, outcome: NotLoggedIn) -> ResponseReturnValue:
    reply = asked.reply_to
    client = find_client(db, reply["client_id"])
    if client is None or client.disabled or reply["redirect_uri"] not in client.redirect_uris:
        return error_page(Reason.SERVICE_DISABLED, status=403, service_id=asked.service_id)
    told = _IN_SILENCE.get(outcome.needed, _ERRORS.get(outcome.reason, _DENIED))
    if told.error == _UNMET:
        told = replace(told, parameter=reply.get("level_from"))
        note_refusal(told, client.client_id)
    return with_error(_target(reply), told)


def _level_is_kept(asked: LoginRequest, session: LiveSession) -> bool:
    """Say whether the level that would be told is one that the service insists on, if it does (Core 5.5.1.1)."""
    essential = asked.reply_to.get("essential_levels", [])
    return not essential or assurance_of([proven.factor for proven in session.factors], asked.assurance) in essential


def _target(reply: Mapping[str, Any]) -> Target:
    return Target(redirect_uri=reply["redirect_uri"], state=reply["state"], mode=reply.get("response_mode", "query"))


def _code_request(asked: LoginRequest, reply: Mapping[str, Any], consented: Mapping[str, Any]) -> grants.CodeRequest:
    return grants.CodeRequest(
        service_id=asked.service_id,
        sector=reply["sector"],
        redirect_uri=reply["redirect_uri"],
        scope=reply["scope"],
        nonce=reply["nonce"],
        code_challenge=reply["code_challenge"],
        wanted=asked.assurance,
        acr_asked=reply["acr_asked"],
        claims_request={**reply.get("claims_request", {}), **consented},
        dpop_jkt=reply.get("dpop_jkt"),
    )
