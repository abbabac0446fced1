"""What is signed and encrypted for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from idp.outside.xml_encryption import CannotEncrypt
from idp.outside.xml_signing import ECDSA_SHA256, RSA_SHA256
from idp.saml.protection import protection_for
from idp.usecases.saml_keys import SamlKeyRing
from idp.usecases.service_providers import (
    EncryptionKey,
    Profile,
    PublishedMetadata,
    SamlOptions,
    ServiceProvider,
    SignatureAlgorithm,
)
from tests.saml.written import keys

if TYPE_CHECKING:
    from idp.saml.core_3_3_3_response import Protection

KEY = EncryptionKey(certificate=keys(name="service").certificate)
ONLY_CBC = EncryptionKey(
    certificate=keys(name="service").certificate, algorithms=("http://www.w3.org/2001/04/xmlenc#aes256-cbc",)
)


def ring() -> SamlKeyRing:
    rsa, old, curve = keys().signer, keys(name="old").signer, keys("ES256").signer
    return SamlKeyRing(
        version=1,
        signers={key.kid: key for key in (rsa, old, curve)},
        current={SignatureAlgorithm.RSA_SHA256: rsa, SignatureAlgorithm.ECDSA_SHA256: curve},
        published=(),
    )


def protected(
    profile: Profile,
    *,
    kid: str | None = None,
    options: dict[str, Any] | None = None,
    **metadata: Any,  # noqa: ANN401
) -> Protection:
    service = ServiceProvider(
        service_id=1, entity_id="https://portal.example", name_da="", name_en="", sector="portal.example",
        options=SamlOptions(profile=profile, **(options or {})), signing_kid=kid,
        metadata=PublishedMetadata(entity_id="https://portal.example", **metadata),
    )  # fmt: skip
    return protection_for(service, ring())


@pytest.mark.parametrize(
    ("profile", "assertion", "response"),
    [
        (Profile.PLAIN, True, False),
        (Profile.UNILOGIN, False, True),
        (Profile.SAML2INT, False, True),
        (Profile.OIOSAML, True, False),
    ],
)
def test_each_profile_signs_in_its_own_way_and_encrypts_where_there_is_a_key(
    profile: Profile,
    assertion: bool,  # noqa: FBT001
    response: bool,  # noqa: FBT001
) -> None:
    made = protected(profile, encryption_keys=(KEY,))
    assert (made.sign_assertion, made.sign_response, made.recipient is not None) == (assertion, response, True)


@pytest.mark.spec("OIOSAML 3.0.3", "O2")
@pytest.mark.spec("saml2int", "SDP-IDP11")
def test_without_a_key_to_encrypt_to_a_service_whose_profile_demands_it_gets_nothing() -> None:
    assert protected(Profile.PLAIN).recipient is None
    assert protected(Profile.UNILOGIN).recipient is None
    for profile in (Profile.SAML2INT, Profile.OIOSAML):
        with pytest.raises(CannotEncrypt):
            protected(profile)
    with pytest.raises(CannotEncrypt):
        protected(Profile.PLAIN, options={"encrypt_assertion": True})


def test_a_key_that_cannot_be_used_is_no_reason_to_send_in_the_clear() -> None:
    with pytest.raises(CannotEncrypt):
        protected(Profile.PLAIN, encryption_keys=(ONLY_CBC,))
    assert protected(Profile.PLAIN, options={"encrypt_assertion": False}, encryption_keys=(ONLY_CBC,)).recipient is None


@pytest.mark.spec("SAML Metadata", "2.4.4")
def test_a_service_that_wants_signed_assertions_gets_them_whatever_was_registered() -> None:
    made = protected(Profile.UNILOGIN, options={"sign_assertion": False}, wants_assertions_signed=True)
    assert (made.sign_assertion, made.sign_response) == (True, True)


@pytest.mark.spec("SAML Profiles", "4.1.4.5")
def test_something_is_signed_whatever_was_registered() -> None:
    made = protected(Profile.UNILOGIN, options={"sign_assertion": False, "sign_response": False})
    assert made.sign_assertion


@pytest.mark.spec("SAML Metadata Algorithm Support", "2.4")
def test_a_service_is_signed_for_with_what_it_can_verify_and_the_key_it_is_held_at() -> None:
    assert protected(Profile.PLAIN).signer.algorithm == RSA_SHA256
    curve = {"signature_algorithm": SignatureAlgorithm.ECDSA_SHA256}
    assert protected(Profile.PLAIN, options=curve).signer.algorithm == ECDSA_SHA256
    assert protected(Profile.PLAIN, signing_methods=(ECDSA_SHA256,)).signer.algorithm == ECDSA_SHA256
    assert protected(Profile.PLAIN, options=curve, signing_methods=(RSA_SHA256,)).signer.algorithm == RSA_SHA256
    assert protected(Profile.PLAIN, signing_methods=("urn:nobody:knows",)).signer.algorithm == RSA_SHA256
    old = keys(name="old").signer.kid
    assert protected(Profile.PLAIN, kid=old).signer.kid == old
