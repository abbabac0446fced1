"""Stages, codes and what was done to them, in the words that schools use."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import flask_babel
from flask_babel import lazy_gettext as _l

from admin_ui.parts.frame import day
from idp.audit import AuditEvent
from idp.usecases.administered_person import Governs, Hand
from policies.vocabulary import CodeShape, Reason, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask_babel import LazyString

    from idp.usecases.administered_person import Done
    from policies.protection import ShownName
    from policies.rules import CodeRule, LockoutRule

_: Final[Callable[..., str]] = flask_babel.gettext
ngettext: Final[Callable[..., str]] = flask_babel.ngettext

STAGES: Final[Mapping[Stage, LazyString]] = {
    Stage.DAYCARE: _l("Day-care"),
    Stage.INDSKOLING: _l("Indskoling (grades 0 to 3)"),
    Stage.MELLEMTRIN: _l("Mellemtrin (grades 4 to 6)"),
    Stage.UDSKOLING: _l("Udskoling (grades 7 to 10)"),
    Stage.YOUTH: _l("Youth education"),
    Stage.STAFF: _l("Members of staff"),
    Stage.PARENT: _l("Parents and other contacts"),
}
SHAPES: Final[Mapping[CodeShape, LazyString]] = {
    CodeShape.PICTURES: _l("Pictures in order"),
    CodeShape.TWO_WORDS: _l("Two words"),
    CodeShape.TWO_WORDS_TWO_DIGITS: _l("Two words and two digits"),
}
EXAMPLES: Final[Mapping[CodeShape, str]] = {
    CodeShape.TWO_WORDS: "hest-banan",
    CodeShape.TWO_WORDS_TWO_DIGITS: "Hest-Banan47",
}
GOVERNS: Final[Mapping[Governs, LazyString]] = {
    Governs.OWN_LEVEL: _l("The pupil's own grade decides."),
    Governs.OWN_ROLE: _l("What the person is here decides."),
    Governs.FORCED: _l("The school has decided it; the grade does not count."),
    Governs.ELSEWHERE: _l("The person is attached to another institution too, and the strictest rules hold."),
}
HANDS: Final[Mapping[Hand, LazyString]] = {
    Hand.PERSON_SELF: _l("The person"),
    Hand.SCHOOL: _l("The school"),
    Hand.OPERATOR: _l("The operator"),
    Hand.NAMED: _l("The school"),  # said where the name is gone since
}
DONE: Final[Mapping[AuditEvent, LazyString]] = {
    AuditEvent.STAGE_RELEASED: _l("The own grade decides again"),
    AuditEvent.PERSON_BLOCKED: _l("Blocked"),
    AuditEvent.PERSON_UNBLOCKED: _l("Opened again"),
    AuditEvent.SESSIONS_ENDED: _l("Logged out everywhere"),
    AuditEvent.WINDOW_OPENED: _l("Was let to a new code"),
    AuditEvent.CODE_CONFIRMED: _l("Got a new code"),
    AuditEvent.CODE_ISSUED_BY_OPERATOR: _l("Was given a code"),
    AuditEvent.CARD_ISSUED: _l("Got a school card"),
    AuditEvent.CARD_REVOKED: _l("The school card was blocked"),
    AuditEvent.FACTOR_ENROLLED: _l("Added a second factor"),
    AuditEvent.FACTOR_REMOVED: _l("A second factor was removed"),
    AuditEvent.PASS_ISSUED: _l("Was given a one-time pass for a second factor"),
    AuditEvent.AFFILIATION_CONFIRMED: _l("The attachment was confirmed"),
    AuditEvent.USERNAME_SEEN: _l("The username was looked up"),
    AuditEvent.USERNAMES_PRINTED: _l("The username was on a class sheet that was printed"),
    AuditEvent.STEP_UP_APPROVED: _l("An adult said yes"),
    AuditEvent.STEP_UP_REFUSED: _l("An adult said no"),
    AuditEvent.CODE_STOPPED: _l("The code was stopped"),
    AuditEvent.CODE_STARTED: _l("The stopped code works again"),
}
_TELL_THE_SERVICE: Final = _l("Tell whoever runs the service, with the reference. Nothing is wrong with the account.")
_BEGIN_AGAIN: Final = _l("Go back to the service and log in again. Nothing is wrong with the account.")
WHAT_TO_DO: Final[Mapping[Reason, LazyString]] = {
    Reason.ACCOUNT_BLOCKED: _l(
        "The school has blocked the account. Open it on the person's page, if it should be open."
    ),
    Reason.NO_CURRENT_ATTACHMENT: _l("No institution has the person now. See in your own system that it is delivered."),
    Reason.LICENCE_MISSING: _l("The institution has no licence for the service. Ask whoever buys them."),
    Reason.ASSURANCE_NOT_AVAILABLE: _l(
        "The service needs two factors, and the person has one. Help the person to a second."
    ),
    Reason.RIGHT_MISSING: _l("The person asked for a page that needs a right. Whoever runs Skolepas can grant it."),
    Reason.SECOND_FACTOR_NEEDED: _l("The page needs a login with two factors. The person adds one in My login."),
    Reason.SERVICE_DISABLED: _TELL_THE_SERVICE,
    Reason.SERVICE_UNKNOWN: _TELL_THE_SERVICE,
    Reason.SERVICE_REQUEST_WRONG: _TELL_THE_SERVICE,
    Reason.SERVICE_REFUSED_LOGIN: _TELL_THE_SERVICE,
    Reason.ATTEMPT_GONE: _BEGIN_AGAIN,
    Reason.ATTEMPT_ELSEWHERE: _BEGIN_AGAIN,
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def stage_name(stage: Stage) -> str:
    """Return the name of a stage."""
    return str(STAGES[stage])


def shape_name(shape: CodeShape) -> str:
    """Return what a code looks like."""
    return str(SHAPES[shape])


def governs_because(why: Governs) -> str:
    """Say why the rules of a stage hold."""
    return str(GOVERNS[why])


def shown(name: ShownName | None) -> str:
    """Return a name as it may be shown."""
    return f"{name.first_name} {name.family_name}" if name else _("Protected name")


def hand(whose: Hand, name: ShownName | None) -> str:
    """Say who did it, as far as it is told (decision 7)."""
    return shown(name) if whose is Hand.NAMED and name is not None else str(HANDS[whose])


def done(event: Done) -> str:
    """Say what was done."""
    if event.event is AuditEvent.STAGE_FORCED:
        stage = stage_name(Stage(str(event.facts["stage"])))
        return _(
            "Follows %(stage)s up to and with %(day)s",
            stage=stage,
            day=day(date.fromisoformat(str(event.facts["last_day"]))),
        )
    return str(DONE[event.event])


def length(rule: CodeRule, alphabet: int) -> str:
    """Say how long the code is; ``alphabet``: among how many pictures."""
    if rule.shape is CodeShape.PICTURES:
        return _("%(many)s of %(alphabet)s", many=rule.max_length, alphabet=alphabet)
    return _("%(least)s to %(most)s characters", least=rule.min_length, most=rule.max_length)


def validity(rule: CodeRule) -> str:
    """Say how long the code is good."""
    if rule.validity_days is None:
        return _("Until the stage is left")
    return ngettext("%(num)s day", "%(num)s days", rule.validity_days)


def own_choice(rule: CodeRule) -> str:
    """Say whether people may choose a code."""
    if not rule.self_chosen:
        return _("No, it is assigned")
    return _("Yes, %(least)s characters or more", least=rule.chosen_least)


def warned(rule: CodeRule) -> str:
    """Say how many days before the end people are told."""
    return ", ".join(map(str, rule.warn_days)) or _("never")


def lock_out(rule: LockoutRule) -> str:
    """Say what wrong codes lead to."""
    said = _(
        "After %(tries)s wrong codes one waits: %(first)s, and longer each time, up to %(most)s.",
        tries=rule.free_failures,
        first=span(rule.delays[0]),
        most=span(rule.delays[-1]),
    )
    if rule.budget is None:
        return said
    most = _("At most %(budget)s wrong codes in %(window)s.", budget=rule.budget, window=span(rule.window))
    return f"{said} {most}"


def what_to_do(reason: Reason | None) -> str:
    """Say what helps after an error page."""
    if reason is None:
        return _("It is our fault. Tell whoever runs Skolepas, with the reference.")
    return str(
        WHAT_TO_DO.get(reason) or _("Try again. If it happens again, tell whoever runs Skolepas, with the reference.")
    )


def span(seconds: int) -> str:
    """Return a time span in the unit that fits."""
    if seconds < _MINUTE:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    if seconds < _HOUR:
        return ngettext("%(num)s minute", "%(num)s minutes", seconds // _MINUTE)
    if seconds < _DAY:
        return ngettext("%(num)s hour", "%(num)s hours", seconds // _HOUR)
    return ngettext("%(num)s day", "%(num)s days", seconds // _DAY)
