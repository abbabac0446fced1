"""Which code a person must have, how one is made, and when it ends.

Codes leave here as one text, ready to be hashed: ``"house sun cat key"``, ``"hest-banan"``, ``"Hest-Banan47"``.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from policies import pictures, words
from policies.rules import CodeRule
from policies.vocabulary import CodeKind, CodeShape, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policies.rules import Rules

__all__ = [
    "CodeRule",
    "assign",
    "code_rule",
    "expires_at",
    "is_acceptable_length",
    "normalise_text",
    "outgrown",
    "stable_kind_for_unknown",
    "warning_due",
    "warns",
]

_SIXTEENTHS: Final = 16
_DRAWS: Final = 20
FROM_WEAK_TO_STRONG: Final = (CodeShape.PICTURES, CodeShape.TWO_WORDS, CodeShape.TWO_WORDS_TWO_DIGITS)
"""The shapes, the weakest first: what is asked of a child grows with the child."""


def code_rule(rules: Rules, stage: Stage) -> CodeRule:
    """Return the rule for people of ``stage``. Every stage has one, or the rules would not have loaded."""
    return rules.codes[stage]


def assign(
    rule: CodeRule, rules: Rules, draw: Callable[[int], int], *, unless: Callable[[str], bool] | None = None
) -> str:
    """Return a new code, each as likely as any other; ``draw(n)`` gives a uniform whole number below ``n``.

    Pass ``secrets.randbelow``. The text is in the form that is hashed and, for words, shown and typed. A text code of
    which ``unless`` says yes is drawn again: pass :func:`policies.chosen.shows_the_person`, so that Rose Lund is not
    given ``Rose-Kano47``. After some draws the last is kept, whatever ``unless`` says.
    """
    for _ in range(_DRAWS):
        code = _draw_code(rule, rules, draw)
        if unless is None or rule.kind is CodeKind.PICTURES or not unless(code):
            break
    return code


def _draw_code(rule: CodeRule, rules: Rules, draw: Callable[[int], int]) -> str:
    match rule.shape:
        case CodeShape.PICTURES:
            alphabet, length = rules.pictures.alphabet, rules.pictures.length
            return pictures.normalised(pictures.draw_code(draw, alphabet=alphabet, length=length))
        case CodeShape.TWO_WORDS:
            return words.two_words(rules.words, draw)
        case CodeShape.TWO_WORDS_TWO_DIGITS:
            return words.two_words_two_digits(rules.words, draw)


def normalise_text(code: str) -> str:
    """Return the form of a typed code that is hashed: Unicode NFC (decision 15), without blanks around it.

    A tablet's keyboard adds a blank after a word by itself; a Mac sends å as two signs. Nothing else is forgiven, and a
    code with blanks around it can never be chosen (:mod:`policies.chosen`), so that none is heard as another.
    """
    return unicodedata.normalize("NFC", code).strip()


def is_acceptable_length(rule: CodeRule, code: str) -> bool:
    """Say whether an assigned text code, normalised, is neither too short nor too long."""
    return rule.min_length <= len(code) <= rule.max_length


def outgrown(rule_then: CodeRule, rule_now: CodeRule) -> bool:
    """Say whether a code made under ``rule_then`` must be replaced within its days of grace, now that another governs.

    So it is when the shape differs, save that a pupil who moves to a milder text rule keeps the stronger text: nobody
    is made to give up what is better than asked for. Pictures and text never stand in for one another.
    """
    if rule_then.kind is not rule_now.kind:
        return True
    return FROM_WEAK_TO_STRONG.index(rule_then.shape) < FROM_WEAK_TO_STRONG.index(rule_now.shape)


def expires_at(rule: CodeRule, set_at: datetime, stage_left_at: datetime | None = None) -> datetime | None:
    """Return when a code must be replaced; None when nothing ends it. It may be used until just before that moment.

    ``rule`` is the one that the code was made under, also after the person has moved on.
    ``stage_left_at`` is when the person moved to a stage with another rule than the one the code was made under: from
    then ``grace_days`` remain (STIL: thirty days after moving from level 3 to 4, and from 6 to 7).
    """
    ends = []
    if rule.validity_days is not None:
        ends.append(set_at + timedelta(days=rule.validity_days))
    if stage_left_at is not None:
        ends.append(stage_left_at + timedelta(days=rule.grace_days))
    return min(ends, default=None)


def warns(rule: CodeRule, ends: datetime | None, now: datetime) -> int | None:
    """Return how many whole days are left when a warning is due, else None; 0 is the last day.

    A warning is due from the earliest of ``warn_days`` on; :func:`warning_due` says whether to show it again.
    """
    if ends is None or now >= ends:
        return None
    left = (ends - now).days
    return left if ends - now <= timedelta(days=max(rule.warn_days, default=-1)) else None


def warning_due(rule: CodeRule, ends: datetime | None, now: datetime, warned_at: datetime | None = None) -> int | None:
    """Return how many whole days are left when the person is to be told at this login, else None; 0 is the last day.

    Once for each of ``warn_days`` (30, 14, 7 and 1 days before the end): ``warned_at`` is when this code's end was told
    last. Who was away is told once of the nearest, not of each that passed.
    """
    left = warns(rule, ends, now)
    if left is None or ends is None:
        return None
    newest = max(begins for days in rule.warn_days if (begins := ends - timedelta(days=days)) <= now)
    return left if warned_at is None or warned_at < newest else None


def stable_kind_for_unknown(username: str, secret: bytes, proportions: Mapping[CodeKind, int]) -> CodeKind:
    """Return which code page a name that nobody has is shown: always the same for the name (decision 14).

    ``proportions`` counts the accounts with each kind of code. They are read in sixteenths, so that a few new accounts
    do not change the page of a name from one day to the next and give it away. Nothing counted means a text page.
    """
    total = sum(proportions.values())
    if total <= 0:
        return CodeKind.TEXT
    of_pictures = round(_SIXTEENTHS * proportions.get(CodeKind.PICTURES, 0) / total)
    digest = hmac.digest(secret, b"code-kind\0" + normalise_text(username).casefold().encode(), hashlib.sha256)
    return CodeKind.PICTURES if digest[0] % _SIXTEENTHS < of_pictures else CodeKind.TEXT
