"""``skolepas services add-saml``: register a SAML service by its metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from idp.saml.metadata_fetched import certificates_of, fetch
from idp.saml.metadata_ours import address_for
from idp.saml.metadata_theirs import LARGEST, MetadataFault, entity_document, read_metadata
from idp.usecases.metadata_sources import Kind, add_source, end_source, source_at
from idp.usecases.saml_registration import RegistrationRefused, SamlService, register_saml
from idp.usecases.service_provider_json import read_options, registration_of
from policies.vocabulary import ReleasePackage

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from idp.usecases.service_providers import PublishedMetadata, SamlOptions
    from idp.usecases.system import System

PACKAGES = click.Choice([package.value for package in ReleasePackage])


@click.command("add-saml")
@click.option(
    "--metadata", "given_metadata", required=True, help="Its metadata: a file, - for stdin, or an https address."
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM: whose signature counts at that address. Needed when the address is given for the first time.",
)
@click.option(
    "--source",
    type=click.Choice([kind.value for kind in Kind]),
    default=Kind.ENTITY.value,
    show_default=True,
    help="What the address holds: the one service, an aggregate of many, or a query by entityID (MDQ).",
)
@click.option("--entity-id", help="Which service is meant, in a document of several.")
@click.option("--options", "given", default="{}", help="What was agreed with it, as JSON; see the operator's page.")
@click.option("--agreement", type=PACKAGES, help="Agree to this package on behalf of every institution.")
@click.option("--name-da", help="How it is called in Danish, if not as its metadata says.")
@click.option("--name-en", help="The same in English.")
@click.option("--sector", help="Services with the same sector know a person by the same identifier.")
@click.option("--requires-licence", is_flag=True, help="Only people of institutions with a licence may come.")
@click.option("--accepts-adult-as-two", is_flag=True, help="VoksenVerificeret answers where it asks for ToFaktor.")
@click.pass_obj
def add_saml(
    operator: Operator,
    *,
    given_metadata: str,
    certificate: Path | None,
    source: str,
    entity_id: str | None,
    given: str,
    agreement: str | None,
    name_da: str | None,
    name_en: str | None,
    sector: str | None,
    requires_licence: bool,
    accepts_adult_as_two: bool,
) -> None:
    """Register a SAML service and print it as one JSON object.

    Faults are printed on standard error as one JSON object, all of them; the exit code is 1, and nothing is registered.
    """
    system = operator.system
    try:
        options = _options(given)
        source_id, document, metadata = _metadata(system, given_metadata, certificate, Kind(source), entity_id)
        with system.database.writing() as db:
            service_id = register_saml(
                db,
                system,
                document,
                metadata,
                options,
                source_id=source_id,
                decided=SamlService(
                    name_da=name_da,
                    name_en=name_en,
                    sector=sector,
                    requires_licence=requires_licence,
                    accepts_adult_as_two=accepts_adult_as_two,
                ),
                package=ReleasePackage(agreement) if agreement else None,
            )
    except (MetadataFault, RegistrationRefused) as refused:
        click.echo(
            json.dumps({"error": "invalid_metadata", "faults": list(refused.faults)}, ensure_ascii=False), err=True
        )
        raise click.exceptions.Exit(1) from None
    print_json(
        {
            "service_id": service_id,
            "entity_id": metadata.entity_id,
            "our_metadata": address_for(system, service_id),
            **registration_of(options, metadata),
        }
    )


def _metadata(
    system: System, given: str, certificate: Path | None, kind: Kind, entity_id: str | None
) -> tuple[int | None, str, PublishedMetadata]:
    """Return the source, the document and what it says. Raises :class:`MetadataFault`."""
    if not given.startswith(("https://", "http://")):
        with click.open_file(given, "rb") as file:
            document = file.read(LARGEST + 1)
        return None, entity_document(document, entity_id), read_metadata(document, entity_id)
    with system.database.reading() as db:
        known = source_at(db, given)
    if known is None and certificate is None:
        raise MetadataFault(["Metadata that is fetched must be signed: say by whom, with --certificate."])
    pem = certificate.read_text(encoding="utf-8") if certificate else (known.certificates if known else "")
    certificates_of(pem)
    with system.database.writing() as db:
        source = add_source(
            db, system, kind=kind if certificate or known is None else known.kind, url=given, certificates=pem
        )
    try:
        return source.id, *fetch(system, source, entity_id, again=True).service(entity_id)
    except MetadataFault:
        if known is None:
            with system.database.writing() as db:
                end_source(db, system, given)
        raise


def _options(given: str) -> SamlOptions:
    try:
        return read_options(json.loads(given))
    except ValueError as fault:
        raise RegistrationRefused([f"--options: {fault}."]) from None
