"""``skolepas factors``: a person's second factors, and the one-time pass that lets one be enrolled (decision 6)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click

from admin_ui.cli import Operator, print_json
from admin_ui.cli.codes import in_language
from idp.errors import Refused
from idp.usecases.factors import factors_of, remove
from idp.usecases.passes import issue_pass
from idp.usecases.people import find_by_username
from idp.web.messages import sentence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@click.group()
def factors() -> None:
    """List and remove second factors, and issue one-time passes."""


@factors.command("list")
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_obj
def list_command(operator: Operator, username: str, *, as_json: bool) -> None:
    """List the second factors of USERNAME."""
    system = operator.system
    with system.database.reading() as db:
        found = factors_of(db, _person(db, username))
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "kind": one.factor.value,
                    "label": one.label,
                    "enrolled_at": one.enrolled_at,
                    "last_used_at": one.last_used_at,
                    "codes_left": one.codes_left,
                }
                for one in found
            ]
        )
        return
    zone = ZoneInfo(system.settings.site.time_zone)
    for one in found:
        used = f"last used {one.last_used_at.astimezone(zone):%Y-%m-%d}" if one.last_used_at else "never used"
        left = f", {one.codes_left} left" if one.codes_left is not None else ""
        click.echo(f"{one.id}  {one.factor.value}  {one.label or '-'}  {used}{left}")
    if not found:
        click.echo(f"{username} has no second factor.")


@factors.command("remove")
@click.argument("username")
@click.argument("factor_id", type=int)
@click.option(
    "--last", is_flag=True, help="Yes, even if it is the last one: without it, nobody uses power over others."
)
@click.pass_obj
def remove_command(operator: Operator, username: str, factor_id: int, *, last: bool) -> None:
    """Remove one of USERNAME's second factors by its number; what it proved counts no more, at once."""
    system = operator.system
    try:
        with system.database.writing() as db:
            gone = remove(db, system, person_id=_person(db, username), factor_id=factor_id, removed_by=None, said=last)
    except Refused as refused:
        _refuse(f"{in_language('en', sentence, refused.reason)} Say --last if you mean it.")
    if not gone:
        _refuse(f"{username} has no second factor {factor_id}.")
    click.echo("Removed.")


@factors.command("pass")
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def pass_command(operator: Operator, username: str, *, as_json: bool) -> None:
    """Issue a one-time pass for USERNAME and print it, this once. It enrols one factor; lost ones end with it."""
    system = operator.system
    try:
        with system.database.writing() as db:
            issued = issue_pass(db, system, person_id=_person(db, username), issued_by=None)
    except Refused as refused:
        _refuse(in_language("en", sentence, refused.reason))
    if as_json:
        print_json({"username": username, "pass": issued.text, "until": issued.expires_at})
        return
    until = issued.expires_at.astimezone(ZoneInfo(system.settings.site.time_zone))
    click.echo(f"{username}: {issued.text}, once, until {until:%H:%M:%S}.")


def _person(db: Session, username: str) -> int:
    found = find_by_username(db, username)
    if found is None:
        _refuse(f"Nobody has the username {username}.")
    return found.person_id


def _refuse(sentence_in_english: str) -> NoReturn:
    click.echo(f"skolepas: {sentence_in_english}", err=True)
    sys.exit(2)
