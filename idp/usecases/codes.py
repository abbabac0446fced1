"""Codes: made by policy, kept as a verifier only, checked outside every unit of work, replaced as a whole.

Hashing takes its turn at a gate (decision 16), so the slow part of a login lies between two short units of work and
never holds the database's write lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.outside.sealing import keyed_digest
from idp.store.sign_in import end_code, insert_code, replace_verifier
from idp.usecases.known_about import shows
from idp.usecases.people import account_of, find_by_username
from policies.codes import assign, code_rule
from policies.vocabulary import CodeKind, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from idp.outside.hashing import Verifier
    from idp.usecases.people import Account
    from idp.usecases.system import System
    from policies.vocabulary import Stage

_DRAW_BITS: Final = 64


@dataclass(frozen=True, repr=False)
class IssuedCode:
    """A code in clear, on its way to the person and nowhere else."""

    kind: CodeKind
    text: str
    """As it is hashed and, for words, shown and typed."""
    stage: Stage
    self_chosen: bool = False

    @property
    def pictures(self) -> tuple[str, ...]:
        """The names of the pictures in order; nothing for a text."""
        return tuple(self.text.split(" ")) if self.kind is CodeKind.PICTURES else ()

    def __repr__(self) -> str:
        """Never show the code."""
        return "IssuedCode(***)"


def derived_code(
    system: System, stage: Stage, *, bound_to: str, secret: str, unless: Callable[[str], bool] | None = None
) -> IssuedCode:
    """Return the code that an activation window hands over (decision 8), the same at every look and stored nowhere.

    It follows from a key outside the database, from ``bound_to`` (``window:17``) and from the secret that only the
    claiming browser's cookie holds. A text of which ``unless`` says yes is passed over.
    """
    rule = code_rule(system.rules, stage)
    draw = _keyed_draw(system.keyring.windows.current, bound_to, secret)
    return IssuedCode(rule.kind, assign(rule, system.rules, draw, unless=unless), stage)


def store_code(db: Session, system: System, person_id: int, code: IssuedCode, verifier: Verifier, *, why: str) -> None:
    """End the person's code, if there is one, and keep the verifier of the new one. ``why`` is kept with the old one."""
    now = system.now()
    rule = code_rule(system.rules, code.stage)
    end_code(db, person_id, now, why)
    insert_code(
        db,
        {
            "person_id": person_id,
            "kind": code.kind.value,
            "shape": rule.shape.value,
            "stage": code.stage.value,
            "length": len(code.pictures) or len(code.text),
            "phc": verifier.phc,
            "pepper": verifier.pepper,
            "self_chosen": code.self_chosen,
            "issued_at": now,
        },
    )


def renew_verifier(db: Session, system: System, account: Account, verifier: Verifier) -> None:
    """Keep a right code under today's parameters and pepper."""
    if account.code_id is None or account.verifier is None:
        return
    if replace_verifier(db, account.code_id, account.verifier.phc, verifier.phc, verifier.pepper):
        system.record(db, AuditEvent.CODE_REHASHED, subject_id=account.person_id)


def issue_code(db: Session, system: System, username: str) -> IssuedCode:
    """Assign a code by policy and return it once: for operators of demos and tests (``skolepas codes issue``).

    Raises :class:`Refused`: CODE_ISSUE_NOT_ALLOWED while the setting is off, WRONG_NAME_OR_CODE for a name that nobody
    has, CODE_ACCOUNT_ENDED or NO_CURRENT_ATTACHMENT for an account that cannot log in.
    """
    if not system.settings.login.allow_code_issue:
        raise Refused(Reason.CODE_ISSUE_NOT_ALLOWED)
    found = find_by_username(db, username)
    if found is None:
        raise Refused(Reason.WRONG_NAME_OR_CODE)
    if found.ended:
        raise Refused(Reason.CODE_ACCOUNT_ENDED)
    account = account_of(db, system, found.person_id, CodeKind.TEXT)
    if account.stage is None:
        raise Refused(Reason.NO_CURRENT_ATTACHMENT)
    rule = code_rule(system.rules, account.stage)
    unless = shows(db, system.rules, found.person_id)
    code = IssuedCode(rule.kind, assign(rule, system.rules, system.draw, unless=unless), account.stage)
    store_code(db, system, found.person_id, code, system.hasher.verifier_of(code.text), why="replaced-by-operator")
    system.record(
        db,
        AuditEvent.CODE_ISSUED_BY_OPERATOR,
        subject_id=found.person_id,
        facts={"actor": "operator", "kind": code.kind.value},
    )
    return code


def _keyed_draw(key: bytes, *parts: str) -> Callable[[int], int]:
    """Return a draw of uniform numbers that is always the same for the same key and parts."""
    taken = 0

    def draw(below: int) -> int:
        nonlocal taken
        fair = (1 << _DRAW_BITS) - (1 << _DRAW_BITS) % below
        while True:
            number = int.from_bytes(keyed_digest(key, "derived-code", *parts, str(taken))[: _DRAW_BITS // 8], "big")
            taken += 1
            if number < fair:
                return number % below

    return draw
