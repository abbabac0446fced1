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


@unique
class Reason(StrEnum):
    """Why something is refused: ``area:what``. ``idp.web.messages`` says each in Danish and English."""

    # No rule spoke, so the answer is no.
    NOTHING_ALLOWS = "any:nothing-allows"
    # A form was sent from a page of another site.
    FORM_FROM_ELSEWHERE = "any:form-from-elsewhere"
    # A form's page is from before the session it came with.
    FORM_TOO_OLD = "any:form-too-old"

    # ── Signing in ──
    # No code came with the form, or one of another page's signs.
    CODE_MISSING = "sign-in:code-missing"
    # Nothing was typed where the username belongs.
    USERNAME_MISSING = "sign-in:username-missing"
    # So many people are logging in that even the queue is full (decision 16).
    QUEUE_FULL = "sign-in:queue-full"
    # The name or the code was not right. The same for a name that nobody has.
    WRONG_NAME_OR_CODE = "sign-in:wrong-name-or-code"
    # After several failures the next try must wait some time; the account or device opens again by itself.
    WAIT_BEFORE_TRYING = "sign-in:wait-before-trying"
    # Strangers' guesses for today are spent (decision 13). The same words for a name that nobody has.
    ASK_YOUR_TEACHER = "sign-in:ask-your-teacher"
    # Very many failures came from this network; it must wait some seconds.
    NETWORK_MUST_WAIT = "sign-in:network-must-wait"
    # Very many failures came from strangers everywhere; browsers in networks that we hardly know must wait.
    STRANGERS_MUST_WAIT = "sign-in:strangers-must-wait"
    # The service allowed no page to be shown, and one would be needed (prompt=none, IsPassive).
    PAGE_NEEDED = "sign-in:page-needed"
    # The service expects another person than the one who is logged in.
    ANOTHER_PERSON_EXPECTED = "sign-in:another-person-expected"
    # Nothing this person can prove here gives the assurance that the service asks for.
    ASSURANCE_NOT_AVAILABLE = "sign-in:assurance-not-available"
    # The service asks for an assurance that nobody here can name, or that the operator has not configured (NSIS).
    ASSURANCE_UNKNOWN = "sign-in:assurance-unknown"
    # The code was right, but the school has blocked the account. Said after a right code only (decision 14).
    ACCOUNT_BLOCKED = "sign-in:account-blocked"
    # The code was right, but no school, kindergarten or child holds the person any more. After a right code only.
    NO_CURRENT_ATTACHMENT = "sign-in:no-current-attachment"
    # The code of another screen is not one that a screen shows now: mistyped, too old, or used (RFC 8628).
    USER_CODE_UNKNOWN = "sign-in:user-code-unknown"
    # The person pressed that it is not they who are at the other screen (RFC 8628).
    OTHER_SCREEN_REFUSED = "sign-in:other-screen-refused"
    # This login attempt is too old, unknown or already answered.
    ATTEMPT_GONE = "sign-in:attempt-gone"
    # The login attempt belongs to another browser (decision 18).
    ATTEMPT_ELSEWHERE = "sign-in:attempt-elsewhere"

    # ── Activation window (decision 8) ──
    # No window is open for the name, or it has lapsed. The person sees the same as for a wrong sign.
    WINDOW_NOT_OPEN = "window:not-open"
    # The person picked a sign that is not the one on the opener's screen; the window is closed.
    WINDOW_WRONG_SIGN = "window:wrong-sign"
    # Another browser gave the right sign first.
    WINDOW_CLAIMED_ELSEWHERE = "window:claimed-elsewhere"

    # ── The school card (decision 11) ──
    # The card does not work here and now. The login page says no more, whichever of the reasons below it is.
    CARD_DOES_NOT_WORK = "card:does-not-work"
    # What came is not a whole card's token: the scanner or the camera read something else, or only half of it.
    CARD_UNREADABLE = "card:unreadable"
    # No card has this token.
    CARD_UNKNOWN = "card:unknown"
    # The card was revoked, or replaced by a newer one.
    CARD_REVOKED = "card:revoked"
    # The pupil is no longer at the school that gave the card out.
    CARD_OF_ANOTHER_SCHOOL = "card:of-another-school"
    # The school has not turned cards on.
    CARD_OFF = "card:off"
    # Cards of the school do not work at this time.
    CARD_OUT_OF_HOURS = "card:out-of-hours"
    # Cards of the school do not work on this network.
    CARD_OTHER_NETWORK = "card:other-network"
    # Policy gives pupils of this stage no card.
    CARD_NOT_FOR_STAGE = "card:not-for-stage"

    # ── Codes ──
    # The new code was tapped or typed otherwise than it was shown.
    CODE_NOT_AS_SHOWN = "code:not-as-shown"
    # The two fields of a self-chosen code differ.
    CODE_NOT_TYPED_TWICE = "code:not-typed-twice"
    # The code has fewer signs than the policy wants.
    CODE_TOO_SHORT = "code:too-short"
    # The code has more signs than we take.
    CODE_TOO_LONG = "code:too-long"
    # The code is one of the person's newest ones.
    CODE_USED_BEFORE = "code:used-before"
    # So many codes were tried in one login that the one that is offered must do.
    CODE_TRIED_TOO_OFTEN = "code:tried-too-often"
    # The stage of the person assigns codes and lets nobody choose.
    CODE_NOT_YOURS_TO_CHOOSE = "code:not-yours-to-choose"
    # The stage asks for a kind of sign that the chosen code lacks.
    CODE_NEEDS_UPPER = "code:needs-upper"
    CODE_NEEDS_LOWER = "code:needs-lower"
    CODE_NEEDS_DIGIT = "code:needs-digit"
    # The code begins or ends with a blank, which a login would not hear.
    CODE_BLANK_AT_END = "code:blank-at-end"
    # There are signs in the code that nobody can see or type again.
    CODE_HIDDEN_SIGN = "code:hidden-sign"
    # What stands in the code is known to everybody who knows the person.
    CODE_HAS_NAME = "code:has-name"
    CODE_HAS_USERNAME = "code:has-username"
    CODE_HAS_BIRTH_DATE = "code:has-birth-date"
    CODE_HAS_SCHOOL = "code:has-school"
    # A season, a month or a day of the week stands in the code.
    CODE_HAS_CALENDAR = "code:has-calendar"
    # Very many people choose this code.
    CODE_TOO_COMMON = "code:too-common"
    # The code is one sign or one piece over and over, or a row of the keyboard.
    CODE_TOO_PLAIN = "code:too-plain"
    # ``skolepas codes issue`` while the setting that allows it is off.
    CODE_ISSUE_NOT_ALLOWED = "code:issue-not-allowed"
    # The account has ended, so that no code can be made for it.
    CODE_ACCOUNT_ENDED = "code:account-ended"

    # ── Second factors (decision 6) ──
    # The one-time code, the two codes in a row or the recovery code was not right, or was used before.
    FACTOR_WRONG_CODE = "factor:wrong-code"
    # The passkey is not one of the person's, or its answer was not right.
    FACTOR_WRONG_PASSKEY = "factor:wrong-passkey"
    # People of this stage have no second factor.
    FACTOR_NOT_FOR_STAGE = "factor:not-for-stage"
    # Nothing shown in this login lets the person enrol a factor: it takes a one-time pass.
    FACTOR_PASS_NEEDED = "factor:pass-needed"
    # The one-time pass is wrong, used, too old or another person's.
    FACTOR_WRONG_PASS = "factor:wrong-pass"
    # It is the person's last second factor, and nobody has said that this is known.
    FACTOR_LAST = "factor:last"

    # ── Power over others (decision 2) ──
    # The one who asks has no right that this action needs.
    RIGHT_MISSING = "power:right-missing"
    # The person is not a pupil in a class that the teacher has now.
    NOT_YOUR_PUPIL = "power:not-your-pupil"
    # The person has no current attachment as pupil, so a school has no power over the code.
    NOT_A_PUPIL = "power:not-a-pupil"
    # The school attached an account that already existed, and nobody with a say has confirmed it yet.
    ATTACHMENT_NOT_CONFIRMED = "power:attachment-not-confirmed"
    # The person works at a school as well; staff are never reset through a pupil attachment.
    STAFF_NOT_THROUGH_PUPIL = "power:staff-not-through-pupil"
    # Nobody opens a window for himself.
    NOT_FOR_YOURSELF = "power:not-for-yourself"
    # Power over others needs a login with two factors.
    SECOND_FACTOR_NEEDED = "power:second-factor-needed"
    # Nobody by that number is attached to the institutions that the administrator has. The same for nobody at all.
    OUTSIDE_YOUR_INSTITUTIONS = "power:outside-your-institutions"
    # The person is attached as something else than a pupil too, and the strictest rules hold for the code.
    NOT_ONLY_A_PUPIL = "power:not-only-a-pupil"

    # ── What an administrator fills in ──
    # No reason was written for using power over another.
    REASON_MISSING = "power:reason-missing"
    # The reason is longer than is kept.
    REASON_TOO_LONG = "power:reason-too-long"
    # The reason holds signs that cannot be seen, or that turn the text around.
    REASON_UNREADABLE = "power:reason-unreadable"
    # Only a pupil's stage can be forced on a pupil.
    STAGE_NOT_FOR_PUPILS = "power:stage-not-for-pupils"
    # No day was named, or what was typed is no day.
    LAST_DAY_MISSING = "power:last-day-missing"
    # The day that was named is over.
    LAST_DAY_PAST = "power:last-day-past"
    # The day that was named is more than two years ahead.
    LAST_DAY_TOO_FAR = "power:last-day-too-far"

    # ── Consent, for services that are not the school's ──
    # The person must be asked first, and the service allowed no page to be shown.
    CONSENT_NEEDED = "consent:needed"
    # The person pressed No.
    CONSENT_REFUSED = "consent:refused"
    # Below the age from which somebody consents by themselves (databeskyttelsesloven section 6).
    CONSENT_TOO_YOUNG = "consent:too-young"
    # No school has told how old the pupil is.
    CONSENT_AGE_UNKNOWN = "consent:age-unknown"

    # ── Logins elsewhere ──
    # Another identity provider does not vouch for anybody whom it may vouch for here (decision 20).
    ELSEWHERE_NOBODY = "sign-in:elsewhere-nobody"
    # The login there did not come about, or what came back does not hold.
    ELSEWHERE_FAILED = "sign-in:elsewhere-failed"

    # ── Services ──
    # The service has been disabled.
    SERVICE_DISABLED = "service:disabled"
    # No service is registered under the identifier that came.
    SERVICE_UNKNOWN = "service:unknown"
    # The service requires a licence that none of the person's institutions has (decision 12).
    LICENCE_MISSING = "service:licence-missing"
    # The service's message breaks a rule, so that nobody can be sent back to it.
    SERVICE_REQUEST_WRONG = "service:request-wrong"
    # The service could not use the login, and sent the person here with it.
    SERVICE_REFUSED_LOGIN = "service:refused-login"

    # ── Sync ──
    # The plan would end more of one institution's people than may end unattended.
    SYNC_ENDS_TOO_MANY = "sync:ends-too-many"
    # The file begins a new school year, and the rules ask for a person to look at it first.
    SYNC_NEW_SCHOOL_YEAR = "sync:new-school-year"
