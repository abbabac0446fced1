"""A code of the person's own choice, in the place of the one that is offered (STIL: from level 4 on)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from idp.login.attempt import save
from idp.outside.hashing import Verifier
from idp.store.sign_in import earlier_codes
from idp.usecases.codes import IssuedCode
from idp.usecases.known_about import known_about
from policies.chosen import faults_of
from policies.codes import code_rule, normalise_text
from policies.vocabulary import CodeKind, Reason

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position
    from idp.usecases.system import System


MOST_TRIES: Final = 10
"""Codes that one login may compare with earlier ones: each takes some hashes."""
_TRIED: Final = "codes-tried"


@dataclass(frozen=True, repr=False)
class Choice:
    """A code that may be chosen if none of the ``earlier`` ones is the same."""

    code: IssuedCode
    earlier: tuple[Verifier, ...]

    def __repr__(self) -> str:
        """Never show the code."""
        return "Choice(***)"


def may_choose(system: System, at: Position) -> bool:
    """Say whether the person may choose a code in the place of the one that is handed over."""
    return at.new_code is not None and code_rule(system.rules, at.new_code.stage).self_chosen


def weigh(db: Session, system: System, attempt: Attempt, at: Position, typed: str, again: str) -> Choice | Reason:
    """Return the choice, or the first thing that is wrong with it. Both come as they were typed."""
    if at.new_code is None or attempt.person_id is None:
        raise AssertionError("no code is being handed over")
    stage = at.new_code.stage
    rule = code_rule(system.rules, stage)
    about = known_about(db, attempt.person_id)
    faults = faults_of(rule, typed, about, words=system.rules.chosen, frequent=system.frequent_codes())
    if faults:
        return faults[0]
    if normalise_text(typed) != normalise_text(again):
        return Reason.CODE_NOT_TYPED_TWICE
    tried = attempt.scratch.get(_TRIED, 0)
    if tried >= MOST_TRIES:
        return Reason.CODE_TRIED_TOO_OFTEN
    save(db, replace(attempt, scratch={**attempt.scratch, _TRIED: tried + 1}))
    rows = earlier_codes(db, attempt.person_id, CodeKind.TEXT.value, rule.history)
    code = IssuedCode(CodeKind.TEXT, normalise_text(typed), stage, self_chosen=True)
    return Choice(code, tuple(Verifier(phc=row.phc, pepper=row.pepper) for row in rows))


def was_used_before(system: System, choice: Choice) -> bool:
    """Say whether the code is one of the earlier ones; outside every unit of work. Raises HashingBusy."""
    return any(system.hasher.check(verifier, choice.code.text).right for verifier in choice.earlier)


def refuse(db: Session, attempt: Attempt, reason: Reason) -> Attempt:
    """Say on the page why another code must be chosen."""
    after = replace(attempt, error=reason)
    save(db, after)
    return after
