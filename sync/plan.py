"""Gather what a delivery wants, and turn the difference to what is known into a plan. Pure.

While a file is read, only what differs from what is known is kept; of the rest a digest. A contact who stands under
several pupils is one record: protection holds if any of them says so. Whoever was rejected stays as we knew them.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from idp.usecases.roster_plan import Added, Changed, Ended, Part, RosterPlan, pack
from policies.vocabulary import ActorGroup, GroupType
from sync.diff import compare, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from idp.store.rosters import Known, RosterState
    from idp.usecases.roster_plan import Body, Key
    from sync.diff import Difference
    from sync.records import Group, Member

MAIN, NOT_MAIN = b"\x01", b"\x00"
_PLACES = {mark: pack({"main": mark == MAIN}) for mark in (MAIN, NOT_MAIN)}
_CONTACT = ActorGroup.CONTACT.value


class Wanted:
    """What a delivery wants, gathered record by record. ``seal`` makes what is stored of a new person's CPR number."""

    def __init__(self, state: RosterState, *, index: Callable[[str], bytes], seal: Callable[[str], bytes]) -> None:
        self._state, self._index, self._seal = state, index, seal
        self.groups: dict[Key, bytes] = {}
        self.records: dict[Key, bytes] = {}
        self.memberships: dict[Key, bytes] = {}
        self.ties: dict[Key, bytes] = {}
        self.bodies: dict[str, dict[Key, str]] = {"groups": {}, "records": {}, "ties": {}}
        self._implied: dict[str, GroupType] = {}
        self._contacts: dict[str, tuple[str, list[str]]] = {}
        self._kept_people: set[str] = set()
        self._kept_contacts_of: set[str] = set()
        self._kept_groups: set[str] = set()

    def group(self, group: Group) -> None:
        """Want a group."""
        self._want("groups", self._state.groups, self.groups, (group.code,), group.body)

    def member(self, member: Member) -> None:
        """Want a pupil, employee or external, with groups and contacts."""
        actor, local_id = member.actor_group.value, member.local_id
        self._record((actor, local_id), member.body, member.identity.cpr)
        for code in member.groups:
            self.memberships[actor, local_id, code] = NOT_MAIN
            self._implied.setdefault(code, GroupType.OTHER)
        if member.main_group:
            self.memberships[actor, local_id, member.main_group] = MAIN
            self._implied[member.main_group] = GroupType.CLASS
        for contact in member.contacts:
            their_id = self._index(contact.identity.cpr).hex()
            _, said = self._contacts.setdefault(their_id, (contact.identity.cpr, []))
            if (body := pack(contact.identity.body)) not in said:
                said.append(body)
            self._want("ties", self._state.ties, self.ties, (local_id, their_id), contact.body)
        if member.contacts_rejected:
            self._kept_contacts_of.add(local_id)

    def keep_person(self, local_id: str) -> None:
        """Leave whoever is known under this LocalPersonId as they are: their line in the file was rejected."""
        self._kept_people.add(local_id)

    def keep_group(self, code: str) -> None:
        """Leave a group as it is known: its line in the file was rejected."""
        self._kept_groups.add(code)

    def finish(self) -> None:
        """Add what follows from the whole: contacts merged, what is kept, and groups that are only referred to."""
        while self._contacts:
            local_id, (cpr, said) = self._contacts.popitem()
            self._record((_CONTACT, local_id), _merged(said), cpr)
        self._keep()
        for code in sorted({key[2] for key in self.memberships} | self._kept_groups):
            if (code,) in self.groups:
                continue
            if code in self._kept_groups and (code,) in self._state.groups:
                self.groups[code,] = self._state.groups[code,].digest
            elif code in self._implied:
                body = {"name": code, "type": self._implied[code].value}
                self._want("groups", self._state.groups, self.groups, (code,), body)

    def _keep(self) -> None:
        if not self._kept_people and not self._kept_contacts_of:
            return
        state = self._state
        kept = self._kept_people - {key[1] for key in self.records if key[0] != _CONTACT}
        for key, known in state.records.items():
            if key[0] != _CONTACT and key[1] in kept:
                self.records[key] = known.digest
        for key, known in state.memberships.items():
            if key[1] in kept:
                self.memberships[key] = known.digest
                self._kept_groups.add(key[2])
        for key, known in state.ties.items():
            if key[0] in kept or (key[0] in self._kept_contacts_of and key not in self.ties):
                self.ties[key] = known.digest
                self.records.setdefault((_CONTACT, key[1]), state.records[_CONTACT, key[1]].digest)

    def _record(self, key: Key, body: Body, cpr: str) -> None:
        index = self._index(cpr).hex()
        mark = digest(pack({**body, "cpr_index": index}))
        self.records[key] = mark
        known = self._state.records.get(key)
        if known is None:
            sealed = base64.b64encode(self._seal(cpr)).decode("ascii")
            self.bodies["records"][key] = pack({**body, "cpr_index": index, "cpr_sealed": sealed})
        elif known.digest != mark:
            self.bodies["records"][key] = pack(body)

    def _want(
        self, part: str, known: Mapping[Key, Known], wanted: dict[Key, bytes], key: Key, body: Body
    ) -> None:  # fmt: skip
        packed = pack(body)
        wanted[key] = digest(packed)
        if key not in known or known[key].digest != wanted[key]:
            self.bodies[part][key] = packed


class Comparison:
    """The differences of one delivery, before anybody has looked up what changed rows said."""

    def __init__(self, state: RosterState, wanted: Wanted) -> None:
        self._state, self._wanted = state, wanted
        self.groups = compare(state.groups, wanted.groups)
        self.records = compare(state.records, wanted.records)
        self.memberships = compare(state.memberships, wanted.memberships)
        self.ties = compare(state.ties, wanted.ties)

    def changed_ids(self, part: str) -> list[int]:
        """Return the ids of the rows of a part that say something else now."""
        known: Mapping[Key, Known] = getattr(self._state, part)
        difference: Difference = getattr(self, part)
        return [known[key].id for key in difference.changed]

    def plan(
        self,
        *,
        institution: str,
        source: str,
        base: datetime | None,
        source_datetime: datetime,
        school_year: str,
        before: Mapping[str, Mapping[int, Body]],
    ) -> RosterPlan:
        """Return the plan. ``before`` holds, by part and id, what changed rows say now."""
        return RosterPlan(
            institution=institution,
            source=source,
            base=base,
            source_datetime=source_datetime,
            school_year=school_year,
            groups=self._part("groups", before["groups"]),
            records=self._part("records", before["records"]),
            memberships=self._memberships(),
            ties=self._part("ties", before["ties"]),
        )

    def _part(self, part: str, before: Mapping[int, Body]) -> Part:
        known: Mapping[Key, Known] = getattr(self._state, part)
        wanted: Mapping[Key, bytes] = getattr(self._wanted, part)
        difference: Difference = getattr(self, part)
        bodies = self._wanted.bodies[part]
        return Part(
            added=tuple(Added(key, bodies[key], wanted[key]) for key in difference.added),
            changed=tuple(
                Changed(known[key].id, key, json.loads(bodies[key]), before.get(known[key].id, {}), wanted[key])
                for key in difference.changed
            ),
            ended=tuple(Ended(known[key].id, key) for key in difference.ended),
        )

    def _memberships(self) -> Part:
        known, wanted, difference = self._state.memberships, self._wanted.memberships, self.memberships
        return Part(
            added=tuple(Added(key, _PLACES[wanted[key]]) for key in difference.added),
            changed=tuple(
                Changed(known[key].id, key, {"main": wanted[key] == MAIN}, {"main": wanted[key] != MAIN})
                for key in difference.changed
            ),
            ended=tuple(Ended(known[key].id, key) for key in difference.ended),
        )


def _merged(said: list[str]) -> dict[str, Any]:
    """Return one body for a contact of whom different things were said, whatever the order was."""
    bodies: list[Body] = [json.loads(body) for body in sorted(said)]
    merged = {**bodies[0], "roles": []}
    merged["protected"] = any(body["protected"] for body in bodies)
    if merged["protected"] and not bodies[0]["protected"]:
        alias = next(body for body in bodies if body["protected"])
        merged |= {name: alias[name] for name in ("alias_first_name", "alias_family_name")}
    return merged
