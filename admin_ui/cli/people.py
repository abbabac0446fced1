"""``skolepas people``: where somebody is attached, confirming it (decision 2), blocking, and ending sessions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.agreements import known_institution
from admin_ui.cli.codes import in_language
from idp.errors import Refused
from idp.usecases import attachments, blocking, forced_stage
from idp.usecases.people import account_of, find_by_username
from idp.web.messages import sentence
from policies.vocabulary import CodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Print where USERNAME is attached and how the code stands, as JSON; no name, no CPR number and no code."""
    system = operator.system
    with system.database.reading() as db:
        person = _known(db, username)
        account = account_of(db, system, person.person_id, CodeKind.TEXT)
        forced = forced_stage.in_force(db, system, person.person_id)
        print_json(
            {
                "username": username,
                "uniid": person.uniid,
                "blocked": person.blocked,
                "ended": person.ended,
                "stage": account.stage,
                "forced_until": forced.last_day if forced else None,
                "code_made_at": account.code_issued_at,
                "code_ends_at": account.code_ends,
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


@people.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why, for the record.")
@click.pass_obj
def block(operator: Operator, username: str, reason: str) -> None:
    """Block USERNAME: nobody logs in with it, and all sessions end at once."""
    system = operator.system
    with _told(), system.database.writing() as db:
        done = blocking.block(db, system, person_id=_known(db, username).person_id, by=None, reason=reason)
    click.echo(f"{username} is blocked." if done else f"{username} was blocked already.")


@people.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why, for the record.")
@click.pass_obj
def unblock(operator: Operator, username: str, reason: str) -> None:
    """Open USERNAME again after a block. The code is as it was."""
    system = operator.system
    with _told(), system.database.writing() as db:
        done = blocking.unblock(db, system, person_id=_known(db, username).person_id, by=None, reason=reason)
    click.echo(f"{username} is open again." if done else f"{username} was not blocked.")


@people.command("end-sessions")
@click.argument("username")
@click.pass_obj
def end_sessions(operator: Operator, username: str) -> None:
    """Log USERNAME out everywhere, at once."""
    system = operator.system
    with _told(), system.database.writing() as db:
        ended = blocking.end_sessions_of(db, system, person_id=_known(db, username).person_id, by=None)
    click.echo(f"{ended} session{'' if ended == 1 else 's'} ended.")


@contextmanager
def _told() -> Iterator[None]:
    """Say a refusal in words, and leave with 1."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException(in_language("en", sentence, refused.reason)) from None


def _known(db: Session, username: str) -> FoundPerson:
    person = find_by_username(db, username)
    if person is None:
        raise click.ClickException(f"Nobody is called {username}.")
    return person
