"""What a login knows about consent: whether the person must still allow the service to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.usecases import consents
from policies.decision import Allow, Decision, Require
from policies.requested_claims import CONSENTED
from policies.vocabulary import Step

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.login.request import LoginRequest
    from idp.usecases.people import Account
    from idp.usecases.sessions import LiveSession
    from idp.usecases.system import System

_ASK: Final = Require(Step.CONSENT)


def of_session(db: Session, system: System, request: LoginRequest, session: LiveSession | None) -> Decision:
    """Return what a live session says: yes, or that a page is needed, which may then say why nobody is asked."""
    if request.consent is None:
        return Allow()
    if session is None or request.asks_consent:
        return _ASK
    return Allow() if bounds(db, system, request, session) is not None else _ASK


def bounds(db: Session, system: System, request: LoginRequest, session: LiveSession) -> dict[str, list[str]] | None:
    """Return what a grant keeps of the person's consent; nothing where none is needed, None where it does not hold now."""
    if request.consent is None:
        return {}
    asked = consents.asked(
        db,
        system,
        person_id=session.person_id,
        acting=session.acting_affiliation_id,
        service_id=request.service_id,
        scope=request.consent,
        requested=request.consent_claims,
    )
    return {CONSENTED: sorted(asked.wish.claims)} if isinstance(asked.decision, Allow) else None


def of_attempt(db: Session, system: System, attempt: Attempt, account: Account | None) -> consents.Asked | None:
    """Return what the person is asked who has proven who they are; None where there is nothing to ask or nobody yet."""
    request = attempt.request
    if request.consent is None or account is None or attempt.person_id is None or not attempt.identified:
        return None
    return consents.asked(
        db,
        system,
        person_id=attempt.person_id,
        acting=acting(attempt, account),
        service_id=request.service_id,
        scope=request.consent,
        requested=request.consent_claims,
        again=request.asks_consent and not attempt.consented,
    )


def decision(attempt: Attempt, asked: consents.Asked | None) -> Decision:
    """Return what a login under way says."""
    if attempt.request.consent is None:
        return Allow()
    return asked.decision if asked is not None else _ASK


def acting(attempt: Attempt, account: Account) -> int | None:
    """Return the attachment that the person acts through: the chosen one, or the only one."""
    return attempt.acting if attempt.acting is not None else next(iter(account.choices), None)
