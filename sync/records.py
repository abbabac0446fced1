"""Source records, the same whatever the format: raw as a reader yields them, checked as validation leaves them.

No record shows a CPR number when it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policies.vocabulary import ActorGroup


@unique
class Fault(StrEnum):
    """What can be wrong with a delivery. :mod:`sync.report` says each in Danish and English."""

    # ── The file: it is rejected and nothing changes ──
    FILE_UNREADABLE = "file:unreadable"
    NOT_XML = "file:not-xml"
    ENCODING = "file:encoding"
    DOCTYPE = "file:doctype"
    WRONG_ROOT = "file:wrong-root"
    ELEMENT_NOT_ALLOWED = "file:element-not-allowed"
    RECORD_TOO_LARGE = "file:record-too-large"
    ATTRIBUTE_MISSING = "file:attribute-missing"
    SOURCE_DATETIME_FORM = "file:source-datetime-form"
    SOURCE_DATETIME_AHEAD = "file:source-datetime-ahead"
    SOURCE_DATETIME_NOT_NEWER = "file:source-datetime-not-newer"
    SCHOOL_YEAR_FORM = "file:school-year-form"
    NO_INSTITUTION = "file:no-institution"
    TWO_INSTITUTIONS = "file:two-institutions"
    UNKNOWN_INSTITUTION = "file:unknown-institution"
    UNKNOWN_SOURCE = "file:unknown-source"
    CHANGED_MEANWHILE = "file:changed-meanwhile"
    # ── A person, a contact or a group: it alone is rejected, and what we knew of it stays ──
    VALUE_MISSING = "record:value-missing"
    VALUE_TOO_LONG = "record:value-too-long"
    VALUE_NOT_KNOWN = "record:value-not-known"
    VALUE_UNPRINTABLE = "record:value-unprintable"
    VALUE_REPEATED = "record:value-repeated"
    CPR_MISSING = "record:cpr-missing"
    CPR_WRONG = "record:cpr-wrong"
    CPR_UNEXPECTED = "record:cpr-unexpected"
    LOCAL_ID_IS_CPR = "record:local-id-is-cpr"
    LOCAL_ID_TWICE = "record:local-id-twice"
    ALIAS_MISSING = "record:alias-missing"
    NO_ROLE_KIND = "record:no-role-kind"
    MAIN_GROUP_NOT_CLASS = "record:main-group-not-class"
    CONTACT_IS_PUPIL = "record:contact-is-pupil"
    CONTACT_TWICE = "record:contact-twice"
    GROUP_TWICE = "record:group-twice"
    GROUP_LEVEL_MISSING = "record:group-level-missing"
    GROUP_LEVEL_FORBIDDEN = "record:group-level-forbidden"


class FileRejected(Exception):
    """The file as a whole is rejected. ``detail`` is a name out of the format, never a value out of the file."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.detail = fault, detail


@unique
class About(StrEnum):
    """What was rejected."""

    PERSON = "person"
    CONTACT = "contact"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One record that was left out. ``position`` counts persons (or groups) in the file from 1."""

    about: About
    position: int
    local_id: str | None
    """LocalPersonId of the person (a contact: of the pupil), or GroupId; None when missing or not to be shown."""
    fault: Fault
    field: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return JSON values for the stored run."""
        return {
            "about": self.about.value, "position": self.position, "local_id": self.local_id,
            "fault": self.fault.value, "field": self.field,
        }  # fmt: skip


# ── Raw: text as it stood in the file, whitespace aside ──

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class RawHeader:
    """Who delivers for whom, and when."""

    institution: str
    source: str
    source_datetime: str
    school_year: str


@dataclass(frozen=True, slots=True)
class RawGroup:
    """A group by SkoleGrunddata's field names. ``repeated`` names a field that was given twice."""

    position: int
    fields: Fields
    repeated: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class RawIdentity:
    """A Person by SkoleGrunddata's field names; ``Address.`` and ``@`` lead to what lies deeper."""

    fields: Fields
    repeated: str = ""


@dataclass(frozen=True, slots=True)
class RawContact:
    """A ContactPerson: relation, childCustody, accessLevel, and who it is."""

    fields: Fields
    identity: RawIdentity | None


@dataclass(frozen=True, slots=True)
class RawPerson:
    """An InstitutionPerson. ``kind`` is Student, Employee or Extern, or empty when there is not exactly one."""

    position: int
    local_id: str
    kind: str
    identity: RawIdentity | None
    fields: Fields
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    contacts: tuple[RawContact, ...] = ()
    repeated: str = ""


# ── Checked: values as they are stored, bodies as idp.usecases.roster_plan names them ──


@dataclass(frozen=True, slots=True)
class Group:
    """A group under its code."""

    code: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is. ``body`` holds names, protection and what may be absent."""

    cpr: str = field(repr=False)
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody around a pupil. ``body`` holds relation, custody and access_level."""

    identity: Identity
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A pupil, an employee or an external."""

    local_id: str
    actor_group: ActorGroup
    identity: Identity
    body: dict[str, Any]
    """The identity's body with roles, level and details."""
    main_group: str | None
    groups: tuple[str, ...]
    contacts: tuple[Contact, ...] = ()
    contacts_rejected: bool = False
    """Whether a contact was left out, so that none of those we knew may end."""
