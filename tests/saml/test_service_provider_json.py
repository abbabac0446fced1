"""What is kept of a SAML service comes back as it was, and nothing else is taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from idp.store.services import Service
from idp.usecases.known_service_providers import find_service_provider
from idp.usecases.service_provider_json import read_options, read_registration, registration_of
from idp.usecases.service_providers import (
    POST,
    REDIRECT,
    AssertionConsumer,
    AttributeService,
    EncryptionKey,
    LogoutEndpoint,
    Profile,
    PublishedMetadata,
    RequestedAttribute,
    SamlOptions,
    SignatureAlgorithm,
)
from policies.vocabulary import Protocol
from tests.conftest import START

if TYPE_CHECKING:
    from idp.usecases.system import System

ENTITY = "https://portal.example/saml"
METADATA = PublishedMetadata(
    entity_id=ENTITY,
    valid_until=START,
    name_da="Portalen",
    consumers=(AssertionConsumer(location="https://portal.example/acs", binding=POST, index=1, is_default=True),),
    logout=(LogoutEndpoint(location="https://portal.example/slo", binding=REDIRECT),),
    signing_certificates=(b"\x00\xff", b"two"),
    encryption_keys=(EncryptionKey(certificate=b"\x01", algorithms=("urn:a", "urn:b")),),
    signs_requests=True,
    attribute_services=(
        AttributeService(index=2, is_default=False, requested=(RequestedAttribute(name="urn:x", name_format="urn:f"),)),
    ),
    entity_attributes=(("urn:category", ("one", "two")), ("urn:none", ())),
)
OPTIONS = SamlOptions(
    profile=Profile.OIOSAML,
    sign_response=False,
    signature_algorithm=SignatureAlgorithm.ECDSA_SHA256,
    attributes=("uniid",),
)


@pytest.mark.parametrize("options", [OPTIONS, SamlOptions()])
@pytest.mark.parametrize("metadata", [METADATA, PublishedMetadata(entity_id=ENTITY)])
def test_what_is_kept_comes_back(options: SamlOptions, metadata: PublishedMetadata) -> None:
    kept = json.loads(json.dumps(registration_of(options, metadata)))
    assert read_registration(kept) == (options, metadata)


def test_what_has_its_default_is_left_out() -> None:
    assert registration_of(SamlOptions(), PublishedMetadata(entity_id=ENTITY)) == {
        "options": {},
        "metadata": {"entity_id": ENTITY},
        "redirect_uris": [],
    }


@pytest.mark.parametrize(
    "given",
    [
        {"encrypt": True}, {"encrypt_assertion": "yes"}, {"profile": "oio"}, {"attributes": "uniid"}, [], "plain",
        {"attributes": [1]}, {"signature_algorithm": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"}, {"idp_initiated": None},
    ],
)  # fmt: skip
def test_options_that_are_none_are_refused(given: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValueError):  # noqa: PT011
        read_options(given)


def test_each_process_reads_a_service_once_for_each_version_and_notices_at_once_that_it_is_disabled(
    system: System,
) -> None:
    with system.database.writing() as db:
        assert find_service_provider(db, system, ENTITY) is None
        db.add(
            Service(
                protocol=Protocol.SAML, identifier=ENTITY, name_da="Portalen", name_en="The portal",
                registration=registration_of(OPTIONS, METADATA), sector="portal.example", registered_at=system.now(),
            )
        )  # fmt: skip
        db.flush()
        first = find_service_provider(db, system, ENTITY)
        again = find_service_provider(db, system, ENTITY)
        assert first is not None
        assert again is not None
        assert first.metadata is again.metadata
        assert (first.options, first.metadata) == (OPTIONS, METADATA)
        changed = registration_of(SamlOptions(), METADATA)
        db.execute(update(Service).values(registration=changed, metadata_version=1, disabled_at=system.now()))
        then = find_service_provider(db, system, ENTITY)
        assert then is not None
        assert (then.options, then.disabled) == (SamlOptions(), True)
