"""The keys of SAML: what signs, what others encrypt to, and how they take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from idp.usecases.saml_keys import (
    ENCRYPTION_KEYS,
    METADATA_KEYS,
    SIGNING_KEYS,
    saml_decryption_ring,
    saml_key_ring,
    saml_metadata_ring,
)
from idp.usecases.service_providers import SignatureAlgorithm
from tests.opponents.databases import postgresql_is_long

if TYPE_CHECKING:
    from idp.usecases.saml_keys import SamlKeyRing
    from idp.usecases.system import System

pytestmark = postgresql_is_long


def ring_of(system: System) -> SamlKeyRing:
    with system.database.writing() as db:
        saml_key_ring(db, system)
    with system.database.reading() as db:
        return saml_key_ring(db, system)


def test_there_is_a_key_of_each_kind_in_use_and_one_that_comes_next(system: System) -> None:
    ring = ring_of(system)
    assert [(key.algorithm, key.status) for key in ring.published] == [
        ("RS256", "current"), ("ES256", "current"), ("RS256", "next"), ("ES256", "next"),
    ]  # fmt: skip
    assert set(ring.current) == set(SignatureAlgorithm)
    keys = [x509.load_der_x509_certificate(key.certificate).public_key() for key in ring.published]
    assert [type(key).__name__ for key in keys] == ["RSAPublicKey", "ECPublicKey"] * 2
    assert all(key.key_size == 2048 for key in keys if isinstance(key, RSAPublicKey))
    assert all(key.curve.name == "secp256r1" for key in keys if isinstance(key, EllipticCurvePublicKey))


def test_a_certificate_is_our_own_and_outlives_every_habit(system: System) -> None:
    for key in ring_of(system).published:
        certificate = x509.load_der_x509_certificate(key.certificate)
        certificate.verify_directly_issued_by(certificate)
        assert certificate.subject.rfc4514_string() == "CN=Skolepas localhost"
        assert certificate.not_valid_before_utc < system.now()
        assert (certificate.not_valid_after_utc - system.now()).days == 3650


def test_a_service_may_be_held_at_the_previous_or_the_next_key(system: System) -> None:
    first = ring_of(system)
    with system.database.writing() as db:
        SIGNING_KEYS.rotate(db, system)
        after = saml_key_ring(db, system, version=-1)
    rsa = SignatureAlgorithm.RSA_SHA256
    previous, current = first.current[rsa].kid, after.current[rsa].kid
    assert previous != current
    assert after.signer_for(rsa).kid == current
    assert after.signer_for(rsa, previous).kid == previous
    assert after.signer_for(SignatureAlgorithm.ECDSA_SHA256, previous).algorithm == SignatureAlgorithm.ECDSA_SHA256
    assert after.signer_for(rsa, "a key that is gone").kid == current


def test_a_revoked_key_signs_and_is_published_no_more(system: System) -> None:
    kid = ring_of(system).current[SignatureAlgorithm.RSA_SHA256].kid
    with system.database.writing() as db:
        assert SIGNING_KEYS.revoke(db, system, kid)
        after = saml_key_ring(db, system, version=-1)
    assert kid not in after.signers
    assert kid not in {key.kid for key in after.published}


def test_others_may_encrypt_to_the_key_before_and_to_the_one_that_comes(system: System) -> None:
    with system.database.writing() as db:
        first = saml_decryption_ring(db, system)
        ENCRYPTION_KEYS.rotate(db, system)
        after = saml_decryption_ring(db, system, version=-1)
    assert [key.status for key in after.published] == ["current", "next", "previous"]
    assert after.published[2].certificate == first.published[0].certificate
    assert len(after.private) == 3
    assert "PRIVATE" not in repr(after)


def test_every_kind_of_key_is_in_a_set_of_its_own(system: System) -> None:
    ring_of(system)
    with system.database.writing() as db:
        saml_decryption_ring(db, system)
        saml_metadata_ring(db, system)
        assert {key.use for key in SIGNING_KEYS.listed(db)} == {"saml"}
        assert [key.status for key in ENCRYPTION_KEYS.listed(db)] == ["current", "next"]
        of_metadata = [(key.use, key.algorithm, key.status) for key in METADATA_KEYS.listed(db)]
        assert of_metadata == [("saml-md", "RS256", "current"), ("saml-md", "RS256", "next")]
