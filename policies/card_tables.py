"""``cards.toml`` as frozen values, checked like the other tables (:mod:`policies.tables`)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from policies.cards import CardRule, CardRuleFault, card_rule
from policies.rules import LockoutRule
from policies.vocabulary import Stage

if TYPE_CHECKING:
    from policies.section import Section


@dataclass(frozen=True, slots=True)
class CardRules:
    """cards.toml: who may have a card, what a school that turns cards on begins with, and a card's own counter."""

    stages: frozenset[Stage]
    usual: CardRule
    guesses: LockoutRule


def read_cards(section: Section, *, most_guesses: int) -> CardRules:
    """Check the table of cards. A card must not buy more guesses than ``most_guesses``, what strangers share."""
    known = {stage.value: stage for stage in Stage}
    names = section.names("stages")
    if unknown := sorted(set(names) - set(known)):
        section.fault(f"stages that there are not: {', '.join(unknown)}")
    return CardRules(
        stages=frozenset(known[name] for name in names if name in known),
        usual=_usual(section.table("usual")),
        guesses=_guesses(section.table("guesses"), most_guesses),
    )


def _usual(section: Section) -> CardRule:
    days, opens, closes = section.numbers("days", least=1), section.text("opens"), section.text("closes")
    section.close()
    try:
        return card_rule(enabled=False, days=days, opens=opens, closes=closes, networks=())
    except CardRuleFault as wrong:
        for fault in wrong.faults:
            section.fault(str(fault))
        return CardRule()


def _guesses(section: Section, most: int) -> LockoutRule:
    rule = LockoutRule(
        free_failures=section.whole("free_failures"),
        delays=section.numbers("delays_seconds", least=1),
        window=section.whole("window_seconds"),
        budget=section.whole("budget", most=most),
        forgiven_by_success=False,
    )
    if not rule.delays or any(later < earlier for earlier, later in pairwise(rule.delays)):
        section.fault("delays_seconds must hold at least one delay, and never shrink")
    if rule.budget is not None and rule.free_failures > rule.budget:
        section.fault("free_failures must not be above the budget")
    section.close()
    return rule
