"""Logging out from a service (OpenID Connect RP-Initiated Logout 1.0).

With an ID Token of ours for the session of this browser the session ends at once, and the browser goes to the address
that the client registered, character for character. Without one the person is asked first, and nobody is sent anywhere: a
service that at least named itself gets a link on the last page. A browser without a session has nothing to end: whoever only
got hold of an ID Token ends nobody's session elsewhere.

Before the browser goes on, the page of :mod:`idp.web.logged_out` is shown where it has work to do (frames that tell services)
or something to say (a service that cannot be told). ``logout_hint`` decides nothing: only this browser's session can end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import request
from flask_babel import gettext as _

from idp.oidc.parameters import Fault, Parameters, Unreadable, as_query, first_broken, nothing_twice, raw_form, read
from idp.oidc.refusals import broken_rule, note_refusal
from idp.oidc.rfc9207_issuer import see_other, with_parameters
from idp.outside.jose import BadToken, verify
from idp.usecases.logout import farewell, log_out, told_session
from idp.usecases.services import find_client
from idp.usecases.signing_keys import key_ring
from idp.web.errors import error_page
from idp.web.i18n import current_language, speak
from idp.web.logged_out import GoOn, by_way_of_services, farewell_of_this_browser, logged_out_page
from idp.web.page import page
from idp.web.session_cookie import current_session, leave_session
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.logout import Farewell
    from idp.usecases.services import Client
    from idp.usecases.system import System

_KEPT: Final = ("client_id", "post_logout_redirect_uri", "state")
"""What goes with the person's own word that they want to log out."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A logout request. ``hint`` holds the claims of a verified ``id_token_hint``, expired or not."""

    parameters: Parameters
    hint: Mapping[str, Any] | None
    client: Client | None


def hint_claims(db: Session, system: System, token: str) -> Mapping[str, Any] | None:
    """Return the claims of an ID Token that we once signed, however old; None when we did not.

    ``at_hash`` stands in ID Tokens alone, so that nothing else we sign passes for one: no logout token, no access token.
    """
    try:
        claims = verify(token, key_ring(db, system).ever)
    except BadToken:
        return None
    texts = all(isinstance(claims.get(name), str) for name in ("sub", "aud", "sid", "at_hash"))
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
    speak(*parameters.words("ui_locales"))
    system = site().system
    with system.database.writing() as db:
        asked = _asked(db, system, parameters)
        fault = first_broken(CHECKS, asked)
        if fault is not None:
            return _shown(fault, asked.client)
        return _logged_out(db, system, asked)


def confirm_logout() -> Response:
    """End this browser's session after the person has said so. A form on another site cannot (:mod:`idp.web.origin`)."""
    system = site().system
    query = with_parameters("", {name: request.form.get(name) or None for name in _KEPT})  # read strictly there
    here, through = f"/oidc/logout{query}", None  # a page that a reload or another language shows again
    with system.database.writing() as db:
        session = current_session(db)
        if session is not None:
            log_out(db, system, session.id, service_id=None)
            through = by_way_of_services(db, session.id, here)
    response = through or see_other(here)
    leave_session(response)
    return response


def _asked(db: Session, system: System, parameters: Parameters) -> Asked:
    hint = parameters["id_token_hint"]
    claims = hint_claims(db, system, hint) if hint is not None else None
    client_id = claims["aud"] if claims else parameters["client_id"]
    client = find_client(db, client_id) if client_id is not None else None
    return Asked(parameters=parameters, hint=claims, client=client)


def _logged_out(db: Session, system: System, asked: Asked) -> Response:
    here = current_session(db)
    told = None
    if asked.hint is not None and asked.client is not None:
        told = told_session(db, service_id=asked.client.id, subject=asked.hint["sub"], sid=asked.hint["sid"])
    if here is not None and (told is None or told != here.id):
        return _really(asked)
    through = None
    if here is not None and asked.client is not None:
        log_out(db, system, here.id, service_id=asked.client.id)
        through = by_way_of_services(db, here.id, request.full_path)
    if through is not None:
        leave_session(through)
        return through
    left = farewell(db, system, here.id) if here is not None else farewell_of_this_browser(db, told)
    response = _onward(asked, left)
    leave_session(response)
    return response


def _really(asked: Asked) -> Response:
    """Ask the person. Where the service wants them next goes along only when it said who it is."""
    known = {"client_id": asked.client.client_id} if asked.client else {}
    kept = {name: asked.parameters[name] for name in _KEPT[1:] if asked.client and asked.parameters[name]}
    return page(
        "confirm_sign_out.html", username=None, action="/oidc/logout/confirm", stay_url="/", hidden={**known, **kept}
    )


def _onward(asked: Asked, left: Farewell) -> Response:
    address, client = asked.parameters["post_logout_redirect_uri"], asked.client
    if address is None or client is None:
        return logged_out_page(left)
    onward = with_parameters(address, {"state": asked.parameters["state"]})
    proven, to_read = asked.hint is not None, left.leaves_something_to_do
    if proven and not (left.frames or to_read):
        return see_other(onward)
    name = client.name_en if current_language() == "en" else client.name_da
    return logged_out_page(left, go_on=GoOn(address=onward, service_name=name, by_itself=proven and not to_read))


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
