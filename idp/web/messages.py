"""Every :class:`~policies.vocabulary.Reason` in words a pupil can read; the Danish ones stand in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import format_time, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from flask_babel import LazyString

_MINUTE: Final = 60
_HOUR: Final = 3600

# The same words whatever came in the way, so that nobody learns whether a window is open for a name (decision 8).
_NO_WINDOW: Final = _l("That sign did not open anything. Ask your teacher to show you a new sign.")

_SENTENCES: Final[Mapping[Reason, LazyString]] = {
    Reason.NOTHING_ALLOWS: _l("Nothing here allows that."),
    Reason.FORM_FROM_ELSEWHERE: _l(
        "What was sent came from a page that is not ours, so nothing has been done. Go on from our own page."
    ),
    Reason.FORM_TOO_OLD: _l(
        "The page was open for too long, or you have logged in anew since. Nothing has been done; here is a fresh one."
    ),
    Reason.CODE_MISSING: _l("No code reached us. Try again."),
    Reason.USERNAME_MISSING: _l("Type your username."),
    Reason.QUEUE_FULL: _l(
        "So many people are logging in right now that the queue is full. Wait some minutes, and then try again."
    ),
    Reason.WRONG_NAME_OR_CODE: _l("The username or the code was not right. Try again."),
    Reason.WAIT_BEFORE_TRYING: _l("That was wrong some times in a row. Wait a little, and then try again."),
    Reason.ASK_YOUR_TEACHER: _l("There have been too many tries today. Ask your teacher for help."),
    Reason.NETWORK_MUST_WAIT: _l("Very many codes were wrong here. Wait a moment, and then try again."),
    Reason.STRANGERS_MUST_WAIT: _l(
        "Very many wrong codes are being tried just now. Wait, or use a device that you have logged in on before."
    ),
    Reason.PAGE_NEEDED: _l("You need to log in, but the service did not let us show you a page."),
    Reason.ANOTHER_PERSON_EXPECTED: _l("The service expects somebody else than the person who is logged in here."),
    Reason.ASSURANCE_NOT_AVAILABLE: _l("The service asks for a stronger login than you can make here."),
    Reason.ASSURANCE_UNKNOWN: _l("The service asks for a kind of login that we do not have."),
    Reason.ACCOUNT_BLOCKED: _l("Your account is blocked. Ask at your school; they can tell you why and open it again."),
    Reason.NO_CURRENT_ATTACHMENT: _l(
        "No school tells us that you belong there now, so we cannot let you in. Ask at your school."
    ),
    Reason.USER_CODE_UNKNOWN: _l(
        "No screen shows that code now. Look at the other screen again; if the code is old, ask for a new one there."
    ),
    Reason.OTHER_SCREEN_REFUSED: _l("You said no, so nobody is logged in at the other screen."),
    Reason.ATTEMPT_GONE: _l("This login is no longer open. It may be finished, or it took too long."),
    Reason.ATTEMPT_ELSEWHERE: _l(
        "This login was begun in another browser, or your browser did not keep our cookie. Begin again here."
    ),
    Reason.WINDOW_NOT_OPEN: _NO_WINDOW,
    Reason.WINDOW_WRONG_SIGN: _NO_WINDOW,
    Reason.WINDOW_CLAIMED_ELSEWHERE: _NO_WINDOW,
    Reason.CARD_DOES_NOT_WORK: _l("The card does not work here now. Type your username instead, or ask your teacher."),
    Reason.CARD_UNREADABLE: _l("The card was not read. Try again, or type your username."),
    Reason.CARD_UNKNOWN: _l("There is no such card."),
    Reason.CARD_REVOKED: _l("The card was revoked, or a newer one was made."),
    Reason.CARD_OF_ANOTHER_SCHOOL: _l("The pupil is no longer at the school that made the card."),
    Reason.CARD_OFF: _l("The school has not turned school cards on."),
    Reason.CARD_OUT_OF_HOURS: _l("The school's cards do not work at this time."),
    Reason.CARD_OTHER_NETWORK: _l("The school's cards do not work on this network."),
    Reason.CARD_NOT_FOR_STAGE: _l("Pupils of this age type their username; they have no school card."),
    Reason.CODE_NOT_AS_SHOWN: _l("That was not the code as it was shown. Look at it once more."),
    Reason.CODE_NOT_TYPED_TWICE: _l("The two were not the same. Type your code twice."),
    Reason.CODE_TRIED_TOO_OFTEN: _l(
        "You have tried many codes now. Take the one that we give you; you can choose another when you log in again."
    ),
    Reason.CODE_USED_BEFORE: _l("You have had that code before. Choose one that is new."),
    Reason.CODE_ISSUE_NOT_ALLOWED: _l("Codes may not be issued here: the setting login.allow_code_issue is off."),
    Reason.CODE_ACCOUNT_ENDED: _l("The account has ended, so it cannot have a new code."),
    Reason.FACTOR_WRONG_CODE: _l("That code was not right, or it was used before. Wait for the next one, and type it."),
    Reason.FACTOR_WRONG_PASSKEY: _l("That passkey did not work here. Try again, or choose another way."),
    Reason.FACTOR_NOT_FOR_STAGE: _l("Your account is of a kind that needs no second factor."),
    Reason.FACTOR_PASS_NEEDED: _l("You need a one-time pass for that. Another administrator can give you one."),
    Reason.FACTOR_WRONG_PASS: _l("That pass is not right, or its time is over. Ask for a new one."),
    Reason.FACTOR_LAST: _l(
        "It is the last second factor. Without one, nothing that gives power over others can be used."
    ),
    Reason.CLASS_NOT_YOURS: _l(
        "That class is not one of yours. The school's own system says which classes a teacher has."
    ),
    Reason.SECOND_FACTOR_OLD: _l(
        "It is a while since you showed your second factor. Log in with two factors once more."
    ),
    Reason.NOT_YOUR_CHILD: _l("The school has not registered that you have custody of that child."),
    Reason.PARENT_NOT_IDENTIFIED: _l(
        "First show who you are: log in with two factors, by your strong ID, or after the school has seen you in person."
    ),
    Reason.STEP_UP_GONE: _l("The pupil does not wait any more, or somebody else has answered."),
    Reason.STEP_UP_TOO_OFTEN: _l("You have asked many times. Wait a little, and then ask your teacher again."),
    Reason.STEP_UP_UNUSUAL: _l("Look at this one by itself: something about it is unusual."),
    Reason.LESSON_OFF: _l("The school has not turned on that a lesson is approved beforehand."),
    Reason.LESSON_WRONG_SIGN: _l("That was not the sign of the lesson. Wait for your teacher to say yes."),
    Reason.STEP_UP_REFUSED: _l("Your teacher said no."),
    Reason.SUBSTITUTE_NOT_STAFF: _l(
        "Only somebody who works at the school now, and has a second factor, can stand in."
    ),
    Reason.SUBSTITUTE_PASSES_NOT_ON: _l("A substitute cannot give the class to somebody else."),
    Reason.SUBSTITUTE_DAYS_WRONG: _l("Choose a last day: today at the earliest, and five days in all at the most."),
    Reason.STOP_NEEDS_ANOTHER: _l("You stopped the codes yourself. Another administrator must start them again."),
    Reason.STOP_OVER: _l("The codes cannot be started again any more. Give the pupils new ones."),
    Reason.CODE_NOT_YOURS_TO_CHOOSE: _l("You cannot choose your own code. You get one from us."),
    Reason.CODE_TOO_SHORT: _l("The code is too short. Make it longer, for instance with one more word."),
    Reason.CODE_TOO_LONG: _l("The code is too long. Make it shorter."),
    Reason.CODE_NEEDS_UPPER: _l("A big letter is missing, like A or B."),
    Reason.CODE_NEEDS_LOWER: _l("A small letter is missing, like a or b."),
    Reason.CODE_NEEDS_DIGIT: _l("A number is missing, like 3 or 8."),
    Reason.CODE_BLANK_AT_END: _l("The code begins or ends with a space. Take it away."),
    Reason.CODE_HIDDEN_SIGN: _l("There is a sign in the code that nobody can see. Type the code yourself."),
    Reason.CODE_HAS_NAME: _l("Your name is in the code. Others know it, so leave it out."),
    Reason.CODE_HAS_USERNAME: _l("Your username is in the code. Others know it, so leave it out."),
    Reason.CODE_HAS_BIRTH_DATE: _l("Your birthday is in the code. Others know it, so leave it out."),
    Reason.CODE_HAS_SCHOOL: _l("The name of your school is in the code. Others know it, so leave it out."),
    Reason.CODE_HAS_CALENDAR: _l("A season, a month or a day of the week is in the code. Leave it out."),
    Reason.CODE_TOO_COMMON: _l("Very many people use that code. Put two or three words together instead."),
    Reason.CODE_TOO_PLAIN: _l("The code is too easy to guess: it repeats itself or follows a row of keys."),
    Reason.RIGHT_MISSING: _l("You do not have the right that this needs."),
    Reason.NOT_YOUR_PUPIL: _l("The pupil is not in a class that you teach now."),
    Reason.NOT_A_PUPIL: _l("The person is not a pupil here now, so the school cannot change the code."),
    Reason.ATTACHMENT_NOT_CONFIRMED: _l(
        "The account was there before this school knew it. The person or the first school must confirm that it may help."
    ),
    Reason.STAFF_NOT_THROUGH_PUPIL: _l(
        "The person works at a school too, and such a code is not changed by way of a pupil."
    ),
    Reason.NOT_FOR_YOURSELF: _l("You cannot do that for yourself."),
    Reason.SECOND_FACTOR_NEEDED: _l("This needs a login with two factors."),
    Reason.OUTSIDE_YOUR_INSTITUTIONS: _l("Nobody like that belongs to an institution that you administer."),
    Reason.NOT_ONLY_A_PUPIL: _l(
        "The person is more than a pupil, for instance a parent, so the strictest rules hold for the code."
    ),
    Reason.REASON_MISSING: _l("Write why."),
    Reason.REASON_TOO_LONG: _l("Write it shorter: at most 255 characters."),
    Reason.REASON_UNREADABLE: _l("There are signs in the text that cannot be shown. Write it again without them."),
    Reason.STAGE_NOT_FOR_PUPILS: _l("Choose one of the stages."),
    Reason.LAST_DAY_MISSING: _l("Choose the last day."),
    Reason.LAST_DAY_PAST: _l("That day is over. Choose today or a later day."),
    Reason.LAST_DAY_TOO_FAR: _l("That is too far ahead. Choose a day within two years."),
    Reason.CONSENT_NEEDED: _l("You need to be asked first, but the service did not let us show you a page."),
    Reason.CONSENT_REFUSED: _l("You said no, so the service is told nothing."),
    Reason.CONSENT_TOO_YOUNG: _l(
        "The service does not belong to your school. From the age of 13 you can say yes to such services yourself. "
        "Until then, ask a grown-up."
    ),
    Reason.CONSENT_AGE_UNKNOWN: _l(
        "The service does not belong to your school, and your school has not told us how old you are. Ask at your school."
    ),
    Reason.ELSEWHERE_NOBODY: _l(
        "You logged in there, but nobody at that school is known here by that login. Ask at your school, or use your code."
    ),
    Reason.ELSEWHERE_FAILED: _l("The login there did not come about. Try again, or use your code."),
    Reason.SERVICE_DISABLED: _l("The service is not open for login here. Tell the service, or your school."),
    Reason.SERVICE_UNKNOWN: _l("The service that sent you is not registered here. Go back and tell the service."),
    Reason.LICENCE_MISSING: _l("Your school has no licence for the service. Ask at your school."),
    Reason.SERVICE_REQUEST_WRONG: _l(
        "The service sent us a request that we cannot trust, so we stop here. Go back and tell the service."
    ),
    Reason.SERVICE_REFUSED_LOGIN: _l(
        "You were logged in here, but the service could not let you in. Ask the service, and tell it the reference below."
    ),
    Reason.SYNC_ENDS_TOO_MANY: _l("The file would end more people's attachments than may end unattended."),
    Reason.SYNC_NEW_SCHOOL_YEAR: _l("The file begins a new school year, and somebody must look at it first."),
}

_TITLES: Final[Mapping[Reason, LazyString]] = {
    Reason.FORM_FROM_ELSEWHERE: _l("That did not come from here"),
    Reason.FORM_TOO_OLD: _l("The page was too old"),
    Reason.ATTEMPT_GONE: _l("This login is over"),
    Reason.ATTEMPT_ELSEWHERE: _l("Begin again in this browser"),
    Reason.ACCOUNT_BLOCKED: _l("Your account is blocked"),
    Reason.NO_CURRENT_ATTACHMENT: _l("You are not at a school now"),
    Reason.CONSENT_TOO_YOUNG: _l("Not until you are 13"),
    Reason.CONSENT_AGE_UNKNOWN: _l("We cannot ask you"),
    Reason.SERVICE_DISABLED: _l("The service is not open here"),
    Reason.SERVICE_UNKNOWN: _l("We do not know the service"),
    Reason.LICENCE_MISSING: _l("The licence is missing"),
    Reason.SERVICE_REQUEST_WRONG: _l("The service asked in a wrong way"),
    Reason.SERVICE_REFUSED_LOGIN: _l("The service did not let you in"),
}


def sentence(reason: Reason) -> str:
    """Say a reason in the language of the page."""
    return str(_SENTENCES[reason])


def title(reason: Reason) -> str:
    """Return the heading of an error page for ``reason``."""
    return str(_TITLES.get(reason) or _("That did not work"))


def waiting(reason: Reason, seconds: int) -> str:
    """Say a reason that passes by itself, and when."""
    if reason is Reason.ASK_YOUR_TEACHER:
        return sentence(reason)
    return f"{sentence(reason)} {_you_can_try(max(seconds, 1))}"


def in_the_queue(left: timedelta, now: datetime) -> str:
    """Say when it is somebody's turn: in words that stay true for a while, and as a time on the clock."""
    seconds = left.total_seconds()
    if seconds < _MINUTE:
        return str(
            _(
                "Many people are logging in right now. It is your turn in less than a minute. "
                "Stay on this page: it goes on by itself."
            )
        )
    minutes = round(seconds / _MINUTE)
    return str(
        ngettext(
            "Many people are logging in right now. It is your turn in about %(num)d minute, at %(time)s. "
            "Stay on this page: it goes on by itself.",
            "Many people are logging in right now. It is your turn in about %(num)d minutes, at %(time)s. "
            "Stay on this page: it goes on by itself.",
            minutes,
            time=format_time(now + left, "short"),
        )
    )


def _you_can_try(seconds: int) -> str:
    if seconds < _MINUTE:
        return str(ngettext("You can try again in %(num)d second.", "You can try again in %(num)d seconds.", seconds))
    if seconds < _HOUR:
        minutes = -(-seconds // _MINUTE)
        return str(ngettext("You can try again in %(num)d minute.", "You can try again in %(num)d minutes.", minutes))
    hours = -(-seconds // _HOUR)
    return str(ngettext("You can try again in %(num)d hour.", "You can try again in %(num)d hours.", hours))
