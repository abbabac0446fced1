"""What a SAML service would be told about a person, and why, without anybody logging in: attribute by attribute, as sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.outside.xml_encryption import CannotEncrypt
from idp.saml.profiles.shapes import Unmet
from idp.saml.protection import protection_for
from idp.saml.said import said_to
from idp.usecases.release_preview import imagined_login
from idp.usecases.saml_keys import saml_key_ring
from policies.release_preview import explained

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.saml.profiles.shapes import Written
    from idp.saml.said import Said
    from idp.usecases.release_preview import ImaginedLogin
    from idp.usecases.service_providers import Profile, ServiceProvider
    from idp.usecases.system import System
    from policies.release_preview import Explained
    from policies.vocabulary import ActorGroup, Assurance


@dataclass(frozen=True, kw_only=True)
class ShownAttribute:
    """An attribute as it would stand in the assertion, and the rule that lets it, or the profile that demands it."""

    name: str
    values: tuple[str, ...]
    claim: str | None
    rule: str


@dataclass(frozen=True, kw_only=True)
class SamlPreview:
    """What would be sent. ``stops`` names what would keep the login itself from being answered."""

    profile: Profile
    institution: str | None
    actor_group: ActorGroup
    agreement: str | None
    stops: tuple[str, ...]
    context_class: str | None
    name_id_format: str | None
    signed: tuple[str, ...]
    encrypted: bool
    attributes: tuple[ShownAttribute, ...] = field(repr=False)
    withheld: tuple[Explained, ...] = field(repr=False)


def saml_preview(
    db: Session,
    system: System,
    service: ServiceProvider,
    person_id: int,
    *,
    institution: str | None,
    assurance: Assurance,
    attribute_index: int | None = None,
) -> SamlPreview | None:
    """Return what ``service`` would be told of a person; None when they do not belong to the institution.

    Goes on record. ``attribute_index`` is the AttributeConsumingService that its request would name.
    """
    login = imagined_login(
        db,
        system,
        service_id=service.service_id,
        sector=service.sector,
        person_id=person_id,
        institution=institution,
        assurance=assurance,
    )
    if login is None:
        return None
    knowledge = login.knowledge
    said = said_to(db, system, service, knowledge, acting=login.acting, attribute_index=attribute_index)
    unmet, written = (said.written, None) if isinstance(said.written, Unmet) else (None, said.written)
    signed, encrypted, fault = _protection(db, system, service)
    claims = explained(
        system.rules.release, knowledge.facts, said.released, said.asked, on_consent=knowledge.on_consent
    )
    stops = (*_stops(service, login), *([f"profile: {unmet.sentence}"] if unmet else []), *fault)
    return SamlPreview(
        profile=service.options.profile,
        institution=login.institution,
        actor_group=login.actor_group,
        agreement=knowledge.package.value if knowledge.package else None,
        stops=stops,
        context_class=written.context_class if written else None,
        name_id_format=(service.options.name_id_format or written.name_id_formats[0]) if written else None,
        signed=signed,
        encrypted=encrypted,
        attributes=_shown(written, said) if written else (),
        withheld=tuple(claim for claim in claims if claim.value is None),
    )


def _shown(written: Written, said: Said) -> tuple[ShownAttribute, ...]:
    return tuple(
        ShownAttribute(
            name=each.attribute.name,
            values=each.attribute.values,
            claim=each.claim,
            rule=said.released.why[each.claim] if each.claim is not None else "release:profile-demands-it",
        )
        for each in written.sent
    )


def _protection(db: Session, system: System, service: ServiceProvider) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """Return what would be signed, whether the assertion is encrypted, and what keeps it from being so."""
    try:
        made = protection_for(service, saml_key_ring(db, system))
    except CannotEncrypt as fault:
        return (), False, (f"cannot-encrypt: {fault}",)
    signed = (("assertion", made.sign_assertion), ("response", made.sign_response))
    return tuple(name for name, yes in signed if yes), made.recipient is not None, ()


def _stops(service: ServiceProvider, login: ImaginedLogin) -> tuple[str, ...]:
    faults = (
        ("service-disabled", service.disabled),
        ("person-blocked", login.blocked),
        ("person-ended", login.ended),
        ("licence-missing", login.knowledge.licence_missing),
    )
    return tuple(name for name, stops in faults if stops)
