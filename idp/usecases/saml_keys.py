"""The keys that sign our SAML messages, those that others encrypt to, and those that sign our metadata (decision 82).

How they take turns: :mod:`idp.usecases.rotating_keys`. Each has a certificate that it signed itself. Our metadata publishes
those of the first two kinds; those that sign it stand in no KeyDescriptor, for whoever trusts it was given them otherwise. A
service may be held at a signing key that is not the current one (``service.signing_kid``), so next, current and previous are
all at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from idp.outside.certificates import der_of, self_signed
from idp.outside.jose import MadeKey, make_key
from idp.outside.xml_signing import XmlSigner, xml_signer
from idp.usecases.rotating_keys import PUBLISHED, RotatingKeys
from idp.usecases.service_providers import SignatureAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from idp.store.base import AnyRow
    from idp.usecases.system import System

SIGNING: Final = ("RS256", "ES256")
"""RSA of 2048 bits and P-256, by their JOSE names as in the table; on the wire RSA-SHA256 and ECDSA-SHA256."""
ENCRYPTION: Final = "RSA-OAEP"
_SIGNATURES: Final = {"RS256": SignatureAlgorithm.RSA_SHA256, "ES256": SignatureAlgorithm.ECDSA_SHA256}


@dataclass(frozen=True, kw_only=True)
class PublishedCertificate:
    """A certificate of ours that others may need."""

    kid: str
    algorithm: str
    status: str
    certificate: bytes
    """DER."""


@dataclass(frozen=True, kw_only=True, repr=False)
class SamlKeyRing:
    """The signing keys as one process has read them."""

    version: int
    signers: Mapping[str, XmlSigner]
    """kid -> what signs: next, current and previous."""
    current: Mapping[SignatureAlgorithm, XmlSigner]
    published: tuple[PublishedCertificate, ...]
    """Current first, then next, then previous."""

    def signer_for(self, algorithm: SignatureAlgorithm, kid: str | None = None) -> XmlSigner:
        """Return what signs with ``algorithm``: the key ``kid`` while there is such a one that fits, else the current."""
        held = self.signers.get(kid) if kid is not None else None
        return held if held is not None and held.algorithm == algorithm else self.current[algorithm]

    def __repr__(self) -> str:
        """Never show a key."""
        return f"SamlKeyRing({self.version})"


@dataclass(frozen=True, kw_only=True, repr=False)
class DecryptionRing:
    """The keys that others encrypt to, as one process has read them."""

    version: int
    private: tuple[bytes, ...]
    """PKCS #8 in PEM: current, next and previous, to be tried in this order."""
    published: tuple[PublishedCertificate, ...]
    """Current, next and previous. Metadata carries one alone, for whoever encrypts picks any."""

    def __repr__(self) -> str:
        """Never show a key."""
        return f"DecryptionRing({self.version})"


def _make(system: System, algorithm: str) -> tuple[MadeKey, str]:
    made = make_key("RS256" if algorithm == ENCRYPTION else algorithm)
    if algorithm == ENCRYPTION:
        made = replace(made, algorithm=ENCRYPTION, public_jwk={**made.public_jwk, "use": "enc", "alg": "RSA-OAEP-256"})
    name = f"Skolepas {urlsplit(system.settings.site.issuer).hostname}"
    return made, self_signed(made.private, name=name, now=system.now())


def _signing_ring(version: int, rows: Sequence[AnyRow], opened: Callable[[AnyRow], bytes]) -> SamlKeyRing:
    published = _published(rows)
    signers = {row.kid: xml_signer(row.kid, der_of(row.certificate), opened(row)) for row in _in_use(rows)}
    return SamlKeyRing(
        version=version,
        signers=signers,
        current={_SIGNATURES[key.algorithm]: signers[key.kid] for key in published if key.status == "current"},
        published=published,
    )


def _decryption_ring(version: int, rows: Sequence[AnyRow], opened: Callable[[AnyRow], bytes]) -> DecryptionRing:
    return DecryptionRing(
        version=version, private=tuple(opened(row) for row in _in_use(rows)), published=_published(rows)
    )


def _published(rows: Sequence[AnyRow]) -> tuple[PublishedCertificate, ...]:
    return tuple(
        PublishedCertificate(
            kid=row.kid, algorithm=row.algorithm, status=row.status, certificate=der_of(row.certificate)
        )
        for row in _in_use(rows)
    )


def _in_use(rows: Sequence[AnyRow]) -> list[AnyRow]:
    return [row for status in PUBLISHED for row in rows if row.status == status]


def _read_after(system: System) -> timedelta:
    """Say when the next key may sign: by then whoever keeps to our ``validUntil`` has fetched metadata that names it.

    Those that sign metadata are given to services by hand, for which there is as long.
    """
    return timedelta(days=system.settings.saml.metadata_days)


SIGNING_KEYS: Final[RotatingKeys[SamlKeyRing]] = RotatingKeys(
    use="saml", algorithms=SIGNING, make=_make, read=_signing_ring, read_after=_read_after
)
ENCRYPTION_KEYS: Final[RotatingKeys[DecryptionRing]] = RotatingKeys(
    use="saml-enc", algorithms=(ENCRYPTION,), make=_make, read=_decryption_ring, read_after=_read_after
)
METADATA_KEYS: Final[RotatingKeys[SamlKeyRing]] = RotatingKeys(
    use="saml-md", algorithms=("RS256",), make=_make, read=_signing_ring, read_after=_read_after
)
saml_key_ring = SIGNING_KEYS.ring
saml_decryption_ring = ENCRYPTION_KEYS.ring
saml_metadata_ring = METADATA_KEYS.ring
