"""Registering a SAML service, as an operator does it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from admin_ui.cli import Operator
from admin_ui.cli import services as command_line
from idp.saml.metadata_theirs import read_metadata
from idp.store.services import Service
from idp.usecases.known_service_providers import find_service_provider
from idp.usecases.service_providers import Profile
from idp.usecases.services import services
from tests import recipes
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_metadata import ACS, ENTITY, certificate, consumer, entities, entity, key_descriptor, role

if TYPE_CHECKING:
    from idp.usecases.system import System

pytestmark = postgresql_is_long
SIGNS = entity(role(key_descriptor(certificate()) + consumer(), attributes=' AuthnRequestsSigned="true"'))


def add(system: System, document: str, *arguments: str) -> Result:
    operator = Operator(None, system)
    command = ["add-saml", "--metadata", "-", *arguments]
    return CliRunner().invoke(command_line.services, command, input=document.encode(), obj=operator)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    shown: dict[str, Any] = json.loads(result.stdout)
    return shown


def faults(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (1, "")
    return " ".join(json.loads(result.stderr)["faults"])


def test_a_service_is_registered_by_its_metadata_and_found_by_its_entity_id(system: System) -> None:
    options = {"profile": "saml2int", "encrypt_assertion": True, "require_signed_requests": True}
    shown = told(add(system, SIGNS, "--options", json.dumps(options), "--name-da", "Portalen", "--agreement", "small"))
    assert (shown["entity_id"], shown["options"]) == (ENTITY, options)
    with system.database.reading() as db:
        found = find_service_provider(db, system, ENTITY)
    assert found is not None
    assert (found.name_da, found.name_en, found.options.profile) == ("Portalen", "Portalen", Profile.SAML2INT)
    assert [one.location for one in found.metadata.consumers] == [ACS]
    assert found.metadata.signs_requests


def test_of_a_document_of_several_the_service_that_is_meant_is_kept_alone(system: System) -> None:
    told(add(system, entities(entity(entity_id="https://other.example"), SIGNS), "--entity-id", ENTITY))
    with system.database.reading() as db:
        kept = db.execute(select(Service.metadata_xml)).scalar_one()
    assert "other.example" not in kept
    assert read_metadata(kept.encode()) == read_metadata(SIGNS.encode())


def test_without_a_name_it_is_called_by_its_entity_id_and_shares_its_sector_with_nobody(system: System) -> None:
    told(add(system, entity()))
    with system.database.reading() as db:
        (listed,) = services(db)
    assert (listed.name_da, listed.sector) == (ENTITY, f"client:{ENTITY}")


@pytest.mark.parametrize(
    ("document", "options", "said"),
    [
        (entity(entity_id="portal"), "{}", "absolute URI"),
        (entity(), "[]", "not an object"),
        (entity(), "{", "--options"),
        (entity(), '{"profil": "plain"}', "profil: not known"),
        (entity(), '{"profile": "kantara"}', "kantara"),
        (entity(), '{"encrypt_assertion": "yes"}', "encrypt_assertion"),
        (entity(), '{"encrypt_assertion": true}', "no key to encrypt to"),
        (entity(), '{"profile": "saml2int"}', "no key to encrypt to"),
        (entity(), '{"profile": "oiosaml", "encrypt_assertion": false}', "names no key that signs"),
        (entity(), '{"require_signed_requests": true}', "names no key"),
        (entity(), '{"sign_response": false, "sign_assertion": false}', "Neither response nor assertion"),
        (entity(), '{"idp_initiated_relay_state": "a"}', "needs idp_initiated"),
        (entity(role(attributes=' AuthnRequestsSigned="true"')), "{}", "names no key"),
        (entity(attributes=' validUntil="2001-01-01T00:00:00Z"'), "{}", "not valid any more"),
    ],
)
def test_what_contradicts_itself_is_refused_and_nothing_is_registered(
    system: System, document: str, options: str, said: str
) -> None:
    assert said in faults(add(system, document, "--options", options))
    with system.database.reading() as db:
        assert services(db) == ()


def test_an_entity_id_is_registered_once_whatever_the_protocol(system: System) -> None:
    told(add(system, entity()))
    assert "registered already" in faults(add(system, entity()))
    with system.database.writing() as db:
        recipes.a_service(db, system, client_id="urn:portal:saml")
    assert "registered already" in faults(add(system, entity(entity_id="urn:portal:saml")))
