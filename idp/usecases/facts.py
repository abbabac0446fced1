"""Rows into the frozen facts that :mod:`policies.attribute_release` decides on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from policies.assurance import nsis_level
from policies.attribute_release import InstitutionFacts, Released, ReleaseFacts, release, release_on_consent
from policies.protection import SchoolRecord
from policies.vocabulary import ActorGroup, Assurance, Level, ReleasePackage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from idp.store.base import AnyRow
    from idp.usecases.system import System


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What is known about a person towards one service.

    ``package`` is the acting institution's agreement. ``attached`` tells whether the attachment that the session acts
    through holds now, at an institution that there still is. ``on_consent``: the service is not the school's, so that no agreement counts.
    """

    facts: ReleaseFacts
    package: ReleasePackage | None
    attached: bool
    on_consent: bool = False

    @property
    def licence_missing(self) -> bool:
        """Whether the service requires a licence that none of the person's institutions has (decision 12)."""
        licensed = any(i.has_licence and i.package is not None for i in self.facts.institutions)
        return self.facts.licence_required and not licensed


def knowledge_of(rows: Sequence[AnyRow], *, sub: str, assurance: Assurance) -> Knowledge:
    """Read the rows of :func:`idp.store.releases.with_facts`, all of one person and service; at least one."""
    first = rows[0]
    acting_id = first.acting_affiliation_id
    # The acting attachment's record first, then the oldest; one row of each record, for classes repeat them.
    records = {row.record_id: row for row in sorted(rows, key=lambda row: row.affiliation_id != acting_id)}
    acting = next((row for row in records.values() if acting_id is not None and row.affiliation_id == acting_id), None)
    own = ReleasePackage.SMALL if first.built_in else None
    facts = ReleaseFacts(
        sub=sub,
        uniid=first.uniid,
        actor_group=ActorGroup(first.actor_group),
        assurance=assurance,
        institutions=tuple(
            InstitutionFacts(
                number=row.institution_number,
                package=ReleasePackage(row.package) if row.package else own,
                has_licence=bool(row.licensed),
            )
            for row in _one_per_institution(list(records.values()))
        ),
        licence_required=first.requires_licence,
        records=tuple(
            SchoolRecord(
                first_name=row.first_name,
                family_name=row.family_name,
                alias_first_name=row.alias_first_name,
                alias_family_name=row.alias_family_name,
                protected=row.protected,
            )
            for row in records.values()
            if row.record_id is not None
        ),
        level=Level(acting.level) if acting is not None and acting.level else None,
        birth_date=acting.birth_date if acting is not None else None,
        email=acting.email if acting is not None else None,
        groups=tuple(dict.fromkeys(row.group_name for row in rows if row.group_name)),
    )
    agreed = ReleasePackage(acting.package) if acting is not None and acting.package else None
    package = agreed or (own if acting is not None else None)
    on_consent = bool(first.registration.get("needs_consent"))
    return Knowledge(
        facts=facts,
        package=None if on_consent else package,
        attached=acting is not None and acting.institution_number is not None,
        on_consent=on_consent,
    )


def released(system: System, knowledge: Knowledge, requested: Collection[str] | None = None) -> Released:
    """Return what may leave, and why: what the agreement allows of what is :mod:`requested <policies.requested_claims>`.

    None asks for everything, as Unilogin's services do by ``openid`` alone.
    """
    facts, notified = knowledge.facts, system.settings.login.nsis_notified
    if notified:
        facts = replace(facts, nsis=nsis_level(facts.assurance, nsis_notified=notified))
    if knowledge.on_consent:
        return release_on_consent(system.rules.release, facts, requested)
    return release(system.rules.release, facts, knowledge.package, requested)


def school_day(system: System) -> date:
    """Return today's date where the schools are."""
    return system.now().astimezone(ZoneInfo(system.settings.site.time_zone)).date()


def _one_per_institution(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """Return one row for each institution; a licence for one of two attachments there is enough."""
    found: dict[str, AnyRow] = {}
    for row in rows:
        number = row.institution_number
        if number is not None and (number not in found or row.licensed):
            found[number] = row
    return list(found.values())
