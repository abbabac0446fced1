"""Metadata that is fetched: by whom it must be signed, how long it holds, and what becomes of services when it changes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from admin_ui.cli import Operator
from admin_ui.cli.metadata_sources import metadata_sources
from admin_ui.cli.services import services
from admin_ui.cli.worker import chores
from idp.outside.certificates import pem_of
from idp.outside.fetch import Fetcher
from idp.settings import FetchSettings
from idp.usecases.known_service_providers import find_service_provider
from tests.opponents.databases import postgresql_is_long
from tests.opponents.metadata_server import MetadataServer
from tests.opponents.saml_metadata import entities
from tests.opponents.saml_service import SamlService, key_pair, signed_by
from tests.saml.asking import PORTAL, SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.saml.provider import Provider

pytestmark = postgresql_is_long
OTHER = PORTAL.but(entity_id="https://other.example/saml")
FEDERATION = key_pair("federation")
IN_A_WEEK = "2026-11-30T08:00:00Z"


@pytest.fixture
def server() -> Iterator[MetadataServer]:
    with MetadataServer() as running:
        yield running


@pytest.fixture
def here(provider: Provider) -> Provider:
    """The provider where a federation may be on this machine."""
    system = replace(provider.system, fetcher=Fetcher(FetchSettings(private_networks=True)))
    return replace(provider, system=system)


@pytest.fixture
def certificate(tmp_path: Path) -> str:
    file = tmp_path / "federation.pem"
    file.write_text(pem_of(FEDERATION.certificate))
    return str(file)


def published(service: SamlService, until: str | None = IN_A_WEEK) -> str:
    said = {"ID": "_m", **({"validUntil": until} if until else {})}
    return signed_by(FEDERATION, service.metadata(**said), place=0)


def aggregate(*every: SamlService, until: str | None = IN_A_WEEK) -> str:
    ends = f' validUntil="{until}"' if until else ""
    said = f' ID="_all"{ends}>'
    document = entities(*(service.metadata() for service in every)).replace(">", said, 1)
    return signed_by(FEDERATION, document, place=0)


def skolepas(system: System, command: Any, *arguments: str) -> Result:  # noqa: ANN401
    return CliRunner().invoke(command, list(arguments), obj=Operator(None, system))


def add(system: System, url: str, *arguments: str) -> Result:
    return skolepas(system, services, "add-saml", "--metadata", url, *arguments)


def known(system: System, service: SamlService = PORTAL) -> ServiceProvider | None:
    with system.database.reading() as db:
        return find_service_provider(db, system, service.entity_id)


def fault_of(system: System) -> str | None:
    (source,) = json.loads(skolepas(system, metadata_sources, "list").stdout)
    fault: str | None = source["fault"]
    return fault


def fetch_what_is_due(system: System) -> None:
    chore = dict(reversed(pair) for pair in chores(system))  # type: ignore[misc]
    (fetching,) = [each for each in chore if each.__name__ == "fetch_metadata"]
    while fetching():
        pass


def test_a_service_is_registered_from_an_address_and_follows_what_stands_there(
    here: Provider, server: MetadataServer, certificate: str, clock: StandingClock
) -> None:
    server.documents["/m"] = published(PORTAL)
    added = add(here.system, f"{server.address}/m", "--certificate", certificate, "--agreement", "small")
    assert added.exit_code == 0, added.output
    assert here.asked(PORTAL).status == SUCCESS
    moved = PORTAL.but(consumers=("https://portal.example/new",))
    server.documents["/m"] = published(moved)
    fetch_what_is_due(here.system)
    clock.advance(minutes=61)
    fetch_what_is_due(here.system)
    fetch_what_is_due(here.system)
    assert here.asked(moved).destination == "https://portal.example/new"
    assert fault_of(here.system) is None


def test_what_is_as_it_was_is_not_read_again(
    here: Provider, server: MetadataServer, certificate: str, clock: StandingClock
) -> None:
    server.documents["/m"] = published(PORTAL)
    add(here.system, f"{server.address}/m", "--certificate", certificate)
    for _ in range(2):
        assert skolepas(here.system, metadata_sources, "refresh").exit_code == 0
        clock.advance(minutes=61)
    asked = [etag for _, etag in server.asked]
    assert asked[-1] is not None
    found = known(here.system)
    assert found is not None
    assert found.metadata_version == 1


@pytest.mark.spec("saml2int", "SDP-MD03")
@pytest.mark.parametrize(
    ("document", "why"),
    [
        (published(PORTAL, until=None), "does not say until when"),
        (published(PORTAL, until="2026-11-23T07:50:00Z"), "It was valid until"),
        (published(PORTAL, until="2027-06-01T08:00:00Z"), "more than 30 days"),
        (PORTAL.metadata(ID="_m", validUntil=IN_A_WEEK), "not signed"),
        (
            signed_by(key_pair("stranger"), PORTAL.metadata(ID="_m", validUntil=IN_A_WEEK), place=0),
            "none of the sender",
        ),
        (published(PORTAL).replace("portal.example/acs", "attacker.example/acs"), "changed"),
        ("nothing", "not XML"),
        (None, "status 404"),
    ],
)
def test_what_does_not_hold_registers_nobody_and_changes_nobody(
    here: Provider, server: MetadataServer, certificate: str, document: str | None, why: str
) -> None:
    if document is not None:
        server.documents["/m"] = document
    refused = add(here.system, f"{server.address}/m", "--certificate", certificate)
    assert (refused.exit_code, why in refused.stderr) == (1, True), refused.stderr
    assert known(here.system) is None
    server.documents["/m"] = published(PORTAL)
    assert add(here.system, f"{server.address}/m", "--certificate", certificate).exit_code == 0
    before = known(here.system)
    if document is None:
        del server.documents["/m"]
    else:
        server.documents["/m"] = document
    assert skolepas(here.system, metadata_sources, "refresh").exit_code == 1
    assert why in (fault_of(here.system) or "")
    assert known(here.system) == before


def test_an_address_needs_somebody_whose_signature_counts(here: Provider, server: MetadataServer) -> None:
    server.documents["/m"] = published(PORTAL)
    refused = add(here.system, f"{server.address}/m")
    assert (refused.exit_code, "--certificate" in refused.stderr) == (1, True)


def test_what_nobody_renews_is_over_when_it_says(
    here: Provider, server: MetadataServer, certificate: str, clock: StandingClock
) -> None:
    server.documents["/m"] = published(PORTAL)
    add(here.system, f"{server.address}/m", "--certificate", certificate)
    clock.advance(days=8)
    assert skolepas(here.system, metadata_sources, "refresh").exit_code == 1
    page = here.logged_in().open(PORTAL.by_redirect(PORTAL.authn_request(now=clock.now())))
    assert (page.status, "metadata-over" in page.body) == (403, True)


@pytest.mark.spec("Kantara fedinterop", "IIP-MD02")
def test_of_an_aggregate_the_services_that_are_named_are_registered_and_follow_it(
    here: Provider, server: MetadataServer, certificate: str
) -> None:
    server.documents["/all"] = aggregate(PORTAL, OTHER)
    url = f"{server.address}/all"
    for service in (PORTAL, OTHER):
        more = ["--certificate", certificate] if service is PORTAL else []
        done = add(here.system, url, "--source", "aggregate", "--entity-id", service.entity_id, *more)
        assert done.exit_code == 0, done.output
    moved = OTHER.but(consumers=("https://other.example/new",))
    server.documents["/all"] = aggregate(moved)
    assert skolepas(here.system, metadata_sources, "refresh").exit_code == 1
    assert PORTAL.entity_id in (fault_of(here.system) or "")
    found, kept = known(here.system, OTHER), known(here.system, PORTAL)
    assert found is not None
    assert kept is not None
    assert found.metadata.consumers[0].location == "https://other.example/new"
    assert kept.metadata.consumers[0].location == PORTAL.consumer


@pytest.mark.parametrize("where", ["ds:Signature/ds:KeyInfo", "ds:Signature", "md:EntityDescriptor/md:SPSSODescriptor"])
def test_a_service_in_the_signature_of_an_aggregate_is_not_in_the_aggregate(
    here: Provider, server: MetadataServer, certificate: str, where: str
) -> None:
    """The signature leaves itself out, so that anybody could have put it there."""
    root = etree.fromstring(aggregate(OTHER).encode())
    signature = root.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert signature is not None
    if signature.find("{http://www.w3.org/2000/09/xmldsig#}KeyInfo") is None:
        etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}KeyInfo")
    (there,) = root.xpath(
        where,
        namespaces={"ds": "http://www.w3.org/2000/09/xmldsig#", "md": "urn:oasis:names:tc:SAML:2.0:metadata"},
    )
    there.append(etree.fromstring(PORTAL.metadata().encode()))
    server.documents["/all"] = etree.tostring(root, encoding="unicode")
    done = add(
        here.system, f"{server.address}/all", "--source", "aggregate", "--entity-id", PORTAL.entity_id,
        "--certificate", certificate,
    )  # fmt: skip
    assert done.exit_code == 1
    assert known(here.system) is None


@pytest.mark.spec("Kantara fedinterop", "IIP-MD01")
def test_a_query_finds_a_service_by_its_entity_id(here: Provider, server: MetadataServer, certificate: str) -> None:
    server.documents[f"/entities/{quote(PORTAL.entity_id, safe='')}"] = published(PORTAL)
    done = add(
        here.system, server.address, "--source", "mdq", "--entity-id", PORTAL.entity_id, "--certificate", certificate
    )
    assert done.exit_code == 0, done.output
    moved = PORTAL.but(consumers=("https://portal.example/new",))
    server.documents[f"/entities/{quote(PORTAL.entity_id, safe='')}"] = published(moved)
    assert skolepas(here.system, metadata_sources, "refresh").exit_code == 0
    found = known(here.system)
    assert found is not None
    assert found.metadata.consumers[0].location == "https://portal.example/new"
    assert skolepas(here.system, metadata_sources, "end", server.address).exit_code == 0
    assert json.loads(skolepas(here.system, metadata_sources, "list").stdout) == []
