"""From raw records to checked ones, or to a rejection with its reason. Pure.

Rules by SkoleGrunddata's tables; numbers are those of section 4 of the format. What is wrong with one person rejects
that person and the rest goes on; a contact with a fault is left out alone, and so is a group.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from policies.identifiers import cpr_well_formed, institution_number_ok
from policies.vocabulary import ActorGroup, Gender, GroupType, Level, Relation, Role
from sync.records import (
    About,
    Contact,
    Fault,
    FileRejected,
    Group,
    Identity,
    Member,
    RawContact,
    RawGroup,
    RawIdentity,
    RawPerson,
    Rejection,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo
    from enum import StrEnum

    from sync.records import Fields, RawHeader

_LOCAL_ID: Final = 128
_GROUP_CODE: Final = 100
_LINE: Final = 255
_LENGTHS: Final = {
    "GroupId": _GROUP_CODE, "MainGroupId": _GROUP_CODE, "GroupName": 100, "Line": 40, "StudentNumber": 26,
    "EmailAddress": 254, "LocalPersonId": _LOCAL_ID,
}  # fmt: skip
"""Bytes of UTF-8 (STIL counts so); everything else may have 255."""

_NAMES: Final = {
    "FirstName": "first_name", "FamilyName": "family_name",
    "AliasFirstName": "alias_first_name", "AliasFamilyName": "alias_family_name", "EmailAddress": "email",
}  # fmt: skip
_ADDRESS: Final = (
    "StreetAddress", "PostalCode", "PostalDistrict", "CountryCode", "Country", "MunicipalityCode", "MunicipalityName",
)  # fmt: skip
_PHONES: Final = ("HomePhoneNumber", "WorkPhoneNumber", "MobilePhoneNumber")
_DETAILS_OF_ROLE: Final = ("StudentNumber", "Location", "ShortName", "Occupation")
_ACTOR_GROUPS: Final = {
    "Student": ActorGroup.PUPIL, "Employee": ActorGroup.STAFF, "Extern": ActorGroup.EXTERNAL,
}  # fmt: skip
_ROLES: Final[dict[str, frozenset[Role]]] = {
    "Student": frozenset({Role.CHILD, Role.PUPIL, Role.STUDENT}),
    "Employee": frozenset({
        Role.TEACHER, Role.PEDAGOGUE, Role.SUBSTITUTE, Role.LEADER, Role.MANAGEMENT, Role.TECHNICAL, Role.CONSULTANT,
    }),
    "Extern": frozenset({Role.TRAINEE, Role.EXTERNAL}),
}  # fmt: skip
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_YEARS: Final = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_AHEAD: Final = timedelta(days=366)
"""A file from further ahead is a mistake for certain, and would shut out all that follow it for as long."""
_STEERING: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Controls (Cc), halves of characters (Cs), and what turns the direction of the text around it (UAX 9 2.1 to 2.4)."""
_SMALL_NUMBER: Final = re.compile(r"\d{1,4}", re.ASCII)
_Word = TypeVar("_Word", bound="StrEnum")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known before a person is checked."""

    cpr_index_of: Mapping[str, bytes]
    """LocalPersonId to the keyed index of the number that it was delivered with before."""
    group_types: Mapping[str, str]
    """The types of the groups that this file holds."""
    index: Callable[[str], bytes]
    """The keyed index of a CPR number."""


@dataclass(frozen=True, slots=True)
class Header:
    """A delivery's own data, checked."""

    institution: str
    source: str
    source_datetime: datetime
    school_year: str


class _Unfit(Exception):
    def __init__(self, fault: Fault, field: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.field = fault, field


def check_header(raw: RawHeader, zone: tzinfo, now: datetime) -> Header:
    """Check what the root says; a time without zone is in ``zone``. Raises :class:`FileRejected`."""
    if not institution_number_ok(raw.institution):
        raise FileRejected(Fault.UNKNOWN_INSTITUTION)
    try:
        told = datetime.fromisoformat(raw.source_datetime)
        told = (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FileRejected(Fault.SOURCE_DATETIME_FORM) from None
    if "T" not in raw.source_datetime:
        raise FileRejected(Fault.SOURCE_DATETIME_FORM)
    if told > now + _AHEAD:
        raise FileRejected(Fault.SOURCE_DATETIME_AHEAD)
    years = _YEARS.fullmatch(raw.school_year)
    if years is None or int(years[2]) != int(years[1]) + 1:
        raise FileRejected(Fault.SCHOOL_YEAR_FORM)
    source = unicodedata.normalize("NFC", raw.source)
    return Header(raw.institution, source, told, raw.school_year)


def check_group(raw: RawGroup, seen: Mapping[str, str]) -> Group | Rejection:
    """Check a group; ``seen`` are the types of those before it in the file, by code."""
    try:
        return _group(raw, seen)
    except _Unfit as unfit:
        code = raw.fields.get("GroupId", "")[:_GROUP_CODE]
        return Rejection(About.GROUP, raw.position, _shown(code), unfit.fault, unfit.field)


def check_person(
    raw: RawPerson, expected: Expected, seen: frozenset[str] | set[str]
) -> tuple[Member | Rejection, list[Rejection]]:
    """Check a person, and beside that his contacts: return who it is, and which contacts were left out.

    ``seen`` are the LocalPersonIds before this one in the file.
    """
    left_out: list[Rejection] = []
    try:
        return _member(raw, expected, seen, left_out), left_out
    except _Unfit as unfit:
        shown = None if unfit.fault is Fault.LOCAL_ID_IS_CPR else _shown(raw.local_id[:_LOCAL_ID])
        return Rejection(About.PERSON, raw.position, shown, unfit.fault, unfit.field), []


def _shown(text: str) -> str | None:
    """Return an id as a report may show it on a terminal."""
    return None if _STEERING.search(text) else text or None


def _group(raw: RawGroup, seen: Mapping[str, str]) -> Group:
    fields = raw.fields
    if raw.repeated:
        raise _Unfit(Fault.VALUE_REPEATED, raw.repeated)
    code = _required(fields, "GroupId")
    if code in seen:
        raise _Unfit(Fault.GROUP_TWICE, "GroupId")
    kind = _word(GroupType, _required(fields, "GroupType"), "GroupType")
    level = _optional(fields, "GroupLevel")
    if kind is GroupType.CLASS and level is None:
        raise _Unfit(Fault.GROUP_LEVEL_MISSING, "GroupLevel")
    if kind is not GroupType.CLASS and level is not None:
        raise _Unfit(Fault.GROUP_LEVEL_FORBIDDEN, "GroupLevel")
    body = {
        "name": _optional(fields, "GroupName") or code,
        "type": kind.value,
        "level": _word(Level, level, "GroupLevel").value if level else None,
        "line": _optional(fields, "Line"),
        "starts_on": _date(fields, "FromDate"),
        "ends_on": _date(fields, "ToDate"),
    }
    return Group(code, _filled(body))


def _member(raw: RawPerson, expected: Expected, seen: frozenset[str] | set[str], left_out: list[Rejection]) -> Member:
    if raw.repeated:
        raise _Unfit(Fault.VALUE_REPEATED, raw.repeated)
    local_id = _fitting(raw.local_id, "LocalPersonId")
    if not local_id:
        raise _Unfit(Fault.VALUE_MISSING, "LocalPersonId")
    if raw.identity is None:
        raise _Unfit(Fault.VALUE_MISSING, "Person")
    given = raw.identity.fields.get("CivilRegistrationNumber", "")
    if given and _digits(given) == _digits(local_id):
        raise _Unfit(Fault.LOCAL_ID_IS_CPR, "LocalPersonId")
    if local_id in seen:
        raise _Unfit(Fault.LOCAL_ID_TWICE, "LocalPersonId")
    identity = _identity(raw.identity)
    before = expected.cpr_index_of.get(local_id)
    if before is not None and expected.index(identity.cpr) != before:
        raise _Unfit(Fault.CPR_UNEXPECTED, "CivilRegistrationNumber")
    if not raw.kind:
        raise _Unfit(Fault.NO_ROLE_KIND)
    details = {name: value for name in _DETAILS_OF_ROLE if (value := _optional(raw.fields, name))}
    body = {**identity.body, "roles": _roles(raw), "details": {**identity.body["details"], **details}}
    main = None
    if raw.kind == "Student":
        body["level"] = _word(Level, _required(raw.fields, "Level"), "Level").value
        main = _required(raw.fields, "MainGroupId")
        if expected.group_types.get(main, GroupType.CLASS) != GroupType.CLASS:
            raise _Unfit(Fault.MAIN_GROUP_NOT_CLASS, "MainGroupId")
    groups = dict.fromkeys(_fitting(code, "GroupId") for code in raw.groups if code)
    groups.pop(main or "", None)
    contacts = _contacts(raw, local_id, identity.cpr, left_out)
    return Member(
        local_id, _ACTOR_GROUPS[raw.kind], identity, body, main, tuple(groups), contacts, bool(left_out)
    )  # fmt: skip


def _roles(raw: RawPerson) -> list[str]:
    roles = [_word(Role, text, "Role") for text in dict.fromkeys(raw.roles)]
    if not roles:
        raise _Unfit(Fault.VALUE_MISSING, "Role")
    if raw.kind != "Employee" and len(raw.roles) > 1:
        raise _Unfit(Fault.VALUE_REPEATED, "Role")
    if not _ROLES[raw.kind].issuperset(roles):
        raise _Unfit(Fault.VALUE_NOT_KNOWN, "Role")
    return sorted(role.value for role in roles)


def _contacts(raw: RawPerson, local_id: str, cpr_of_pupil: str, left_out: list[Rejection]) -> tuple[Contact, ...]:
    kept: dict[str, Contact] = {}
    for one in raw.contacts:
        try:
            contact = _contact(one, cpr_of_pupil, kept)
        except _Unfit as unfit:
            left_out.append(Rejection(About.CONTACT, raw.position, local_id, unfit.fault, unfit.field))
        else:
            kept[contact.identity.cpr] = contact
    return tuple(kept.values())


def _contact(raw: RawContact, cpr_of_pupil: str, kept: Mapping[str, Contact]) -> Contact:
    if raw.identity is None:
        raise _Unfit(Fault.VALUE_MISSING, "Person")
    access = raw.fields.get("accessLevel")
    if access is not None and not _SMALL_NUMBER.fullmatch(access):
        raise _Unfit(Fault.VALUE_NOT_KNOWN, "accessLevel")
    body = {
        "relation": _word(Relation, _required(raw.fields, "relation"), "relation").value,
        "custody": _boolean(raw.fields, "childCustody"),
        "access_level": int(access) if access else None,
    }
    identity = _identity(raw.identity)
    if identity.cpr == cpr_of_pupil:
        raise _Unfit(Fault.CONTACT_IS_PUPIL)
    if identity.cpr in kept:
        raise _Unfit(Fault.CONTACT_TWICE)
    return Contact(identity, _filled(body))


def _identity(raw: RawIdentity) -> Identity:
    fields = raw.fields
    if raw.repeated:
        raise _Unfit(Fault.VALUE_REPEATED, raw.repeated)
    cpr = fields.get("CivilRegistrationNumber", "")
    if not cpr:
        raise _Unfit(Fault.CPR_MISSING, "CivilRegistrationNumber")
    if not cpr_well_formed(cpr):
        raise _Unfit(Fault.CPR_WRONG, "CivilRegistrationNumber")
    for name in ("FirstName", "FamilyName"):
        _required(fields, name)
    body: dict[str, Any] = {ours: _optional(fields, theirs) for theirs, ours in _NAMES.items()}
    body["protected"] = _boolean(fields, "@protected")
    if body["protected"] and not (body["alias_first_name"] and body["alias_family_name"]):
        raise _Unfit(Fault.ALIAS_MISSING, "AliasFirstName")
    body["birth_date"] = _date(fields, "BirthDate")
    gender = _optional(fields, "Gender")
    body["gender"] = _word(Gender, gender, "Gender").value if gender else None
    body["details"] = _details(fields)
    return Identity(cpr, _filled(body))


def _details(fields: Fields) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if photo := _optional(fields, "PhotoId"):
        details["PhotoId"] = photo
    address = {name: value for name in _ADDRESS if (value := _optional(fields, f"Address.{name}"))}
    if address:
        details["Address"] = address
    for name in _PHONES:
        if number := _optional(fields, name):
            details[name] = {"number": number, "protected": _boolean(fields, f"{name}@protected")}
    return details


def _required(fields: Fields, name: str) -> str:
    value = _optional(fields, name)
    if value is None:
        raise _Unfit(Fault.VALUE_MISSING, name)
    return value


def _optional(fields: Fields, name: str) -> str | None:
    return _fitting(fields.get(name, ""), name) or None


def _fitting(text: str, name: str) -> str:
    if not text:
        return text
    if not text.isprintable() and _STEERING.search(text):
        raise _Unfit(Fault.VALUE_UNPRINTABLE, name.rpartition(".")[2])
    value = text if text.isascii() else unicodedata.normalize("NFC", text)
    if len(value.encode()) > _LENGTHS.get(name, _LINE):
        raise _Unfit(Fault.VALUE_TOO_LONG, name.rpartition(".")[2])
    return value


def _word(kind: type[_Word], text: str, name: str) -> _Word:
    try:
        return kind(text if text.isascii() else unicodedata.normalize("NFC", text))
    except ValueError:
        raise _Unfit(Fault.VALUE_NOT_KNOWN, name) from None


def _boolean(fields: Fields, name: str) -> bool:
    shown = name.rpartition("@")[2]
    if name not in fields or not fields[name]:
        raise _Unfit(Fault.VALUE_MISSING, shown)
    if fields[name] not in _BOOLEANS:
        raise _Unfit(Fault.VALUE_NOT_KNOWN, shown)
    return _BOOLEANS[fields[name]]


def _date(fields: Fields, name: str) -> str | None:
    text = fields.get(name, "")
    if not text:
        return None
    form = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(form[1]).isoformat() if form else _not_known(name)
    except ValueError:
        return _not_known(name)


def _not_known(name: str) -> str:
    raise _Unfit(Fault.VALUE_NOT_KNOWN, name)


def _digits(text: str) -> str:
    return text.replace("-", "").replace(" ", "")


def _filled(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
