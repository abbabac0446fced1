"""``skolepas people``: where somebody is attached, and confirming what another institution said (decision 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.agreements import known_institution
from idp.usecases import attachments
from idp.usecases.people import find_by_username

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from admin_ui.cli import Operator
    from idp.usecases.people import FoundPerson


@click.group()
def people() -> None:
    """People and their attachments."""


@people.command()
@click.argument("username")
@click.pass_obj
def show(operator: Operator, username: str) -> None:
    """Print where USERNAME is attached, as JSON; no name and no CPR number."""
    with operator.system.database.reading() as db:
        person = _known(db, username)
        print_json(
            {
                "username": username,
                "uniid": person.uniid,
                "blocked": person.blocked,
                "ended": person.ended,
                "attachments": [
                    {
                        "institution": one.institution,
                        "actor_group": one.actor_group.value,
                        "primary": one.primary,
                        "confirmed": one.confirmed,
                    }
                    for one in attachments.attachments_of(db, person.person_id)
                ],
            }
        )


@people.command()
@click.argument("username")
@click.option(
    "--institution", required=True, help="The number of the institution that may help the person from now on."
)
@click.pass_obj
def confirm(operator: Operator, username: str, institution: str) -> None:
    """Confirm what an institution said of USERNAME.

    Do so when the primary institution or the person has agreed, for instance when a pupil has changed school.
    """
    system = operator.system
    with system.database.writing() as db:
        person = _known(db, username)
        institution_id = known_institution(db, institution)
        if institution_id is None or not attachments.confirm(
            db, system, person_id=person.person_id, institution_id=institution_id
        ):
            raise click.ClickException(f"Nothing of {username} at {institution} waits to be confirmed.")
    click.echo(f"{institution} is confirmed for {username}.")


def _known(db: Session, username: str) -> FoundPerson:
    person = find_by_username(db, username)
    if person is None:
        raise click.ClickException(f"Nobody is called {username}.")
    return person
