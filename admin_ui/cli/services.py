"""``skolepas services``: register learning services, list them, look at one, disable one."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from admin_ui.cli import print_json
from idp.usecases import failed_requests
from idp.usecases import services as usecases
from idp.usecases.client_metadata import INVALID_CLIENT_METADATA, Fault, MetadataRefused
from policies.vocabulary import ReleasePackage

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from idp.usecases.services import ListedService

PACKAGES = click.Choice([package.value for package in ReleasePackage])


@click.group()
def services() -> None:
    """Learning services that people log in at."""


@services.command("add-oidc")
@click.option(
    "--metadata", "file", type=click.File("rb"), required=True, help="Client metadata (RFC 7591); - for stdin."
)
@click.option("--agreement", type=PACKAGES, help="Agree to this package on behalf of every institution.")
@click.pass_obj
def add_oidc(operator: Operator, *, file: IO[bytes], agreement: str | None) -> None:
    """Register an OpenID Connect client and print one JSON object with client_id and, once, client_secret.

    Faults of the metadata are printed on standard error as one JSON object (RFC 7591 3.2.2); the exit code is 1.
    """
    system = operator.system
    try:
        metadata = _json_of(file)
        with system.database.writing() as db:
            registered = usecases.register_oidc(
                db, system, metadata, package=ReleasePackage(agreement) if agreement else None
            )
    except MetadataRefused as refused:
        _refuse(refused)
    print_json(registered.to_json())


@services.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print every service, as JSON."""
    with operator.system.database.reading() as db:
        print_json([_shown(service) for service in usecases.services(db)])


@services.command()
@click.argument("service")
@click.pass_obj
def show(operator: Operator, service: str) -> None:
    """Print one SERVICE (its client_id or number) with its registered metadata, as JSON."""
    with operator.system.database.reading() as db:
        found = [one for one in usecases.services(db) if service in {one.identifier, str(one.id)}]
    if not found:
        raise click.ClickException(f"{service} is not registered.")
    print_json(asdict(found[0]))


@services.command()
@click.argument("service")
@click.pass_obj
def failures(operator: Operator, service: str) -> None:
    """Print the last requests of SERVICE (its client_id or number) that were refused, as JSON: where, why, and when.

    Those in which the service had proven who it is ("proven") are kept apart from what anybody can send in its name.
    """
    with operator.system.database.reading() as db:
        service_id = usecases.service_id_of(db, service)
        if service_id is None:
            raise click.ClickException(f"{service} is not registered.")
        print_json([asdict(failed) for failed in failed_requests.failures(db, service_id)])


@services.command()
@click.argument("service")
@click.option("--why", default="", help="For the record.")
@click.pass_obj
def disable(operator: Operator, service: str, *, why: str) -> None:
    """Disable SERVICE (its client_id or number) at once: its codes and tokens are worth nothing from now on."""
    system = operator.system
    with system.database.writing() as db:
        service_id = usecases.service_id_of(db, service)
        if service_id is None:
            raise click.ClickException(f"{service} is not registered.")
        done = usecases.disable(db, system, service_id, why=why)
    click.echo(f"{service} {'is disabled' if done else 'was disabled before'}.")


def _shown(service: ListedService) -> dict[str, Any]:
    return {name: value for name, value in asdict(service).items() if name != "registration"}


def _json_of(file: IO[bytes]) -> object:
    try:
        found: object = json.loads(file.read())
    except ValueError:
        fault = Fault(INVALID_CLIENT_METADATA, "", "The metadata is not JSON.")
        raise MetadataRefused([fault]) from None
    return found


def _refuse(refused: MetadataRefused) -> NoReturn:
    click.echo(json.dumps(refused.to_json(), ensure_ascii=False, indent=2), err=True)
    sys.exit(1)
