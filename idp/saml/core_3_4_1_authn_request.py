"""AuthnRequests (SAML Core 3.4.1): their checks, in their order, and what they ask of a login.

As long as a check of the first tuple may fail, nobody is sent anywhere: the person sees what is wrong. After them the consumer's
address is one that the service's metadata names, and every further fault is a Response to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.login.request import LoginRequest
from idp.saml import authn_contexts
from idp.saml.authn_contexts import Wanted
from idp.saml.core_3_2_1_requests import IS_A_GOOD_REQUEST, Request
from idp.saml.core_3_3_3_response import REQUESTER, RESPONDER, Status
from idp.saml.name_ids import wrong_policy
from idp.saml.refusals import Fault, first_broken
from idp.usecases.service_providers import PERSISTENT, POST
from policies.vocabulary import Assurance, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.usecases.service_providers import AssertionConsumer, ServiceProvider

_UNSUPPORTED_BINDING: Final = Status(code=RESPONDER, second="urn:oasis:names:tc:SAML:2.0:status:UnsupportedBinding")
_UNSUPPORTED: Final = Status(code=RESPONDER, second="urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported")
_TRUE: Final = frozenset({"true", "1"})
_LONGEST_HINT: Final = 254


def consumer_of(request: Request) -> AssertionConsumer | None:
    """Return where the answer goes: the address or the index that the request names, else the default one.

    An address counts as it stands in the metadata, byte for byte (saml2int SDP-IDP06).
    """
    message, consumers = request.message, request.service.metadata.consumers
    url, index = message.assertion_consumer_service_url, message.assertion_consumer_service_index
    if url is not None:
        return next((one for one in consumers if one.location == url), None) if index is None else None
    if index is not None:
        return next((one for one in consumers if str(one.index) == index), None)
    return next((one for one in consumers if one.is_default), consumers[0] if consumers else None)


def _names_a_consumer_of_its_own(request: Request) -> Fault | None:
    if consumer_of(request) is not None:
        return None
    return Fault(
        rule="consumer-unknown",
        description="AssertionConsumerServiceURL or -Index is not one of the service's metadata, or both are there.",
        part="AssertionConsumerServiceURL",
    )


BEFORE_THE_CONSUMER_IS_TRUSTED: Final[tuple[Callable[[Request], Fault | None], ...]] = (
    *IS_A_GOOD_REQUEST,
    _names_a_consumer_of_its_own,
)


@dataclass(frozen=True, kw_only=True)
class Trusted:
    """A request whose answer goes to an address of the service's own."""

    request: Request
    consumer: AssertionConsumer
    relay_state: str | None
    nsis: str
    """The highest NSIS level that was notified, "" for none."""

    @property
    def message(self) -> Any:  # noqa: ANN401 (pysaml2 has no types)
        """The AuthnRequest."""
        return self.request.message

    @property
    def service(self) -> ServiceProvider:
        """Whose request it is."""
        return self.request.service


def _is_answered_by_post(asked: Trusted) -> Fault | None:
    if asked.message.protocol_binding in {None, POST}:
        return None
    return _fault("unsupported-binding", "Responses go by HTTP-POST alone.", "ProtocolBinding", _UNSUPPORTED_BINDING)


def _names_attributes_of_its_own(asked: Trusted) -> Fault | None:
    index = asked.message.attribute_consuming_service_index
    if index is None or any(str(one.index) == index for one in asked.service.metadata.attribute_services):
        return None
    return _fault(
        "attribute-service-unknown",
        "AttributeConsumingServiceIndex is not in the service's metadata.",
        "AttributeConsumingServiceIndex",
        Status(code=REQUESTER),
    )


def _expects_somebody_by_name(asked: Trusted) -> Fault | None:
    subject = asked.message.subject
    if subject is None or (subject.name_id is not None and subject.encrypted_id is None and subject.base_id is None):
        return None
    return _fault("subject-unsupported", "A Subject is taken as a plain NameID alone.", "Subject", _UNSUPPORTED)


def _name_id_policy_can_be_met(asked: Trusted) -> Fault | None:
    policy = asked.message.name_id_policy
    return None if policy is None else wrong_policy(policy.format, policy.sp_name_qualifier, asked.service)


def _level_can_be_promised(asked: Trusted) -> Fault | None:
    want = wanted(asked)
    return want if isinstance(want, Fault) else None


AFTER_THE_CONSUMER_IS_TRUSTED: Final[tuple[Callable[[Trusted], Fault | None], ...]] = (
    _is_answered_by_post,
    _names_attributes_of_its_own,
    _expects_somebody_by_name,
    _name_id_policy_can_be_met,
    _level_can_be_promised,
)
"""Scoping, Conditions, Extensions, ProviderName and Consent are read over (saml2int leaves them to us)."""


def untrusted_fault(request: Request) -> Fault | None:
    """Return the first fault that the person must see."""
    return first_broken(BEFORE_THE_CONSUMER_IS_TRUSTED, request)


def trusted_fault(asked: Trusted) -> Fault | None:
    """Return the first fault that the service hears of; it has a ``status``."""
    return first_broken(AFTER_THE_CONSUMER_IS_TRUSTED, asked)


def wanted(asked: Trusted) -> Wanted | Fault:
    """Return what the request asks of the login's level."""
    context, service = asked.message.requested_authn_context, asked.service
    minimum = Assurance(service.least_assurance) if service.least_assurance else None
    names = tuple((one.text or "").strip() for one in context.authn_context_class_ref) if context else ()
    return authn_contexts.wanted(
        names,
        context.comparison if context else None,
        nsis=asked.nsis,
        minimum=minimum,
        declares=bool(context and context.authn_context_decl_ref),
    )


def login_request(asked: Trusted) -> LoginRequest:
    """Put the request into the words that both protocols share. Raises ValueError where :func:`trusted_fault` has something."""
    message, service, want = asked.message, asked.service, wanted(asked)
    if isinstance(want, Fault):
        raise ValueError(want.description)  # noqa: TRY004 (a check has looked before)
    policy, named = message.name_id_policy, message.subject.name_id if message.subject else None
    value = (named.text or "").strip() if named is not None else ""
    strictly = named is not None and named.format == PERSISTENT
    return LoginRequest(
        protocol=Protocol.SAML,
        service_id=service.service_id,
        fresh_since=asked.request.now if message.force_authn in _TRUE else None,
        silent=message.is_passive in _TRUE,
        assurance=want.assurance,
        adult_will_do=want.adult_will_do,
        expected=None if strictly else value[:_LONGEST_HINT] or None,
        reply_to=reply_to(
            asked.consumer,
            want,
            request_id=message.id,
            relay_state=asked.relay_state,
            name_format=policy.format if policy is not None else None,
            attribute_index=message.attribute_consuming_service_index,
            subject=value if strictly else None,
        ),
    )


def unasked_login(service: ServiceProvider, consumer: AssertionConsumer) -> LoginRequest:
    """Return a login that begins with us (SAML Profiles 4.1.5)."""
    minimum = Assurance(service.least_assurance) if service.least_assurance else None
    return LoginRequest(
        protocol=Protocol.SAML,
        service_id=service.service_id,
        assurance=minimum,
        reply_to=reply_to(consumer, Wanted(assurance=minimum), relay_state=service.options.idp_initiated_relay_state),
    )


def reply_to(
    consumer: AssertionConsumer,
    want: Wanted,
    *,
    request_id: str | None = None,
    relay_state: str | None = None,
    name_format: str | None = None,
    attribute_index: str | None = None,
    subject: str | None = None,
) -> dict[str, Any]:
    """Return what it takes to answer, as a login keeps it."""
    return {
        "consumer": consumer.location,
        "request_id": request_id,
        "relay_state": relay_state,
        "name_format": name_format,
        "attribute_index": int(attribute_index) if attribute_index is not None else None,
        "subject": subject,
        "comparison": want.comparison,
        "contexts": list(want.names),
        "kinds": list(want.kinds),
    }


def _fault(rule: str, description: str, part: str, status: Status) -> Fault:
    return Fault(rule=rule, description=description, part=part, status=status)
