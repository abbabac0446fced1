"""What is signed and encrypted for a service: its profile's way, what its registration says, and never less than its metadata asks.

=========  =========  ========  =====================================
Profile    Assertion  Response  Encrypted
=========  =========  ========  =====================================
plain      signed               where the service has a key for it
unilogin              signed    where the service has a key for it
saml2int              signed    always
oiosaml    signed               always
=========  =========  ========  =====================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.outside.xml_encryption import Way, recipient
from idp.saml.core_3_3_3_response import Protection
from idp.usecases.service_providers import ALWAYS_ENCRYPTED, Profile, SignatureAlgorithm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.outside.xml_encryption import Recipient
    from idp.outside.xml_signing import XmlSigner
    from idp.usecases.saml_keys import SamlKeyRing
    from idp.usecases.service_providers import ServiceProvider

_SIGNED: Final[Mapping[Profile, tuple[bool, bool]]] = {
    Profile.PLAIN: (True, False),
    Profile.UNILOGIN: (False, True),
    Profile.SAML2INT: (False, True),
    Profile.OIOSAML: (True, False),
}
"""Profile -> whether the assertion, and whether the response is signed."""


def protection_for(service: ServiceProvider, ring: SamlKeyRing) -> Protection:
    """Return how a Response to ``service`` is protected.

    Raises :class:`idp.outside.xml_encryption.CannotEncrypt` where it is to be encrypted and no key or algorithm of the service
    is one that we use; it never goes in the clear instead.
    """
    options = service.options
    assertion, response = _SIGNED[options.profile]
    response = response if options.sign_response is None else options.sign_response
    assertion = assertion if options.sign_assertion is None else options.sign_assertion
    # WantAssertionsSigned (Metadata 2.4.4) is never overruled, and something is always signed (Profiles 4.1.4.5).
    assertion = assertion or service.metadata.wants_assertions_signed or not response
    return Protection(
        signer=signer_for(service, ring),
        sign_assertion=assertion,
        sign_response=response,
        recipient=_recipient(service),
    )


def signer_for(service: ServiceProvider, ring: SamlKeyRing) -> XmlSigner:
    """Return what signs messages to ``service``: by its registration, but with what its metadata can verify where it says."""
    algorithm, named = service.options.signature_algorithm, service.metadata.signing_methods
    if named and algorithm not in named:
        algorithm = next((each for each in SignatureAlgorithm if each in named), algorithm)
    return ring.signer_for(algorithm, service.signing_kid)


def _recipient(service: ServiceProvider) -> Recipient | None:
    keys, wanted = service.metadata.encryption_keys, service.options.encrypt_assertion
    if wanted is None:
        wanted = bool(keys) or service.options.profile in ALWAYS_ENCRYPTED
    if not wanted:
        return None
    way = Way.SAML2INT if service.options.profile is Profile.SAML2INT else Way.STRONGEST
    return recipient([(key.certificate, key.algorithms) for key in keys], way)
