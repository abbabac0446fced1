"""What stands on record, in plain words: one sentence for each event that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import flask_babel
from flask_babel import lazy_gettext as _l

from idp.audit import AuditEvent
from idp.usecases.record import Doer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask_babel import LazyString

    from idp.usecases.record import Line

_: Final[Callable[..., str]] = flask_babel.gettext

SENTENCES: Final[Mapping[AuditEvent, LazyString]] = {
    AuditEvent.WINDOW_OPENED: _l("A new code was given: five minutes in which it could be fetched"),
    AuditEvent.CODE_CONFIRMED: _l("A new code was taken into use"),
    AuditEvent.CODE_ISSUED_BY_OPERATOR: _l("A code was issued"),
    AuditEvent.CODE_STOPPED: _l("The code was stopped: it works no longer"),
    AuditEvent.CODE_STARTED: _l("The stopped code works again"),
    AuditEvent.CODES_STOPPED: _l("Stopped codes in an emergency"),
    AuditEvent.CODES_STARTED: _l("Let stopped codes work again"),
    AuditEvent.STEP_UP_ASKED: _l("Asked an adult to say yes"),
    AuditEvent.STEP_UP_APPROVED: _l("An adult said yes: the login counted for more for some hours"),
    AuditEvent.STEP_UP_REFUSED: _l("An adult said no"),
    AuditEvent.LESSON_APPROVED: _l("A lesson was approved beforehand"),
    AuditEvent.USERNAME_SEEN: _l("The username was looked up"),
    AuditEvent.USERNAMES_PRINTED: _l("The username was on a class sheet that was printed"),
    AuditEvent.SESSIONS_ENDED: _l("Logged out everywhere"),
    AuditEvent.PERSON_BLOCKED: _l("The account was blocked"),
    AuditEvent.PERSON_UNBLOCKED: _l("The account was opened again"),
    AuditEvent.STAGE_FORCED: _l("Other rules for the code were put in force"),
    AuditEvent.STAGE_RELEASED: _l("The grade decides about the code again"),
    AuditEvent.CARD_ISSUED: _l("A school card was made"),
    AuditEvent.CARD_REVOKED: _l("The school card was blocked"),
    AuditEvent.PASS_ISSUED: _l("A one-time pass for a second factor was given"),
    AuditEvent.PASS_USED: _l("A one-time pass was used"),
    AuditEvent.FACTOR_ENROLLED: _l("A second factor was added"),
    AuditEvent.FACTOR_REMOVED: _l("A second factor was removed"),
    AuditEvent.RECOVERY_CODE_USED: _l("A recovery code was used"),
    AuditEvent.CONTACT_CONFIRMED: _l("The school has seen the person, with a proof of identity"),
    AuditEvent.RIGHT_GRANTED: _l("A right was given, or a class to stand in for"),
    AuditEvent.RIGHT_ENDED: _l("A right ended"),
    AuditEvent.CONSENT_GIVEN: _l("A service was allowed to know something"),
    AuditEvent.CONSENT_WITHDRAWN: _l("What a service was allowed was taken back"),
    AuditEvent.LOGIN_SUCCEEDED: _l("Logged in"),
}
_DOERS: Final[Mapping[Doer, LazyString]] = {
    Doer.READER: _l("you"),
    Doer.PERSON: _l("the person"),
    Doer.SCHOOL: _l("the school"),
    Doer.CONTACT: _l("another contact person"),
    Doer.OPERATOR: _l("whoever runs Skolepas"),
}


def what(line: Line, language: str) -> str:
    """Say what was done, and for which service."""
    said = str(SENTENCES[line.event])
    if line.service_names is not None:
        return _("%(what)s (%(service)s)", what=said, service=line.service_names[language])
    return said


def by_whom(line: Line) -> str:
    """Say who did it, as far as the reader is told."""
    if line.name is not None:
        name = f"{line.name.first_name} {line.name.family_name}"
        return _("%(name)s, %(school)s", name=name, school=line.institution) if line.institution else name
    return str(_DOERS[line.doer])
