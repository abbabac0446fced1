"""Logging out from a service (OpenID Connect RP-Initiated Logout 1.0).

With an ID Token of ours for the session of this browser the session ends at once, and the browser goes to the address
that the client registered, character for character. Without one the person is asked first, and nobody is sent anywhere.
A browser without a session has nothing to end: whoever only got hold of an ID Token ends nobody's session elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import request
from flask_babel import gettext as _

from idp.oidc.parameters import Fault, Parameters, Unreadable, as_query, nothing_twice, raw_form, read
from idp.oidc.refusals import broken_rule, note_refusal
from idp.oidc.rfc9207_issuer import see_other, with_parameters
from idp.outside.jose import BadToken, verify
from idp.usecases.logout import log_out, told_session
from idp.usecases.services import find_client
from idp.usecases.signing_keys import key_ring
from idp.web.errors import error_page
from idp.web.page import page
from idp.web.session_cookie import clear_session_cookie, current_session, forget_what_was_seen
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A logout request. ``hint`` holds the claims of a verified ``id_token_hint``, expired or not."""

    parameters: Parameters
    hint: Mapping[str, Any] | None
    client: Client | None


def hint_claims(db: Session, system: System, token: str) -> Mapping[str, Any] | None:
    """Return the claims of an ID Token that we once signed, however old; None when we did not."""
    try:
        claims = verify(token, key_ring(db, system).ever)
    except BadToken:
        return None
    texts = all(isinstance(claims.get(name), str) for name in ("sub", "aud", "sid"))
    return claims if texts and claims.get("iss") == system.settings.site.issuer else None


def _nothing_comes_twice(asked: Asked) -> Fault | None:
    return nothing_twice(asked.parameters)


def _hint_is_ours(asked: Asked) -> Fault | None:
    if asked.parameters["id_token_hint"] is not None and asked.hint is None:
        return Fault("invalid_request", "id_token_hint is not an ID Token of ours.", "id_token_hint")
    return None


def _client_is_the_hints(asked: Asked) -> Fault | None:
    named = asked.parameters["client_id"]
    if asked.hint is not None and named not in {None, asked.hint["aud"]}:
        return Fault("invalid_request", "client_id is another than in id_token_hint.", "client_id")
    return None


def _address_is_registered(asked: Asked) -> Fault | None:
    address = asked.parameters["post_logout_redirect_uri"]
    if address is None or asked.client is None:
        return None
    if asked.client.disabled or address not in asked.client.post_logout_redirect_uris:
        return Fault("invalid_request", "post_logout_redirect_uri is not registered.", "post_logout_redirect_uri")
    return None


CHECKS: Final[tuple[Callable[[Asked], Fault | None], ...]] = (
    _nothing_comes_twice,
    _hint_is_ours,
    _client_is_the_hints,
    _address_is_registered,
)
"""A fault is shown to the person; nobody is ever sent on with it."""


def logout() -> Response:
    """Answer a logout request; a POST becomes the same GET, for it may come without our cookie (decision 17)."""
    try:
        raw = raw_form() if request.method == "POST" else request.query_string
        parameters = read(raw)
    except Unreadable as unreadable:
        return _shown(Fault("invalid_request", str(unreadable)))
    if request.method == "POST":
        return see_other(f"/oidc/logout?{as_query(raw)}")
    system = site().system
    with system.database.writing() as db:
        hint = parameters["id_token_hint"]
        claims = hint_claims(db, system, hint) if hint is not None else None
        client_id = claims["aud"] if claims else parameters["client_id"]
        asked = Asked(
            parameters=parameters,
            hint=claims,
            client=find_client(db, client_id) if client_id is not None else None,
        )
        fault = next((fault for check in CHECKS if (fault := check(asked)) is not None), None)
        if fault is not None:
            return _shown(fault, asked.client)
        return _logged_out(db, system, asked)


def confirm_logout() -> Response:
    """End this browser's session after the person has said so. A form on another site cannot (:mod:`idp.web.origin`)."""
    system = site().system
    with system.database.writing() as db:
        session = current_session(db)
        if session is not None:
            log_out(db, system, session.id, service_id=None)
    response = see_other("/oidc/logout")  # a page that a reload or another language shows again
    clear_session_cookie(response)
    forget_what_was_seen(response)
    return response


def _logged_out(db: Session, system: System, asked: Asked) -> Response:
    here = current_session(db)
    told = None
    if asked.hint is not None and asked.client is not None:
        told = told_session(db, service_id=asked.client.id, subject=asked.hint["sub"], sid=asked.hint["sid"])
    if here is not None and (told is None or told != here.id):
        return page("confirm_sign_out.html", username=None, action="/oidc/logout/confirm", stay_url="/")
    if here is not None and asked.client is not None:
        log_out(db, system, here.id, service_id=asked.client.id)
    address = asked.parameters["post_logout_redirect_uri"]
    if asked.hint is None or address is None or asked.client is None:
        return _signed_out()
    response = see_other(with_parameters(address, {"state": asked.parameters["state"]}))
    clear_session_cookie(response)
    forget_what_was_seen(response)
    return response


def _signed_out() -> Response:
    response = page("signed_out.html", ways_on=[(_("Go to the front page"), "/")])
    clear_session_cookie(response)
    forget_what_was_seen(response)
    return response


def _shown(fault: Fault, client: Client | None = None) -> Response:
    return error_page(
        Reason.SERVICE_REQUEST_WRONG,
        status=400,
        explanation=_(
            "The service asked us to log you out in a way that we cannot trust. You can log out here yourself."
        ),
        ways_on=[(_("Log out"), "/oidc/logout")],
        service_id=client.id if client else None,
        facts=broken_rule(fault),
        reference=note_refusal(fault, client.client_id if client else None),
    )
