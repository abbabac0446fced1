"""School cards (decision 11): giving one out, taking it back, what a school lets its cards do, and using one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.outside.sealing import token_digest
from idp.store import cards as store
from idp.store import institutions
from idp.store.institutions import find_institution
from idp.store.people import hold_person
from idp.usecases.access import opener_of, subject_of
from idp.usecases.people import account_of
from policies.cards import (
    animal_of,
    giving_institution,
    may_give_card,
    may_have_card,
    may_use,
    new_card_token,
    read_card_rule,
    read_card_token,
)
from policies.decision import Deny
from policies.protection import SchoolRecord, shown_name
from policies.vocabulary import CodeKind, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System
    from policies.administration import Opener, Subject
    from policies.cards import CardRule

RULES_KEY: Final = "cards"
"""Where an institution's settings keep what it has set."""

_REPLACED: Final = "replaced"


@dataclass(frozen=True, kw_only=True)
class CardToPrint:
    """A new card as it goes to the printer, this once: the token is kept nowhere."""

    person_id: int
    name: str
    """The name that others may see; empty for a protected pupil without an alias."""
    class_name: str
    school: str
    animal: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class NoCard:
    """A pupil of a class who gets no card, and why."""

    person_id: int
    reason: Reason


@dataclass(frozen=True)
class ListedCard:
    """A live card as it is listed; whoever lists it has no use for the token."""

    id: int
    person_id: int
    username: str | None
    issued_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class UsedCard:
    """A card that works: whose it is."""

    card_id: int
    person_id: int
    username: str


@dataclass(frozen=True)
class RefusedCard:
    """A card that does not. The page says the same whatever the reason, which is for the record."""

    reason: Reason


def give_card(db: Session, system: System, *, person_id: int, given_by: int | None) -> CardToPrint:
    """Give a pupil a new card; the one that was live is revoked. ``given_by`` None is the operator's command line.

    Raises :class:`Refused`: no power over the pupil (:func:`policies.cards.may_give_card`), or none of this age has a card.
    """
    opener, subject = opener_of(db, system, given_by), subject_of(db, person_id)
    reason = _why_no_card(db, system, person_id, opener, subject)
    if reason is not None:
        raise Refused(reason)
    number = giving_institution(opener, subject)
    institution = find_institution(db, number) if number is not None else None
    if institution is None or not hold_person(db, person_id):
        raise Refused(Reason.NOT_A_PUPIL)
    now, token = system.now(), new_card_token(system.draw)
    _revoke(db, system, person_id, by=given_by, why=_REPLACED)
    card_id = store.insert_card(
        db,
        {
            "person_id": person_id,
            "institution_id": institution.id,
            "token_digest": token_digest(token.lower()),
            "issued_by": given_by,
            "issued_at": now,
        },
    )
    system.record(
        db,
        AuditEvent.CARD_ISSUED,
        actor_id=given_by,
        subject_id=person_id,
        institution_id=institution.id,
        facts={"card": card_id, "actor": _actor(given_by)},
    )
    return CardToPrint(
        person_id=person_id,
        name=_name(db, person_id, institution.id),
        class_name=store.class_at(db, person_id, institution.id) or "",
        school=institution.name,
        animal=animal_of(person_id),
        token=token,
    )


def give_cards_to_class(
    db: Session, system: System, *, institution_id: int, group_id: int, given_by: int | None
) -> tuple[list[CardToPrint], list[NoCard]]:
    """Give every pupil of a class a new card, by first name. Those who may have none come second, with the reason."""
    cards: list[CardToPrint] = []
    without: list[NoCard] = []
    for person_id in store.pupils_in_class(db, institution_id, group_id):
        try:
            cards.append(give_card(db, system, person_id=person_id, given_by=given_by))
        except Refused as refused:
            without.append(NoCard(person_id, refused.reason))
    return cards, without


def without_card(db: Session, system: System, *, person_ids: Iterable[int], by: int | None) -> dict[int, Reason]:
    """Say beforehand which of some pupils would get no card from ``by``, and why."""
    opener = opener_of(db, system, by)
    found = {
        person_id: _why_no_card(db, system, person_id, opener, subject_of(db, person_id)) for person_id in person_ids
    }
    return {person_id: reason for person_id, reason in found.items() if reason is not None}


def classes_called(db: Session, institution_id: int, called: str) -> Sequence[int]:
    """Return the ids of an institution's classes with a name or code: two classes may have one name."""
    return store.classes_called(db, institution_id, called)


def take_card_back(db: Session, system: System, *, person_id: int, taken_by: int | None, lost: bool = False) -> bool:
    """Revoke a pupil's card; False when there was none. Raises :class:`Refused` like :func:`give_card`."""
    allowed = may_give_card(opener_of(db, system, taken_by), subject_of(db, person_id))
    if isinstance(allowed, Deny) and taken_by is not None:  # the operator may always make a card worthless
        raise Refused(allowed.reason)
    return _revoke(db, system, person_id, by=taken_by, why="lost" if lost else "withdrawn")


def live_cards(db: Session, institution_id: int) -> list[ListedCard]:
    """Return an institution's live cards, the oldest first."""
    return [
        ListedCard(row.id, row.person_id, row.username, row.issued_at, row.last_used_at)
        for row in store.live_cards(db, institution_id)
    ]


def card_rule_of(db: Session, institution_id: int) -> CardRule:
    """Return what an institution lets its cards do."""
    kept = institutions.institution_settings(db, institution_id)
    return read_card_rule(kept.settings.get(RULES_KEY) if kept is not None else None)


def set_card_rule(db: Session, system: System, *, institution_id: int, rule: CardRule, set_by: int | None) -> None:
    """Keep what an institution lets its cards do from now on. Whoever asks has been let through to the institution."""
    kept = institutions.institution_settings(db, institution_id, lock=True)
    if kept is None:
        raise ValueError(institution_id)
    institutions.keep_settings(db, institution_id, {**kept.settings, RULES_KEY: rule.to_json()})
    system.record(
        db,
        AuditEvent.CARD_RULES_SET,
        actor_id=set_by,
        institution_id=institution_id,
        facts={
            "enabled": rule.enabled,
            "days": "".join(map(str, sorted(rule.days))),
            "opens": f"{rule.opens:%H:%M}",
            "closes": f"{rule.closes:%H:%M}",
            "networks": len(rule.networks),
            "actor": _actor(set_by),
        },
    )


def use_card(db: Session, system: System, *, scanned: str, address: str) -> UsedCard | RefusedCard:
    """Say whose card was scanned, if it works for a browser at ``address`` now, and put the answer on record."""
    token = read_card_token(scanned)
    if token is None:
        return RefusedCard(Reason.CARD_UNREADABLE)
    card = store.card_with_token(db, token_digest(token))
    if card is None:
        system.record(db, AuditEvent.CARD_REFUSED, facts={"reason": Reason.CARD_UNKNOWN.value})
        return RefusedCard(Reason.CARD_UNKNOWN)
    now = system.now()
    local = now.astimezone(ZoneInfo(system.settings.site.time_zone))
    rule = read_card_rule(card.settings.get(RULES_KEY))
    stage = account_of(db, system, card.person_id, CodeKind.TEXT).stage
    reason: Reason | None = None
    if card.revoked_at is not None:
        reason = Reason.CARD_REVOKED
    elif not card.is_pupil_there or card.username is None:
        reason = Reason.CARD_OF_ANOTHER_SCHOOL
    else:
        answers = (may_have_card(system.rules.cards, stage), may_use(rule, local, address))
        reason = next((answer.reason for answer in answers if isinstance(answer, Deny)), None)
    facts: dict[str, str | int | bool | None] = {"card": card.id}
    system.record(
        db,
        AuditEvent.CARD_USED if reason is None else AuditEvent.CARD_REFUSED,
        subject_id=card.person_id,
        institution_id=card.institution_id,
        facts=facts if reason is None else facts | {"reason": reason.value},
    )
    if reason is not None:
        return RefusedCard(reason)
    store.touch_card(db, card.id, now)
    return UsedCard(card.id, card.person_id, card.username)


def are_in_use(db: Session) -> bool:
    """Say whether anybody has a card, so that the way by card is worth showing."""
    return store.any_live(db)


def is_live(db: Session, card_id: int) -> bool:
    """Say whether a card that began a login has not been revoked since."""
    return store.is_live(db, card_id)


def _revoke(db: Session, system: System, person_id: int, *, by: int | None, why: str) -> bool:
    revoked = store.revoke_cards_of(db, person_id, system.now(), why)
    for card in revoked:
        system.record(
            db,
            AuditEvent.CARD_REVOKED,
            actor_id=by,
            subject_id=person_id,
            institution_id=card.institution_id,
            facts={"card": card.id, "why": why, "actor": _actor(by)},
        )
    return bool(revoked)


def _why_no_card(db: Session, system: System, person_id: int, opener: Opener, subject: Subject) -> Reason | None:
    allowed = may_give_card(opener, subject)
    if isinstance(allowed, Deny):
        return allowed.reason
    fits = may_have_card(system.rules.cards, account_of(db, system, person_id, CodeKind.TEXT).stage)
    return fits.reason if isinstance(fits, Deny) else None


def _name(db: Session, person_id: int, institution_id: int) -> str:
    """Return the name to print: a card is lost in the street, so a protected pupil's carries the alias or nothing."""
    rows = sorted(store.records_of(db, person_id), key=lambda row: row.institution_id != institution_id)
    shown = shown_name(
        SchoolRecord(row.first_name, row.family_name, row.alias_first_name, row.alias_family_name, row.protected)
        for row in rows
    )
    return f"{shown.first_name} {shown.family_name}" if shown is not None else ""


def _actor(person_id: int | None) -> str:
    return "operator" if person_id is None else "person"
