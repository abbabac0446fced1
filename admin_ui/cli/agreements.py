"""``skolepas agreements``: what institutions let services know."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.services import PACKAGES
from idp.usecases import agreements as usecases
from idp.usecases.services import service_id_of
from policies.vocabulary import ReleasePackage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from admin_ui.cli import Operator


@click.group()
def agreements() -> None:
    """What institutions let services know about their people."""


@agreements.command()
@click.argument("service")
@click.option("--institution", help="The institution's number; without it, every institution that has no own answer.")
@click.option("--package", type=PACKAGES, required=True)
@click.pass_obj
def approve(operator: Operator, service: str, *, institution: str | None, package: str) -> None:
    """Agree that SERVICE (its client_id or number) receives a package of claims."""
    system = operator.system
    with system.database.writing() as db:
        agreement_id = usecases.approve(
            db,
            system,
            service_id=known_service(db, service),
            institution_id=known_institution(db, institution),
            package=ReleasePackage(package),
        )
    print_json({"id": agreement_id, "service": service, "institution": institution, "package": package})


@agreements.command()
@click.argument("service")
@click.option("--institution", help="The institution's number; without it, every institution that has no own answer.")
@click.pass_obj
def refuse(operator: Operator, service: str, *, institution: str | None) -> None:
    """Refuse SERVICE every claim but a pseudonym and the strength of the login."""
    system = operator.system
    with system.database.writing() as db:
        usecases.refuse(
            db,
            system,
            service_id=known_service(db, service),
            institution_id=known_institution(db, institution),
        )
    click.echo(f"{service} is refused.")


@agreements.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print the agreements that hold, as JSON."""
    with operator.system.database.reading() as db:
        print_json([asdict(agreement) for agreement in usecases.agreements(db)])


def known_service(db: Session, service: str) -> int:
    """Return the id of a service. Raises :class:`click.ClickException`."""
    service_id = service_id_of(db, service)
    if service_id is None:
        raise click.ClickException(f"{service} is not registered. Register it: skolepas services add-oidc")
    return service_id


def known_institution(db: Session, number: str | None) -> int | None:
    """Return the id of an institution, None for none. Raises :class:`click.ClickException`."""
    if number is None:
        return None
    institution_id = usecases.institution_id_of(db, number)
    if institution_id is None:
        raise click.ClickException(f"{number} is not registered. Register it: skolepas institutions add")
    return institution_id
