"""New accounts for people whom a delivery names first: who is known already, and names that nobody ever had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.outside.sealing import keyed_digest
from idp.store import rosters
from policies.identifiers import candidates, user_id
from policies.protection import SchoolRecord, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from idp.usecases.roster_plan import Added, Body
    from idp.usecases.system import System

CPR_PURPOSE = "person:cpr"
"""What a CPR number is sealed for (:meth:`idp.outside.sealing.Sealer.seal`)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account that may be made: ``stem`` is the first name that others may see."""

    uniid: str
    username: str
    stem: str


def cpr_index(system: System, cpr: str) -> bytes:
    """Return the keyed index (32 bytes) that finds a person by CPR number without storing it."""
    return keyed_digest(system.keyring.cpr_index.current, cpr)


def propose_accounts(system: System, records: Iterable[Added]) -> dict[bytes, Proposal]:
    """Draw an account for everybody whom new records name, by the keyed index of the CPR number.

    Done before the transaction. Whoever turns out to be known needs none; names that are taken are drawn again inside.
    A protected person's username is made from the alias (decision 1).
    """
    of_one: dict[bytes, list[Added]] = {}
    for record in records:
        of_one.setdefault(bytes.fromhex(record.body["cpr_index"]), []).append(record)
    return {index: _proposal(system, [record.body for record in said]) for index, said in of_one.items()}


def settle_names(db: Session, system: System, wanted: dict[bytes, Proposal]) -> dict[bytes, Proposal]:
    """Draw anew until no proposal holds a username or user id that somebody has, ever had, or is given beside it."""
    settled: dict[bytes, Proposal] = {}
    names: set[str] = set()
    uniids: set[str] = set()
    while wanted:
        names |= rosters.names_taken(db, {proposal.username for proposal in wanted.values()})
        uniids |= rosters.uniids_taken(db, {proposal.uniid for proposal in wanted.values()})
        again: dict[bytes, Proposal] = {}
        for index, proposal in wanted.items():
            if proposal.username in names or proposal.uniid in uniids:
                again[index] = _drawn(system, proposal.stem)
                continue
            names.add(proposal.username)
            uniids.add(proposal.uniid)
            settled[index] = proposal
        wanted = again
    return settled


def _proposal(system: System, bodies: list[Body]) -> Proposal:
    shown = shown_name(
        SchoolRecord(
            body["first_name"], body["family_name"],
            body.get("alias_first_name"), body.get("alias_family_name"), protected=body["protected"],
        )
        for body in bodies
    )  # fmt: skip
    return _drawn(system, shown.first_name if shown else "")


def _drawn(system: System, stem: str) -> Proposal:
    return Proposal(user_id(system.draw), next(candidates(stem, system.draw)), stem)
