"""Responses of other identity providers (SAML Core 3.3.3), read as a service reads them (Profiles 4.1.4.2, 4.1.4.3).

There is one assertion in the whole document, a child of the Response, in the clear or encrypted to us. The Response or the assertion is
signed by a key of the one we asked; what is read is what was signed.

Two things are looked at, the first before anything counts: :func:`read_response` demands, in this order, a Response whose assertion and
signatures stand where they belong, its own signature if it has one, a status of success, an assertion that we can decrypt and read, and
that assertion's signature. What was signed must then stand up to the tuple :data:`CHECKS`: from whom, for whom, about whom, when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.outside.xml_security import NotDecrypted, NotVerified, decrypt, is_signed, verify_signed
from idp.saml.core_3_2_1_requests import SKEW, instant_of, is_id
from idp.saml.core_3_3_3_response import SUCCESS
from idp.saml.engine import read_assertion
from idp.saml.refusals import Fault, Refused, first_broken
from idp.saml.xml_documents import NotADocument, parse_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from lxml import etree

    from idp.saml.intake import Arrived

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

_SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SAMLP: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_XENC: Final = "{http://www.w3.org/2001/04/xmlenc#}"
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_LARGEST: Final = 262_144


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What we asked, and of whom."""

    issuer: str
    """entityID of the identity provider."""
    certificates: Sequence[bytes]
    """DER; any of them may have signed."""
    keys: Sequence[bytes]
    """Our private keys (PKCS #8 in PEM)."""
    audience: str
    """Our entityID towards it."""
    consumer: str
    """Our address, to which the Response was posted."""
    request_id: str
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """What an identity provider says of a login there."""

    assertion_id: str
    name_id: str
    name_id_format: str | None
    authn_instant: datetime
    context_class: str | None
    session_index: str | None
    attributes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class _Read:
    response: Element
    assertion: Any
    """pysaml2's object, of what was signed alone."""
    expected: Expected


def read_response(arrived: Arrived, expected: Expected) -> Vouched:
    """Return what was vouched for. Raises :class:`idp.saml.refusals.Refused`; nothing of the message is believed then."""
    root = arrived.root
    if root.tag != f"{_SAMLP}Response":
        raise Refused("another-message", "The message is not a Response.", arrived.kind)
    _demand_known_places(root)
    response_signed = any(child.tag == f"{_DS}Signature" for child in root)
    if response_signed:
        _verify(root, expected)
    _demand_success(root, signed=response_signed)
    element = _assertion(root, expected)
    if is_signed(element) or not response_signed:
        _verify(element, expected)
    read = _Read(response=root, assertion=read_assertion(element), expected=expected)
    fault = first_broken(CHECKS, read)
    if fault is not None:
        raise Refused(fault.rule, fault.description, fault.part)
    statement, subject = read.assertion.authn_statement[0], read.assertion.subject
    context = statement.authn_context.authn_context_class_ref
    return Vouched(
        assertion_id=read.assertion.id,
        name_id=subject.name_id.text.strip(),
        name_id_format=subject.name_id.format,
        authn_instant=instant_of(statement.authn_instant) or expected.now,
        context_class=context.text.strip() if context is not None and context.text else None,
        session_index=statement.session_index,
        attributes={
            attribute.name: tuple((value.text or "").strip() for value in attribute.attribute_value)
            for each in read.assertion.attribute_statement
            for attribute in each.attribute
        },
    )


def _demand_known_places(root: Element) -> None:
    """Refuse a document in which an assertion or a signature stands where no reader looks, or a second one does."""
    assertions = [*root.iter(f"{_SAML}Assertion", f"{_SAML}EncryptedAssertion")]
    if len(assertions) != 1 and not (not assertions and _top_status(root) != SUCCESS):
        raise Refused("one-assertion", "There must be exactly one assertion.", "Assertion")
    if any(each.getparent() is not root for each in assertions):
        raise Refused("one-assertion", "The assertion must be a child of the Response.", "Assertion")
    holders = [each.getparent() for each in root.iter(f"{_DS}Signature")]
    if any(holder is not root and holder not in assertions for holder in holders):
        raise Refused("signature-wrong", "There is a signature where none belongs.", "Signature")


def _demand_success(root: Element, *, signed: bool) -> None:
    code = _top_status(root)
    if code == SUCCESS:
        return
    second = root.find(f"{_SAMLP}Status/{_SAMLP}StatusCode/{_SAMLP}StatusCode")
    told = (second.get("Value") if second is not None else code) or ""
    by = "" if signed else ", unsigned"
    raise Refused("not-logged-in", f"Nobody was logged in there: {told.rpartition(':')[2][:60]}{by}.", "Status")


def _top_status(root: Element) -> str | None:
    found = root.findall(f"{_SAMLP}Status/{_SAMLP}StatusCode")
    return found[0].get("Value") if len(found) == 1 else None


def _assertion(root: Element, expected: Expected) -> Element:
    """Return the assertion; an encrypted one as a document of its own, whose IDs are nobody else's either."""
    plain = root.find(f"{_SAML}Assertion")
    if plain is not None:
        return plain
    held = root.findall(f"{_SAML}EncryptedAssertion/{_XENC}EncryptedData")
    if len(held) != 1:
        raise Refused("one-assertion", "The encrypted assertion must hold one EncryptedData.", "EncryptedAssertion")
    try:
        found = parse_message(decrypt(held[0], expected.keys), largest=_LARGEST)
    except (NotDecrypted, NotADocument) as fault:
        raise Refused("not-decrypted", f"The assertion cannot be read: {fault}", "EncryptedAssertion") from None
    nested = len([*found.iter(f"{_SAML}Assertion")])
    outside = {each.get("ID") for each in root.iter() if each.get("ID")}
    if found.tag != f"{_SAML}Assertion" or nested != 1 or found.get("ID") in outside:
        raise Refused("one-assertion", "What was encrypted is not one assertion.", "EncryptedAssertion")
    return found


def _verify(element: Element, expected: Expected) -> None:
    try:
        verify_signed(element, expected.certificates)
    except NotVerified as fault:
        raise Refused("signature-wrong", f"The signature does not count: {fault}.", "Signature") from None


# ── What it says ──


def _is_from_whom_we_asked(read: _Read) -> Fault | None:
    outer = read.response.find(f"{_SAML}Issuer")
    named = {read.assertion.issuer.text, read.expected.issuer if outer is None else outer.text}
    if named == {read.expected.issuer}:  # to the letter: white space makes it another name
        return None
    return _fault("issuer-wrong", "The Issuer is not whom we asked.", "Issuer")


def _answers_our_request(read: _Read) -> Fault | None:
    if read.response.get("InResponseTo") == read.expected.request_id:
        return None
    return _fault("unsolicited", "The Response answers no request of ours.", "InResponseTo")


def _is_of_version_2(read: _Read) -> Fault | None:
    both = read.response.get("Version"), read.assertion.version
    ids = is_id(read.response.get("ID")) and is_id(read.assertion.id)
    return None if both == ("2.0", "2.0") and ids else _fault("version-unknown", "The version is not 2.0.", "Version")


def _went_to_us(read: _Read) -> Fault | None:
    if read.response.get("Destination") == read.expected.consumer:
        return None
    return _fault("destination-wrong", "The Destination is not our address.", "Destination")


def _is_of_now(read: _Read) -> Fault | None:
    for text in (read.response.get("IssueInstant") or "", read.assertion.issue_instant):
        issued = instant_of(text)
        if issued is None or abs(issued - read.expected.now) > SKEW:
            return _fault("instant-off", "IssueInstant is more than 5 minutes from now.", "IssueInstant")
    return None


def _is_confirmed_by_bearing_it(read: _Read) -> Fault | None:
    subject, expected = read.assertion.subject, read.expected
    for each in subject.subject_confirmation if subject is not None else ():
        data = each.subject_confirmation_data
        if each.method != _BEARER or data is None or data.not_before is not None or not data.not_on_or_after:
            continue
        until = instant_of(data.not_on_or_after)
        if until is None or until + SKEW <= expected.now:
            continue
        if data.recipient == expected.consumer and data.in_response_to == expected.request_id:
            return None
    return _fault(
        "not-confirmed", "No bearer confirmation is for us, for our request, and for now.", "SubjectConfirmation"
    )


def _holds_now(read: _Read) -> Fault | None:
    conditions, now = read.assertion.conditions, read.expected.now
    if conditions is None:
        return _fault("conditions-missing", "The assertion has no Conditions.", "Conditions")
    begins = instant_of(conditions.not_before) if conditions.not_before else now
    ends = instant_of(conditions.not_on_or_after) if conditions.not_on_or_after else now
    if begins is None or ends is None or begins - SKEW > now or ends + SKEW <= now:
        return _fault("conditions-over", "The assertion does not hold now.", "Conditions")
    return None


def _is_for_us(read: _Read) -> Fault | None:
    conditions = read.assertion.conditions
    lists = [[(each.text or "").strip() for each in one.audience] for one in conditions.audience_restriction]
    if lists and all(read.expected.audience in named for named in lists):
        return None
    return _fault("audience-wrong", "The assertion is not for us.", "Audience")


def _names_somebody(read: _Read) -> Fault | None:
    subject = read.assertion.subject
    if subject.name_id is not None and (subject.name_id.text or "").strip() and subject.encrypted_id is None:
        return None
    return _fault("name-id-missing", "The assertion names nobody.", "NameID")


def _tells_of_one_login(read: _Read) -> Fault | None:
    statements = read.assertion.authn_statement
    if len(statements) != 1 or statements[0].authn_context is None:
        return _fault("one-statement", "The assertion must have one AuthnStatement.", "AuthnStatement")
    when = instant_of(statements[0].authn_instant)
    if when is None or when - SKEW > read.expected.now:
        return _fault("instant-off", "AuthnInstant is not in the past.", "AuthnInstant")
    until = statements[0].session_not_on_or_after
    end = instant_of(until) if until else None
    if until and (end is None or end <= read.expected.now):
        return _fault("session-over", "The session there is over.", "SessionNotOnOrAfter")
    return None


CHECKS: Final[tuple[Callable[[_Read], Fault | None], ...]] = (
    _is_from_whom_we_asked,
    _is_of_version_2,
    _answers_our_request,
    _went_to_us,
    _is_of_now,
    _is_confirmed_by_bearing_it,
    _holds_now,
    _is_for_us,
    _names_somebody,
    _tells_of_one_login,
)


def _fault(rule: str, description: str, part: str) -> Fault:
    return Fault(rule=rule, description=description, part=part)
