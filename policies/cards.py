"""The school card (decision 11): its token, and when and where an institution lets it work.

A card is possession of a low kind: anybody can photograph it. Its token takes the place of typing the username, so
that a pupil who cannot write yet goes on with the pictures. An institution that has set nothing has no cards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum, unique
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from policies.administration import may_open_window, reaches
from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from policies.administration import Opener, Subject
    from policies.card_tables import CardRules
    from policies.vocabulary import Stage

# ── The token ──

ALPHABET: Final = "0123456789bcdfghjknprstvx"
"""What every keyboard scanner types alike, be the layout Danish, English or German: no y and z, no signs; and no vowels
(no words), nor l, m, q, w. In capitals on the card, for which a QR code has a denser mode; read in either case."""

PREFIX: Final = "skp"
"""So that a scan can be told from a username that somebody types."""

_SECRET: Final = 28
_CHECK: Final = 2
_SHAPE: Final = re.compile(rf"{PREFIX}[{ALPHABET}]{{{_SECRET + _CHECK}}}")
_SCAN: Final = re.compile(rf"{PREFIX}[{ALPHABET}]{{9,}}")
TOKEN_SPACE: Final = len(ALPHABET) ** _SECRET
"""25 to the power of 28: 130 bits."""


def new_card_token(draw: Callable[[int], int]) -> str:
    """Return a token as it is printed; ``draw(n)`` gives a uniform random number below n."""
    left, letters = draw(TOKEN_SPACE), []
    for _ in range(_SECRET):
        left, place = divmod(left, len(ALPHABET))
        letters.append(ALPHABET[place])
    secret = "".join(letters)
    return f"{PREFIX}{secret}{_check_letters(secret)}".upper()


def looks_like_a_scan(text: str) -> bool:
    """Say whether a text in the username's field comes from a card, whole or cut off: such a text is no name."""
    return _SCAN.fullmatch(_plain(text)) is not None


def read_card_token(text: str) -> str | None:
    """Return a scanned token in the form in which it is digested, None when it is not whole."""
    token = _plain(text)
    if _SHAPE.fullmatch(token) is None:
        return None
    secret, check = token[len(PREFIX) : -_CHECK], token[-_CHECK:]
    return token if _check_letters(secret) == check else None


def _plain(text: str) -> str:
    return text.strip().lower()  # a keyboard whose Caps Lock is on types the other case


def _check_letters(secret: str) -> str:
    """Return two letters that change with every single letter and with every two neighbours that are swapped."""
    total = 0
    for letter in secret:
        total = (total * len(ALPHABET) + ALPHABET.index(letter) + 1) % 619  # a prime below 25 * 25
    return ALPHABET[total // len(ALPHABET)] + ALPHABET[total % len(ALPHABET)]


ANIMALS: Final[tuple[str, ...]] = (
    "fox", "turtle", "octopus", "giraffe", "elephant", "koala", "panda", "frog", "rabbit-face", "hedgehog", "snail",
    "honeybee", "butterfly", "crab", "kangaroo", "otter", "sloth", "beaver", "penguin", "owl", "hamster", "crocodile",
    "monkey-face", "spouting-whale",
)  # fmt: skip
"""The animal on a card, by which children know their own. None is a picture of a code or a sign (@iconify-json)."""


def animal_of(person_id: int) -> str:
    """Return the animal on a person's cards: the same on every new one."""
    return ANIMALS[person_id % len(ANIMALS)]


# ── When and where ──

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class CardRule:
    """What one institution has set. ``days`` are 1 (Monday) to 7; times are the school's own. Nothing set: no cards."""

    enabled: bool = False
    days: frozenset[int] = frozenset()
    opens: time = time(0)
    closes: time = time(0)
    networks: tuple[Network, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what the institution's row keeps."""
        return {
            "enabled": self.enabled,
            "days": sorted(self.days),
            "opens": f"{self.opens:%H:%M}",
            "closes": f"{self.closes:%H:%M}",
            "networks": [str(network) for network in self.networks],
        }


NO_CARDS: Final = CardRule()


@unique
class CardField(StrEnum):
    """The part of a rule that a fault is of."""

    DAYS = "days"
    OPENS = "opens"
    CLOSES = "closes"
    NETWORKS = "networks"


@unique
class CardFault(StrEnum):
    """What can be wrong with a rule. The value is the sentence for the command line, about ``{about}``."""

    NO_DAY = "days are 1 (Monday) to 7 (Sunday), not {about}"
    NO_TIME = "{about} is no time of day; write 07:30"
    CLOSES_BEFORE = "cards must stop working later than {about}"
    NO_NETWORK = "{about} is no network; write 192.0.2.0/24 or 2001:db8::/48, its first address and its length"
    DAYS_MISSING = "cards that work on no day do not work: name the days"
    NETWORKS_MISSING = (
        "cards that work on no network do not work: name the school's networks (0.0.0.0/0 ::/0 is anywhere)"
    )


@dataclass(frozen=True, slots=True)
class FoundFault:
    """One fault: where, what, and the part of what was written that it is about."""

    field: CardField
    what: CardFault
    about: str = ""

    def __str__(self) -> str:
        """Say it in English."""
        return self.what.value.format(about=self.about)


class CardRuleFault(Exception):
    """What an institution sets contradicts itself. ``faults`` names all of it."""

    def __init__(self, faults: Iterable[FoundFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def read_card_rule(kept: object) -> CardRule:
    """Return what an institution's row says; what is missing or cannot be read means no cards."""
    try:
        return card_rule(**kept) if isinstance(kept, Mapping) else NO_CARDS
    except (CardRuleFault, TypeError):
        return NO_CARDS


def card_rule(*, enabled: bool, days: Iterable[int], opens: str, closes: str, networks: Iterable[str]) -> CardRule:
    """Return a checked rule. Raises :class:`CardRuleFault` with every fault found."""
    faults: list[FoundFault] = []
    chosen, named = frozenset(days), tuple(networks)
    if unknown := sorted(chosen - set(range(1, 8))):
        faults.append(FoundFault(CardField.DAYS, CardFault.NO_DAY, ", ".join(map(str, unknown))))
    if enabled and not chosen:
        faults.append(FoundFault(CardField.DAYS, CardFault.DAYS_MISSING))
    first, last = _time(opens, CardField.OPENS, faults), _time(closes, CardField.CLOSES, faults)
    if first is not None and last is not None and first >= last:
        faults.append(FoundFault(CardField.CLOSES, CardFault.CLOSES_BEFORE, opens))
    allowed = tuple(network for network in (_network(text, faults) for text in named) if network is not None)
    if enabled and not named:
        faults.append(FoundFault(CardField.NETWORKS, CardFault.NETWORKS_MISSING))
    if faults or first is None or last is None:
        raise CardRuleFault(faults)
    return CardRule(enabled=enabled, days=chosen, opens=first, closes=last, networks=allowed)


def may_use(rule: CardRule, local: datetime, address: str) -> Allow | Deny:
    """Say whether a card of an institution works at its local time, for a browser at ``address``."""
    if not rule.enabled:
        return Deny(Reason.CARD_OFF)
    if local.isoweekday() not in rule.days or not rule.opens <= local.time() < rule.closes:
        return Deny(Reason.CARD_OUT_OF_HOURS)
    if not is_within(address, rule.networks):
        return Deny(Reason.CARD_OTHER_NETWORK)
    return Allow()


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Say whether an address lies in one of the networks; what is no address lies in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def _time(text: str, field: CardField, faults: list[FoundFault]) -> time | None:
    """Read a time of day as ``07:30``; note a fault and return None when it is none."""
    if re.fullmatch(r"[0-2]\d:[0-5]\d", text):
        hours, minutes = map(int, text.split(":"))
        if hours < 24:  # noqa: PLR2004 (a day)
            return time(hours, minutes)
    faults.append(FoundFault(field, CardFault.NO_TIME, text))
    return None


def _network(text: str, faults: list[FoundFault]) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        faults.append(FoundFault(CardField.NETWORKS, CardFault.NO_NETWORK, text))
        return None


# ── Who ──


def may_have_card(rules: CardRules, stage: Stage | None) -> Allow | Deny:
    """Say whether a pupil of this stage may have a card, and use the one there is."""
    return Allow() if stage in rules.stages else Deny(Reason.CARD_NOT_FOR_STAGE)


def may_give_card(opener: Opener, subject: Subject) -> Allow | Deny:
    """Say whether ``opener`` may give ``subject`` a card, or take it away.

    Whoever may help a pupil to a new code may, for that is the greater power: a teacher of the class, a user administrator of the
    institution, the operator.
    """
    if not any(attachment.actor_group is ActorGroup.PUPIL for attachment in subject.attachments):
        return Deny(Reason.NOT_A_PUPIL)
    return may_open_window(opener, subject)


def giving_institution(opener: Opener, subject: Subject) -> str | None:
    """Return the number of the institution whose card it is: the first one with power over the pupil."""
    pupils = [held for held in subject.attachments if held.actor_group is ActorGroup.PUPIL and held.confirmed]
    return next((pupil.institution for pupil in pupils if opener.operator or reaches(opener, pupil)), None)
