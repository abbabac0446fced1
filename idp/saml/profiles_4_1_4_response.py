"""How a login that is over becomes the Response to the service (SAML Profiles 4.1.4), by HTTP-POST."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask import g, redirect

from idp.login.outcome import LoggedIn
from idp.outside.xml_encryption import CannotEncrypt
from idp.saml.authn_contexts import Wanted, told_class, told_level
from idp.saml.bindings_3_5_send_post import post_form
from idp.saml.core_2_3_assertion import Told
from idp.saml.core_3_3_3_response import RESPONDER, Status, error_response, write_response
from idp.saml.name_ids import name_id
from idp.saml.profiles.oiosaml import kind_of
from idp.saml.profiles.shapes import NO_AUTHN_CONTEXT, REQUEST_DENIED, Unmet
from idp.saml.protection import protection_for, signer_for
from idp.saml.refusals import Fault, note
from idp.saml.said import said_to
from idp.usecases import assertions
from idp.usecases.known_service_providers import service_provider_with_id
from idp.usecases.saml_keys import saml_key_ring
from idp.web.errors import error_page
from idp.web.site import site
from policies.vocabulary import Assurance, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.sessions import LiveSession
    from idp.usecases.system import System

VALID_FOR: Final = timedelta(minutes=5)
BEFORE: Final = timedelta(minutes=1)
"""How much earlier than it was made an assertion counts, for services whose clock is behind."""
_STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_UNMET: Final = Status(code=RESPONDER, second=NO_AUTHN_CONTEXT)
_DENIED: Final = Status(code=RESPONDER, second=REQUEST_DENIED)
_TOLD: Final[Mapping[Reason, Fault]] = {
    Reason.PAGE_NEEDED: Fault(
        rule="no-passive",
        description="The login needs a page, and none may be shown.",
        part="IsPassive",
        status=Status(code=RESPONDER, second=f"{_STATUS}NoPassive"),
    ),
    Reason.ASSURANCE_NOT_AVAILABLE: Fault(
        rule="no-authn-context",
        description="The level cannot be reached.",
        part="RequestedAuthnContext",
        status=_UNMET,
    ),
    Reason.ANOTHER_PERSON_EXPECTED: Fault(
        rule="unknown-principal",
        description="Somebody else is logged in than the request expects.",
        part="Subject",
        status=Status(code=RESPONDER, second=f"{_STATUS}UnknownPrincipal"),
    ),
    Reason.LICENCE_MISSING: Fault(
        rule="licence-missing",
        description="None of the person's institutions has a licence.",
        status=_DENIED,
    ),
}
_ELSE: Final = Fault(
    rule="authn-failed",
    description="The person was not logged in.",
    status=Status(code=RESPONDER, second=f"{_STATUS}AuthnFailed"),
)
EXPECTED: Final = frozenset({"no-passive", "authn-failed", "licence-missing"})
"""Refusals by which nobody broke a rule; they are not kept for the service's owner."""


def answer(db: Session, asked: LoginRequest, outcome: LoginOutcome) -> ResponseReturnValue:
    """Turn a finished login into a Response: an assertion, or a status that says why there is none."""
    system, reply = site().system, asked.reply_to
    service: ServiceProvider | None = g.get("saml_service")  # as this very unit of work has read it
    if service is None or service.service_id != asked.service_id:
        service = service_provider_with_id(db, system, asked.service_id)
    if service is None or _is_gone(system, service, reply["consumer"]):
        return error_page(Reason.SERVICE_DISABLED, status=403, service_id=asked.service_id)
    if not isinstance(outcome, LoggedIn):
        return _refuse(db, service, _TOLD.get(outcome.reason, _ELSE), reply)
    session = outcome.session
    want = Wanted(
        assurance=asked.assurance,
        adult_will_do=asked.adult_will_do,
        comparison=reply["comparison"],
        names=tuple(reply["contexts"]),
        kinds=tuple(reply["kinds"]),
    )
    response = _response(db, system, service, session, want, reply)
    if isinstance(response, Fault):
        if response.rule == "licence-missing" and service.missing_licence_url:
            return redirect(service.missing_licence_url, 303)
        return _refuse(db, service, response, reply)
    return post_form(reply["consumer"], "SAMLResponse", response, relay_state=reply["relay_state"])


def refuse(
    db: Session,
    service: ServiceProvider,
    fault: Fault,
    *,
    consumer: str,
    request_id: str | None,
    relay_state: str | None,
) -> Response:
    """Answer a service with the status of what its request breaks, signed."""
    system = site().system
    if fault.rule not in EXPECTED:
        note(fault, service)
    status = fault.status or Status(code=RESPONDER)
    document = error_response(
        Status(code=status.code, second=status.second, message=fault.description),
        issuer=system.settings.site.entity_id,
        destination=consumer,
        in_response_to=request_id,
        now=system.now(),
        signer=signer_for(service, saml_key_ring(db, system)),
    )
    return post_form(consumer, "SAMLResponse", document, relay_state=relay_state)


def _refuse(db: Session, service: ServiceProvider, fault: Fault, reply: Mapping[str, Any]) -> Response:
    return refuse(
        db,
        service,
        fault,
        consumer=reply["consumer"],
        request_id=reply["request_id"],
        relay_state=reply["relay_state"],
    )


def _response(
    db: Session, system: System, service: ServiceProvider, session: LiveSession, want: Wanted, reply: Mapping[str, Any]
) -> bytes | Fault:
    """Return the Response with its assertion, or what keeps it from being made. What is told is put on record."""
    nsis, issuer, now = system.settings.login.nsis_notified, system.settings.site.entity_id, system.now()
    level = told_level(
        [proven.factor for proven in session.factors], want, nsis=nsis, adult_as_two=service.accepts_adult_as_two
    )
    if level is None:
        return _TOLD[Reason.ASSURANCE_NOT_AVAILABLE]
    if want.kinds and kind_of(session.actor_group) not in want.kinds:
        return _fault("kind-not-available", "The person does not come as what the request asks for.", _UNMET)
    knowledge = assertions.known_to(db, system, session, service, level)
    if knowledge is None:
        return _ELSE
    if knowledge.licence_missing:
        return _TOLD[Reason.LICENCE_MISSING]
    said = said_to(
        db,
        system,
        service,
        knowledge,
        acting=session.acting_affiliation_id,
        attribute_index=reply["attribute_index"],
    )
    written, subject = said.written, knowledge.facts.sub
    if isinstance(written, Unmet):
        return _fault("not-by-the-profile", written.sentence, Status(code=RESPONDER, second=written.second_status))
    named = name_id(reply["name_format"], service, written, said.released, subject=subject, issuer=issuer)
    if isinstance(named, Fault):
        return named
    if reply["subject"] is not None and reply["subject"] != named.value:
        return _TOLD[Reason.ANOTHER_PERSON_EXPECTED]
    try:
        protection = protection_for(service, saml_key_ring(db, system))
    except CannotEncrypt as fault:
        return _fault("cannot-encrypt", f"The assertion cannot be encrypted: {fault}.", Status(code=RESPONDER))
    index = assertions.session_index(system, session, service)
    assertions.tell(
        db,
        system,
        session,
        service,
        knowledge=knowledge,
        name_id=named.value,
        name_id_format=named.format,
        session_index=index,
    )
    told = Told(
        issuer=issuer,
        audience=service.entity_id,
        recipient=reply["consumer"],
        in_response_to=reply["request_id"],
        name_id=named,
        session_index=index,
        authn_instant=session.auth_time,
        session_not_on_or_after=_level_ends(session, level, want),
        context_class=told_class(level, want, usual=written.context_class, nsis=nsis),
        attributes=written.attributes,
        issued_at=now,
        not_before=now - BEFORE,
        not_on_or_after=now + VALID_FOR,
    )
    return write_response(told, protection)


def _level_ends(session: LiveSession, level: Assurance, want: Wanted) -> datetime | None:
    """Return when a service must ask again that asked for a level which an adult has lifted the pupil to (decision 10).

    None where it asked for no more than a code: there the pupil stays at work.
    """
    asked = want.assurance not in {None, Assurance.EN_FAKTOR}
    return session.adult_until if asked and level is Assurance.VOKSEN_VERIFICERET else None


def _is_gone(system: System, service: ServiceProvider, consumer: str) -> bool:
    until = service.metadata_valid_until
    over = until is not None and until <= system.now()
    return service.disabled or over or all(one.location != consumer for one in service.metadata.consumers)


def _fault(rule: str, sentence: str, status: Status) -> Fault:
    return Fault(rule=rule, description=sentence, status=status)
