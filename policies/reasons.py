"""Why something is refused. The rest of the system takes it from :mod:`policies.vocabulary`."""

from __future__ import annotations

from enum import StrEnum, unique


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

    # The class is not one of those that the one who asks teaches, stands in for, or administers. The same for none at all.
    CLASS_NOT_YOURS = "power:class-not-yours"
    # The second factor was shown too long ago for what is asked; showing it once more helps.
    SECOND_FACTOR_OLD = "power:second-factor-old"

    # Nobody by that number is a child under age in the custody of whoever asks. The same for nobody at all.
    NOT_YOUR_CHILD = "power:not-your-child"
    # The parent has not shown who they are: two factors, and a strong identification or somebody who has seen them.
    PARENT_NOT_IDENTIFIED = "power:parent-not-identified"

    # ── An adult vouches for a pupil (VoksenVerificeret) ──
    # The request was answered already, has lapsed, or the pupil has left the page.
    STEP_UP_GONE = "step-up:gone"
    # The pupil has asked so often that the next request must wait.
    STEP_UP_TOO_OFTEN = "step-up:too-often"
    # The request is one of those that need a press of their own, so that no approval of many covers it (decision 10).
    STEP_UP_UNUSUAL = "step-up:unusual"
    # The school has not turned on that lessons are approved beforehand.
    LESSON_OFF = "step-up:lesson-off"
    # The sign that was picked is not the lesson's, or no lesson is approved for the pupil here and now.
    LESSON_WRONG_SIGN = "step-up:lesson-wrong-sign"
    # An adult said no.
    STEP_UP_REFUSED = "step-up:refused"

    # ── Standing in for a colleague ──
    # The one who would stand in does not work at the institution now, or has no second factor.
    SUBSTITUTE_NOT_STAFF = "substitute:not-staff"
    # A substitute gives the class to nobody else.
    SUBSTITUTE_PASSES_NOT_ON = "substitute:passes-not-on"
    # No day was named, it is over, or it is further ahead than a substitute may stand in.
    SUBSTITUTE_DAYS_WRONG = "substitute:days-wrong"

    # ── Emergency stop (decision 27) ──
    # Whoever stopped the codes does not start them again; another administrator does.
    STOP_NEEDS_ANOTHER = "stop:needs-another"
    # The stop can be lifted no longer, or was lifted already: each pupil gets a new code.
    STOP_OVER = "stop:over"

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
