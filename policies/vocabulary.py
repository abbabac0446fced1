"""The closed words that the whole system shares.

A value is what stands in the database, in a plan and on the wire; a member's name is what the code says. Values
that SkoleGrunddata or Unilogin already have keep their spelling (STIL, SkoleGrunddata feltdefinitioner).
"""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Level(StrEnum):
    """``trin``: how far a pupil has come. DT is day-care, U1-U4 youth education, VU higher education."""

    DT = "DT"
    G0 = "0"
    G1 = "1"
    G2 = "2"
    G3 = "3"
    G4 = "4"
    G5 = "5"
    G6 = "6"
    G7 = "7"
    G8 = "8"
    G9 = "9"
    G10 = "10"
    U1 = "U1"
    U2 = "U2"
    U3 = "U3"
    U4 = "U4"
    VU = "VU"
    OTHER = "Andet"


@unique
class Stage(StrEnum):
    """The part of a school life that decides which kind of code fits."""

    DAYCARE = "dagtilbud"
    INDSKOLING = "indskoling"
    MELLEMTRIN = "mellemtrin"
    UDSKOLING = "udskoling"
    YOUTH = "ungdomsuddannelse"
    STAFF = "personale"
    PARENT = "kontaktperson"


@unique
class ActorGroup(StrEnum):
    """``aktørgruppe``: as whom a person acts. Exactly one in a session."""

    PUPIL = "Elev"
    STAFF = "Medarbejder"
    EXTERNAL = "Ekstern"
    CONTACT = "Kontaktperson"


@unique
class Role(StrEnum):
    """Roles of pupils, staff and externals, spelled as SkoleGrunddata spells them."""

    CHILD = "Barn"
    PUPIL = "Elev"
    STUDENT = "Studerende"
    TEACHER = "Lærer"
    PEDAGOGUE = "Pædagog"
    SUBSTITUTE = "Vikar"
    LEADER = "Leder"
    MANAGEMENT = "Ledelse"
    TECHNICAL = "TAP"
    CONSULTANT = "Konsulent"
    TRAINEE = "Praktikant"
    EXTERNAL = "Ekstern"


@unique
class GroupType(StrEnum):
    """Kinds of groups; only a Hovedgruppe (class) has a level."""

    CLASS = "Hovedgruppe"
    YEAR = "Årgang"
    LINE = "Retning"
    UNIT = "Hold"
    SFO = "SFO"
    TEAM = "Team"
    OTHER = "Andet"


@unique
class Relation(StrEnum):
    """How a contact is related to a pupil."""

    MOTHER = "Mor"
    FATHER = "Far"
    OTHER = "Andet"
    OFFICIAL = "Officielt tilknyttet person"


@unique
class CodeKind(StrEnum):
    """What a stored code is made of: four pictures in order, or a text."""

    PICTURES = "pictures"
    TEXT = "text"


@unique
class CodeShape(StrEnum):
    """The form in which a code is assigned."""

    PICTURES = "pictures"
    TWO_WORDS = "two-words"
    TWO_WORDS_TWO_DIGITS = "two-words-two-digits"


@unique
class Factor(StrEnum):
    """What a person proved in a session."""

    PICTURES = "pictures"
    PASSWORD = "password"  # noqa: S105 (a word, not a secret)
    CARD = "card"
    PASSKEY = "passkey"
    TOTP = "totp"
    RECOVERY_CODE = "recovery-code"
    ADULT = "adult"
    UPSTREAM = "upstream"


@unique
class Assurance(StrEnum):
    """``unilogin_loa``. Ordered by decision 9: both others are above EnFaktor and neither is the other."""

    EN_FAKTOR = "EnFaktor"
    VOKSEN_VERIFICERET = "VoksenVerificeret"
    TO_FAKTOR = "ToFaktor"


@unique
class ReleasePackage(StrEnum):
    """How much of a person an agreement lets a service receive."""

    SMALL = "small"
    MEDIUM = "medium"
    FULL = "full"


@unique
class AgreementStatus(StrEnum):
    """Where a request for data access stands (Tilslutning)."""

    WAITING = "Venter"
    APPROVED = "Godkendt"
    REFUSED = "Afvist"


@unique
class Protocol(StrEnum):
    """The protocol a service speaks with us."""

    OIDC = "oidc"
    SAML = "saml"


@unique
class Right(StrEnum):
    """What a person may be granted beside what their attachments give (``skolepas rights grant``)."""

    USER_ADMINISTRATOR = "brugeradministrator"
    SCHOOL_MANAGEMENT = "skoleledelse"
    AGREEMENTS = "aftaler"
    MUNICIPAL_OVERSIGHT = "kommunalt-overblik"
    OPERATOR = "driftsansvarlig"


@unique
class WindowPurpose(StrEnum):
    """Why an activation window is open (decision 8)."""

    FIRST_CODE = "first-code"
    NEW_CODE = "new-code"
    ENROL_FACTOR = "enrol-factor"
