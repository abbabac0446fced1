"""``skolepas services``: register learning services, list them, look at one, disable one."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from admin_ui.cli import print_json
from admin_ui.cli.release_preview import preview_command
from admin_ui.cli.saml_services import add_saml
from idp.usecases import failed_requests
from idp.usecases import services as usecases
from idp.usecases.client_metadata import INVALID_CLIENT_METADATA, Fault, MetadataRefused
from idp.usecases.client_registration import end_initial_tokens, make_initial_token
from idp.usecases.sectors import fetch_listed
from policies.vocabulary import ReleasePackage

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from idp.usecases.services import ListedService

PACKAGES = click.Choice([package.value for package in ReleasePackage])


@click.group()
def services() -> None:
    """Learning services that people log in at."""


services.add_command(preview_command)
services.add_command(add_saml)


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
        listed = fetch_listed(system.fetcher, metadata)
        with system.database.writing() as db:
            registered = usecases.register_oidc(
                db, system, metadata, package=ReleasePackage(agreement) if agreement else None, listed=listed
            )
    except MetadataRefused as refused:
        _refuse(refused)
    print_json(registered.to_json())


@services.command("change-oidc")
@click.argument("service")
@click.option("--metadata", "file", type=click.File("rb"), required=True, help="All of the new metadata; - for stdin.")
@click.pass_obj
def change_oidc(operator: Operator, service: str, *, file: IO[bytes]) -> None:
    """Put new client metadata in the place of all that SERVICE (its client_id) has, and print them as JSON.

    What is left out is gone. Agreements and the secret stay; where the service needs a secret and has none, it is printed.
    """
    system = operator.system
    try:
        metadata = _json_of(file)
        listed = fetch_listed(system.fetcher, metadata)
        with system.database.writing() as db:
            client = usecases.find_client(db, service)
            if client is None or client.built_in:
                raise click.ClickException(f"{service} is not registered.")
            changed = usecases.change_oidc(db, system, client, metadata, listed=listed)
    except MetadataRefused as refused:
        _refuse(refused)
    print_json({name: value for name, value in changed.to_json().items() if name != "client_id_issued_at"})


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


@services.command("new-secret")
@click.argument("service")
@click.option(
    "--keep-hours",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    help="How long the secret that it has now counts beside the new one; 0 ends it at once.",
)
@click.pass_obj
def new_secret(operator: Operator, service: str, *, keep_hours: int) -> None:
    """Give SERVICE (its client_id) a new client secret and print it, once, as JSON."""
    system = operator.system
    with system.database.writing() as db:
        client = usecases.find_client(db, service)
        if client is None or client.secret_digest is None:
            raise click.ClickException(f"{service} is not registered, or has no secret.")
        secret = usecases.new_secret(db, system, client, keep=timedelta(hours=keep_hours))
    print_json({"client_id": service, "client_secret": secret})


@services.command("registration-token")
@click.option("--note", required=True, help="Whom it is given to; for the record.")
@click.option("--minutes", type=click.IntRange(1, 10_080), default=60, show_default=True, help="How long it counts.")
@click.option(
    "--uses", type=click.IntRange(1, 100), default=1, show_default=True, help="How many services it registers."
)
@click.pass_obj
def registration_token(operator: Operator, *, note: str, minutes: int, uses: int) -> None:
    """Make a token with which a program may register services (RFC 7591 3), and print it, once, as JSON."""
    system = operator.system
    with system.database.writing() as db:
        made = make_initial_token(db, system, note=note, minutes=minutes, uses=uses)
    if system.settings.oidc.registration == "closed":
        click.echo('Nobody can use it yet: oidc.registration is "closed".', err=True)
    print_json({"registration_token": made.token, "expires_at": made.expires_at, "uses": made.uses})


@services.command("end-registration-tokens")
@click.pass_obj
def end_registration_tokens(operator: Operator) -> None:
    """End every token with which a program could still register services."""
    system = operator.system
    with system.database.writing() as db:
        ended = end_initial_tokens(db, system)
    click.echo(f"{ended} {'token' if ended == 1 else 'tokens'} ended.")


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
