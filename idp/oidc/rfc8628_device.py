"""The device authorization grant (RFC 8628): a screen without a keyboard asks, and a person decides in a browser of theirs.

The device gets two codes (3.1, 3.2). The person types the short one at ``/device``, or follows an address with it and
compares it; logs in by the ordinary login, at the level that the device asked for; and says that it is they who are at the
other screen. That is asked of everybody, whoever is logged in already, and the page warns of codes that others sent (5.4).
The device meanwhile asks the token endpoint (:mod:`idp.oidc.rfc8628_device_code`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import jsonify, request

from idp.login import consent
from idp.login.outcome import LoggedIn
from idp.login.request import LoginRequest
from idp.oidc.acr_values import adult_will_do, known_levels, unpromised_level, wanted_level
from idp.oidc.core_3_1_2_authorization import consent_claims
from idp.oidc.parameters import Fault, first_broken
from idp.oidc.rfc6749_2_3_client_authentication import asking_client, read_request
from idp.oidc.rfc6749_3_2_token_endpoint import refused
from idp.oidc.rfc6749_5_1_success import no_store
from idp.oidc.rfc9207_issuer import see_other, with_parameters
from idp.usecases import device_authorizations, grants
from idp.usecases.client_metadata_members import DEVICE_CODE
from idp.usecases.guesses import Standing
from idp.usecases.services import client_with_id
from idp.web import device_pages
from idp.web.errors import error_page
from idp.web.login_pages import enter
from idp.web.page import about_service
from idp.web.site import site
from policies.decision import Deny
from policies.vocabulary import Protocol, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.outcome import LoginOutcome
    from idp.oidc.parameters import Parameters
    from idp.usecases.device_authorizations import Waiting
    from idp.usecases.services import Client
    from idp.usecases.system import System

KIND: Final = "device"
"""What ``reply_to`` says of a login for a device."""
_BY_THE_PERSON: Final = frozenset({Reason.OTHER_SCREEN_REFUSED, Reason.CONSENT_REFUSED})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A device authorization request whose client has proven who it is."""

    parameters: Parameters
    client: Client
    nsis: str


# ── The device authorization endpoint (3.1, 3.2) ──


def _client_has_no_keyboard(asked: Asked) -> Fault | None:
    if DEVICE_CODE in asked.client.grant_types:
        return None
    return Fault("unauthorized_client", f"The client did not register grant_type {DEVICE_CODE}.", "client_id")


def _scope_has_openid(asked: Asked) -> Fault | None:
    if "openid" in asked.parameters.words("scope"):
        return None
    return Fault("invalid_scope", "scope must hold openid.", "scope")


def _level_can_be_promised(asked: Asked) -> Fault | None:
    return unpromised_level(asked.parameters.words("acr_values"), nsis=asked.nsis)


CHECKS: Final[tuple[Callable[[Asked], Fault | None], ...]] = (
    _client_has_no_keyboard,
    _scope_has_openid,
    _level_can_be_promised,
)


def device_authorization() -> Response:
    """Give a device its codes."""
    system = site().system
    sent = read_request(system)
    if isinstance(sent, Fault):
        return refused(sent)
    with system.database.writing() as db:
        client = asking_client(db, system, sent.shown)
        nsis = system.settings.login.nsis_notified
        fault = (
            client
            if isinstance(client, Fault)
            else first_broken(CHECKS, Asked(parameters=sent.parameters, client=client, nsis=nsis))
        )
        if isinstance(client, Fault) or fault is not None:
            return refused(fault or Fault("invalid_client", ""), client_id=sent.shown.client_id)
        begun = device_authorizations.begin(
            db,
            system,
            service_id=client.id,
            scope=_scope(client, sent.parameters),
            acr_values=" ".join(known_levels(sent.parameters.words("acr_values"), nsis)) or None,
        )
    address = f"{system.settings.site.issuer}{device_pages.ADDRESS}"
    return no_store(
        jsonify(
            {
                "device_code": begun.device_code,
                "user_code": begun.user_code,
                "verification_uri": address,
                "verification_uri_complete": with_parameters(address, {"user_code": begun.user_code}),
                "expires_in": begun.seconds,
                "interval": device_authorizations.INTERVAL,
            }
        )
    )


def _scope(client: Client, parameters: Parameters) -> str:
    """Return the scopes that are asked for and registered, in their order, each once."""
    return " ".join(dict.fromkeys(word for word in parameters.words("scope") if word in client.scope))


# ── What the person meets (3.3) ──


def device() -> Response:
    """Ask for the code, or show the one that came in the address."""
    code = device_authorizations.read_code(request.args.get("user_code", ""))
    return device_pages.ask_for_code() if code is None else device_pages.compare_code(code)


def post_device() -> Response:
    """Take a code, and begin the login that it is for."""
    typed = request.form.get("user_code", "")[: device_authorizations.LONGEST_TYPED]
    code = device_authorizations.read_code(typed)
    if code is None:
        return device_pages.not_a_code(typed)
    system = site().system
    with system.database.writing() as db:
        found = device_authorizations.find(db, system, code, address=request.remote_addr or "")
        if isinstance(found, Standing):
            reason = found.lock.reason if isinstance(found.lock, Deny) else Reason.WAIT_BEFORE_TRYING
            return device_pages.must_wait(found, reason, typed)
        if found is None:
            return device_pages.code_refused(Reason.USER_CODE_UNKNOWN, typed)
        client = client_with_id(db, found.service_id)
        # Without the grant type it may have come into the sector of others since (idp.usecases.sectors).
        if client is None or client.disabled or DEVICE_CODE not in client.grant_types:
            return error_page(Reason.SERVICE_DISABLED, status=403, service_id=found.service_id)
        about_service(client.name_da, client.name_en, ())
        return enter(db, _login_request(system, client, found, code), message=f"device {found.id}".encode())


def _login_request(system: System, client: Client, waiting: Waiting, code: str) -> LoginRequest:
    nsis = system.settings.login.nsis_notified
    wanted, asked_as = wanted_level(waiting.acr_values, client, nsis)
    age = client.default_max_age
    return LoginRequest(
        protocol=Protocol.OIDC,
        service_id=client.id,
        fresh_since=None if age is None else system.now() - timedelta(seconds=age),
        assurance=wanted,
        adult_will_do=adult_will_do(waiting.acr_values, client, nsis),
        consent=waiting.scope if client.needs_consent else None,
        consent_claims=consent_claims(client, waiting.scope, {}),
        other_screen=code,
        reply_to={
            "kind": KIND,
            "device": waiting.id,
            "sector": client.sector,
            "scope": waiting.scope,
            "acr_asked": asked_as,
            "requires_licence": client.requires_licence,
        },
    )


def answer_device(db: Session, asked: LoginRequest, outcome: LoginOutcome) -> Response:
    """Write what a finished login says to the device, and tell the person."""
    system, reply = site().system, asked.reply_to
    if not isinstance(outcome, LoggedIn):
        return _told_no(db, system, asked, outcome.reason)
    if reply["requires_licence"] and grants.licence_missing(db, system, outcome.session, asked.service_id):
        return _told_no(db, system, asked, Reason.LICENCE_MISSING)
    consented = consent.bounds(db, system, asked, outcome.session)
    if consented is None:
        return _told_no(db, system, asked, Reason.CONSENT_NEEDED)
    allowed = device_authorizations.allow(
        db,
        system,
        reply["device"],
        outcome.session,
        grants.CodeRequest(
            service_id=asked.service_id,
            sector=reply["sector"],
            redirect_uri=None,
            scope=reply["scope"],
            wanted=asked.assurance,
            acr_asked=reply["acr_asked"],
            claims_request=consented,
        ),
    )
    return see_other(f"{device_pages.ADDRESS}/{'allowed' if allowed else 'too-late'}")


def _told_no(db: Session, system: System, asked: LoginRequest, reason: Reason) -> Response:
    device_authorizations.refuse(db, system, asked.reply_to["device"], reason)
    if reason in _BY_THE_PERSON:
        return see_other(f"{device_pages.ADDRESS}/refused")
    return error_page(reason, status=403, service_id=asked.service_id)


def device_allowed() -> Response:
    """Say that the other screen is logged in."""
    return device_pages.decided(allowed=True)


def device_refused() -> Response:
    """Say that it is not."""
    return device_pages.decided(allowed=False)


def device_too_late() -> Response:
    """Say that the code was too old."""
    return device_pages.too_late()
