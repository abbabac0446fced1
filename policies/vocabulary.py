"""The closed words that the whole system shares.

A value is what stands in the database, in a plan and on the wire; a member's name is what the code says. Values
that SkoleGrunddata or Unilogin already have keep their spelling (STIL, SkoleGrunddata feltdefinitioner).
"""

from __future__ import annotations

from enum import StrEnum, unique

from policies.grunddata import Gender as Gender  # noqa: PLC0414 (spoken of as part of this vocabulary)
from policies.grunddata import GroupType as GroupType  # noqa: PLC0414
from policies.grunddata import Level as Level  # noqa: PLC0414
from policies.grunddata import Relation as Relation  # noqa: PLC0414
from policies.grunddata import Role as Role  # noqa: PLC0414
from policies.reasons import Reason as Reason  # noqa: PLC0414


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
class SignKind(StrEnum):
    """What a self-chosen code may be asked to have in it. Letters are those of any alphabet."""

    UPPER = "upper"
    LOWER = "lower"
    DIGIT = "digit"


@unique
class Follow(StrEnum):
    """Whose rule holds where the two clash: the country's, or that of the norms (``[policy] follow``)."""

    NATIONAL = "national"
    NORM = "norm"


@unique
class Factor(StrEnum):
    """What a person proved in a session."""

    PICTURES = "pictures"
    PASSWORD = "password"
    CARD = "card"
    PASSKEY = "passkey"
    TOTP = "totp"
    RECOVERY_CODE = "recovery-code"
    ADULT = "adult"
    UPSTREAM = "upstream"
    UPSTREAM_TWO = "upstream-two"


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
    SUBSTITUTE = "vikar"


@unique
class WindowPurpose(StrEnum):
    """Why an activation window is open (decision 8)."""

    FIRST_CODE = "first-code"
    NEW_CODE = "new-code"
    ENROL_FACTOR = "enrol-factor"


@unique
class Step(StrEnum):
    """What a login can ask for next, or how it stands (``policies.sign_in``)."""

    USERNAME = "username"
    CARD = "card"
    PICTURES = "pictures"
    PASSWORD = "password"
    SIGN = "sign"
    NEW_CODE = "new-code"
    CHOOSE_CODE = "choose-code"
    CONFIRM_CODE = "confirm-code"
    CODE_ENDS = "code-ends"
    ELSEWHERE = "elsewhere"
    SECOND_FACTOR = "second-factor"
    ENROL_FACTOR = "enrol-factor"
    CHOOSE_WHO = "who"
    STILL_YOU = "still-you"
    OTHER_SCREEN = "other-screen"
    CONSENT = "consent"
    STEP_UP = "step-up"
    WAIT = "wait"
    REFUSED = "refused"
    DONE = "done"


@unique
class Task(StrEnum):
    """What a person comes to do within a login; only our own administration may ask for one (decision 21)."""

    NEW_CODE = "new-code"
    ENROL_FACTOR = "enrol-factor"


@unique
class EnrolThrough(StrEnum):
    """What lets a second factor be enrolled in a login (decision 6). A code alone never does."""

    WINDOW = "window"
    UPSTREAM = "upstream"
    PASS = "pass"
    FACTOR = "factor"
