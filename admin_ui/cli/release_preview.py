"""``skolepas services preview``: what a service would be told about a person, and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import print_json
from idp.usecases.people import find_by_username
from idp.usecases.release_preview import Imagined, Preview, preview
from idp.usecases.services import find_client
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from policies.release_preview import Explained

LEVELS = click.Choice([level.value for level in Assurance])


@click.command("preview")
@click.argument("service")
@click.argument("person")
@click.option("--scope", default="openid", show_default=True, help="What the service asks for at login.")
@click.option("--claims", help="The claims parameter of its request, as JSON (OpenID Connect Core 5.5).")
@click.option("--institution", help="The number of the institution that the person acts at; the first by default.")
@click.option(
    "--level", type=LEVELS, default=Assurance.EN_FAKTOR.value, show_default=True, help="How surely they log in."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def preview_command(
    operator: Operator,
    service: str,
    person: str,
    *,
    scope: str,
    claims: str | None,
    institution: str | None,
    level: str,
    as_json: bool,
) -> None:
    """Print what SERVICE (its client_id) would be told about PERSON (a username), claim by claim, and by which rule.

    It is what the userinfo endpoint and the ID Token would say; the claims that belong to the protocol (iss, aud, exp …)
    come beside them. That it was looked at goes on record.
    """
    system = operator.system
    imagined = Imagined(
        institution=institution, assurance=Assurance(level), scope=scope, claims_request=_claims(claims)
    )
    with system.database.writing() as db:
        client, found = find_client(db, service), find_by_username(db, person)
        if client is None or found is None:
            raise click.ClickException(f"{service if client is None else person} is not known.")
        shown = preview(db, system, client, found.person_id, imagined)
    if shown is None:
        raise click.ClickException(f"{person} does not belong to {institution}.")
    if as_json:
        print_json(asdict(shown))
        return
    _print(shown)


def _claims(text: str | None) -> dict[str, Any]:
    try:
        read = json.loads(text or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise click.ClickException("--claims must be a JSON object.")
    return read


def _print(shown: Preview) -> None:
    where = f"{shown.actor_group} at {shown.institution}" if shown.institution else "attached nowhere"
    click.echo(f"Acts as: {where}. Agreement: {shown.agreement or 'none'}.")
    for stop in shown.stops:
        click.echo(f"Note: {stop}")
    for title, claims in (("userinfo", shown.userinfo), ("ID Token", shown.id_token)):
        click.echo(f"\n{title}")
        for claim in claims:
            click.echo(f"  {_line(claim)}")


def _line(claim: Explained) -> str:
    if claim.value is None:
        return f"- {claim.name}  ({claim.rule})"
    value = list(claim.value) if isinstance(claim.value, tuple) else claim.value
    return f"+ {claim.name} = {json.dumps(value, ensure_ascii=False)}  ({claim.rule})"
