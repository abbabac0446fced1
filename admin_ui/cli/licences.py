"""``skolepas licences``: which institutions have a licence for which services."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.agreements import known_institution, known_service
from idp.usecases import licences as usecases
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from datetime import datetime

    from admin_ui.cli import Operator

DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def licences() -> None:
    """Licences of institutions for services."""


@licences.command()
@click.argument("service")
@click.option("--institution", required=True, help="The institution's number.")
@click.option("--actor-group", type=click.Choice([group.value for group in ActorGroup]), help="Only for these people.")
@click.option("--from", "starts", type=DATE, help="The first day; open without it.")
@click.option("--to", "ends", type=DATE, help="The last day; open without it.")
@click.pass_obj
def grant(
    operator: Operator,
    service: str,
    *,
    institution: str,
    actor_group: str | None,
    starts: datetime | None,
    ends: datetime | None,
) -> None:
    """Give an institution a licence for SERVICE (its client_id or number)."""
    system = operator.system
    with system.database.writing() as db:
        licence_id = usecases.grant(
            db,
            system,
            service_id=known_service(db, service),
            institution_id=known_institution(db, institution) or 0,
            actor_group=ActorGroup(actor_group) if actor_group else None,
            starts_on=starts.date() if starts else None,
            ends_on=ends.date() if ends else None,
        )
    print_json({"id": licence_id, "service": service, "institution": institution})


@licences.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print the licences that have not ended, as JSON."""
    with operator.system.database.reading() as db:
        print_json([asdict(licence) for licence in usecases.licences(db)])


@licences.command()
@click.argument("number", type=int)
@click.pass_obj
def end(operator: Operator, number: int) -> None:
    """End the licence NUMBER (see list) at once."""
    system = operator.system
    with system.database.writing() as db:
        done = usecases.end(db, system, number)
    if not done:
        raise click.ClickException(f"There is no licence {number} that holds.")
    click.echo(f"Licence {number} has ended.")
