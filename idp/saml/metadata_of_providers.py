"""The metadata of an identity provider that vouches for people (SAML Metadata 2.4.3), read when it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.saml.metadata_theirs import MD, MetadataFault, entity_of, parse, signing_keys, validity
from idp.usecases.redirect_addresses import fault_of
from idp.usecases.service_providers import REDIRECT

if TYPE_CHECKING:
    from datetime import datetime

_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True, kw_only=True)
class PublishedProvider:
    """``address`` takes AuthnRequests by HTTP-Redirect; ``certificates`` (DER) are those that sign."""

    entity_id: str
    address: str
    certificates: tuple[bytes, ...]
    valid_until: datetime | None = None
    """When it asked to be believed no longer; None: it did not say."""


def read_provider(document: bytes, entity_id: str | None = None) -> PublishedProvider:
    """Read a provider's metadata. Raises :class:`idp.saml.metadata_theirs.MetadataFault` with every fault."""
    entity = entity_of(parse(document), entity_id)
    roles = [
        role
        for role in entity.findall(f"{{{MD}}}IDPSSODescriptor")
        if _PROTOCOL in (role.get("protocolSupportEnumeration") or "").split()
    ]
    if len(roles) != 1:
        raise MetadataFault([f"It has {len(roles)} IDPSSODescriptors for SAML 2.0; one is needed."])
    faults: list[str] = []
    certificates = signing_keys(roles[0], faults)
    ends = [
        one.get("Location") or ""
        for one in roles[0].findall(f"{{{MD}}}SingleSignOnService")
        if one.get("Binding") == REDIRECT
    ]
    if not certificates:
        faults.append("It names no key that signs.")
    if not ends:
        faults.append("It takes no requests by HTTP-Redirect.")
    elif (wrong := fault_of(ends[0])) is not None:
        faults.append(f"A SingleSignOnService {wrong}: {ends[0][:200]}")
    if not entity.get("entityID"):
        faults.append("It has no entityID.")
    until = validity(roles[0], entity, faults)
    if faults:
        raise MetadataFault(faults)
    return PublishedProvider(
        entity_id=entity.get("entityID") or "", address=ends[0], certificates=certificates, valid_until=until
    )
