"""``skolepas rights``: rights that are granted to people, beside those that their attachments give."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.agreements import known_institution
from idp.usecases import rights as usecases
from idp.usecases.people import find_by_username
from policies.vocabulary import Right

if TYPE_CHECKING:
    from admin_ui.cli import Operator


@click.group()
def rights() -> None:
    """Rights of people."""


@rights.command()
@click.argument("username")
@click.argument("right", type=click.Choice([right.value for right in Right if right is not Right.SUBSTITUTE]))
@click.option("--institution", help="The number of the institution where the right holds.")
@click.option("--reason", help="For the record.")
@click.pass_obj
def grant(operator: Operator, username: str, right: str, *, institution: str | None, reason: str | None) -> None:
    """Grant RIGHT to USERNAME from now on."""
    system = operator.system
    try:
        with system.database.writing() as db:
            person = find_by_username(db, username)
            if person is None:
                raise click.ClickException(f"Nobody is called {username}.")
            right_id = usecases.grant(
                db,
                system,
                person_id=person.person_id,
                right=Right(right),
                institution_id=known_institution(db, institution),
                reason=reason,
            )
    except ValueError:
        needs = "holds everywhere: leave --institution out" if institution else "needs --institution"
        raise click.ClickException(f"{right} {needs}.") from None
    print_json({"id": right_id, "username": username, "right": right, "institution": institution})


@rights.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print the rights that hold, as JSON."""
    system = operator.system
    with system.database.reading() as db:
        print_json([asdict(right) for right in usecases.rights(db, system)])


@rights.command()
@click.argument("number", type=int)
@click.pass_obj
def end(operator: Operator, number: int) -> None:
    """End the right NUMBER (see list) at once."""
    system = operator.system
    with system.database.writing() as db:
        done = usecases.end(db, system, number)
    if not done:
        raise click.ClickException(f"There is no right {number} that holds.")
    click.echo(f"Right {number} has ended.")
