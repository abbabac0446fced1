"""The school card: it gives the name that a pupil would type, and a factor that counts for nothing alone (decision 11)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import prove, save
from idp.login.turns import with_turn
from idp.usecases import guesses
from idp.usecases.cards import RefusedCard, use_card
from idp.usecases.people import account_named
from idp.usecases.sessions import ProvenFactor
from idp.usecases.windows import window_held_by
from policies.decision import Deny
from policies.vocabulary import Factor, Reason

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.usecases.system import System


def submit(db: Session, system: System, attempt: Attempt, browser: Browser, scanned: str) -> tuple[Attempt, Browser]:
    """Take what a camera or a scanner read. A card that does not work changes nothing but what the page says.

    Which of the reasons it is, the page does not say, and the attempt does not keep. Cards that do not work are counted
    for the network, never for the pupil: an old card in the wrong hands would lock the new one. The login takes its
    place in the queue before anything is looked up, as it does for a username.
    """
    attempt = replace(attempt, shared=browser.shared)
    scans = guesses.counters_of_scans(system, address=browser.address)
    if isinstance(guesses.standing(db, system, scans).lock, Deny):
        return _says(db, attempt, Reason.NETWORK_MUST_WAIT), browser
    placed = with_turn(system, attempt, browser)
    if placed is None:
        return _says(db, attempt, Reason.QUEUE_FULL), browser
    card = use_card(db, system, scanned=scanned, address=browser.address)
    if isinstance(card, RefusedCard):
        if card.reason is Reason.CARD_UNREADABLE:
            return _says(db, placed, card.reason), browser
        guesses.count(db, system, scans)
        return _says(db, placed, Reason.CARD_DOES_NOT_WORK), browser
    account = account_named(db, system, card.username)
    held = window_held_by(db, system, person_id=account.person_id, secrets=browser.handovers)
    named = placed.with_name(card.username, person_id=account.person_id, kind=account.kind)
    named = replace(named, window_id=held[0] if held else None, card_id=card.card_id)
    named, browser = prove(named, browser, ProvenFactor(Factor.CARD, system.now()))
    save(db, named)
    return named, browser


def _says(db: Session, attempt: Attempt, reason: Reason) -> Attempt:
    after = replace(attempt, error=reason)
    save(db, after)
    return after
