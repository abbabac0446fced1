"""What a service is told about a person: the same for the wire and for the preview, so that they cannot differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.saml.profiles import written_for
from idp.saml.profiles.attribute_names import asked_claims
from idp.saml.profiles.oiosaml import PROFESSIONAL, kind_of
from idp.saml.profiles.shapes import LoginFacts
from idp.usecases.facts import released
from idp.usecases.organizations import organization_at
from idp.usecases.service_providers import Profile

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.saml.profiles.shapes import Unmet, Written
    from idp.usecases.facts import Knowledge
    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.system import System
    from policies.attribute_release import Released


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the profile makes of the claims that may leave; ``asked`` are those that the service asks for, None for all."""

    written: Written | Unmet
    released: Released
    asked: frozenset[str] | None


def said_to(
    db: Session,
    system: System,
    service: ServiceProvider,
    knowledge: Knowledge,
    *,
    acting: int | None,
    attribute_index: int | None = None,
) -> Said:
    """Return what ``service`` is told of what is known. ``acting`` is the attachment that the person acts through.

    One statement where a public service is told of somebody's work, none otherwise.
    """
    asked = asked_claims(service, attribute_index)
    leaving = released(system, knowledge, asked)
    facts = knowledge.facts
    at_work = service.options.profile is Profile.OIOSAML and kind_of(facts.actor_group) == PROFESSIONAL
    login = LoginFacts(
        subject=facts.sub,
        actor_group=facts.actor_group,
        assurance=facts.assurance,
        scope=system.settings.site.scope,
        organization=organization_at(db, acting) if at_work and acting is not None else None,
    )
    return Said(written=written_for(service, leaving, login), released=leaving, asked=asked)
