"""What a profile is given, and what it says: values without any I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from idp.saml.core_2_3_assertion import Attribute
    from idp.usecases.organizations import Organization
    from policies.vocabulary import ActorGroup, Assurance

NO_AUTHN_CONTEXT: Final = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"
REQUEST_DENIED: Final = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"


@dataclass(frozen=True, kw_only=True)
class LoginFacts:
    """The login that is told of. ``subject`` is the pairwise one (:func:`policies.identifiers.pairwise_subject`)."""

    subject: str
    actor_group: ActorGroup
    assurance: Assurance
    scope: str
    """Our domain, which stands behind the @ of scoped identifiers."""
    organization: Organization | None = None
    """Whom the acting institution belongs to; OIOSAML asks it of those who come for their work."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An attribute as it is sent, and the claim that it is; None for one that the profile itself demands."""

    claim: str | None
    attribute: Attribute


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the profile lets the assertion say."""

    sent: tuple[Sent, ...]
    context_class: str
    """The AuthnContextClassRef, where the request does not name one that the login answers."""
    name_id_formats: tuple[str, ...]
    """The formats that the profile allows, the usual one first."""
    name_id_prefix: str = ""
    """What stands before a UUID as the value of the NameID; empty where the value is free."""
    heeds_listed_formats: bool = True
    """Whether the formats that the service's metadata lists choose another than the usual one."""

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes in their order."""
        return tuple(each.attribute for each in self.sent)


@dataclass(frozen=True, kw_only=True)
class Unmet:
    """The profile demands what we cannot say. No assertion is made: half of one would be taken for a whole."""

    second_status: str
    """Below Responder (SAML Core 3.2.2.2)."""
    sentence: str
    """For the one who runs the service, in English."""
    requirement: str
