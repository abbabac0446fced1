"""The form with which a school says when and where its cards work; what is good is said by :mod:`policies.cards`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import flask_babel
from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from idp.web.i18n import current_language
from policies.cards import CardFault, CardRuleFault, card_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import time

    from flask_babel import LazyString
    from werkzeug.datastructures import MultiDict

    from policies.cards import CardRule, FoundFault

_: Final[Callable[..., str]] = flask_babel.gettext

FAULTS: Final[Mapping[CardFault, LazyString]] = {
    CardFault.NO_DAY: _l("There is no such day."),
    CardFault.NO_TIME: _l("Write a time of day, for example 07:30."),
    CardFault.CLOSES_BEFORE: _l("Choose a time later than the one from which the cards work."),
    CardFault.NO_NETWORK: _l(
        "%(about)s is no network. Write its first address and its length, for example 192.0.2.0/24 or 2001:db8::/48."
    ),
    CardFault.DAYS_MISSING: _l("Choose the days on which the cards work."),
    CardFault.NETWORKS_MISSING: _l("Write the networks on which the cards work."),
}
_LONGEST_TOLD: Final = 60
_A_RUN: Final = 3
_CLOCK: Final = {"da": "%H.%M", "en": "%H:%M"}


@dataclass(frozen=True)
class CardRuleForm:
    """What stands in the form, and per field what must be put right."""

    enabled: bool
    days: frozenset[int]
    opens: str
    closes: str
    networks: str
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def filled_in(rule: CardRule, usual: CardRule) -> CardRuleForm:
    """Return the form with what holds; with the usual times where the school has set nothing yet."""
    times = rule if rule.days else usual
    return CardRuleForm(
        enabled=rule.enabled,
        days=times.days,
        opens=f"{times.opens:%H:%M}",
        closes=f"{times.closes:%H:%M}",
        networks="\n".join(map(str, rule.networks)),
    )


def read_form(sent: MultiDict[str, str]) -> CardRule | CardRuleForm:
    """Return the rule that was sent, or the form as it was sent with every fault beside its field."""
    enabled, networks = "enabled" in sent, sent.get("networks", "")
    days = frozenset(int(day) if day in tuple("1234567") else 0 for day in sent.getlist("days"))
    opens, closes = sent.get("opens", "").strip(), sent.get("closes", "").strip()
    try:
        return card_rule(
            enabled=enabled,
            days=days,
            opens=_as_kept(opens),
            closes=_as_kept(closes),
            networks=networks.replace(",", " ").split(),
        )
    except CardRuleFault as wrong:
        return CardRuleForm(enabled, days, opens, closes, networks, _by_field(wrong.faults))


def told(rule: CardRule) -> str:
    """Say when and where the cards of a school work."""
    if not rule.enabled:
        return _("The school's cards do not work now.")
    known = {str(network) for network in rule.networks}
    days, opens, closes = _days(rule.days), clock(rule.opens), clock(rule.closes)
    if {"0.0.0.0/0", "::/0"} <= known:
        return _(
            "The cards work %(days)s from %(opens)s to %(closes)s, on every network.",
            days=days,
            opens=opens,
            closes=closes,
        )
    return _(
        "The cards work %(days)s from %(opens)s to %(closes)s, on these networks: %(networks)s.",
        days=days,
        opens=opens,
        closes=closes,
        networks=", ".join(map(str, rule.networks)),
    )


def day_names() -> list[tuple[int, str]]:
    """Return the days of the week, from Monday, 1, on."""
    names = get_day_names("wide", "stand-alone", locale=get_locale())
    return [(number + 1, names[number]) for number in range(7)]


def clock(at: time) -> str:
    """Return a time of day as people read it."""
    return at.strftime(_CLOCK[current_language()])


def _days(days: Iterable[int]) -> str:
    names, chosen = dict(day_names()), sorted(days)
    if len(chosen) >= _A_RUN and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return _("%(first)s to %(last)s", first=names[chosen[0]], last=names[chosen[-1]])
    return ", ".join(names[day] for day in chosen)


def _as_kept(typed: str) -> str:
    """Return a time as browsers send it, also where it was typed as 7.30."""
    return typed.replace(".", ":").zfill(len("07:30")) if typed else typed


def _by_field(faults: Iterable[FoundFault]) -> Mapping[str, tuple[str, ...]]:
    said: dict[str, tuple[str, ...]] = {}
    for fault in faults:
        sentence = str(FAULTS[fault.what]) % {"about": fault.about[:_LONGEST_TOLD]}
        said[fault.field.value] = (*said.get(fault.field.value, ()), sentence)
    return said
