"""``skolepas services preview``: what a service would be told about a person, and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import print_json
from idp.saml.release_preview import SamlPreview, saml_preview
from idp.usecases.known_service_providers import find_service_provider
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
@click.option("--scope", default="openid", show_default=True, help="What an OpenID Connect service asks for at login.")
@click.option("--claims", help="The claims parameter of its request, as JSON (OpenID Connect Core 5.5).")
@click.option("--attribute-index", type=int, help="The AttributeConsumingService that a SAML service's request names.")
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
    attribute_index: int | None,
    institution: str | None,
    level: str,
    as_json: bool,
) -> None:
    """Print what SERVICE (its client_id or entityID) would be told about PERSON (a username), and by which rule.

    It is what the userinfo endpoint and the ID Token would say, or the assertion, under the names that are sent; what belongs
    to the protocol (iss, aud, exp …) comes beside it. That it was looked at goes on record.
    """
    system = operator.system
    imagined = Imagined(
        institution=institution, assurance=Assurance(level), scope=scope, claims_request=_claims(claims)
    )
    shown: Preview | SamlPreview | None
    with system.database.writing() as db:
        client, found = find_client(db, service), find_by_username(db, person)
        provider = find_service_provider(db, system, service) if client is None else None
        if found is None or (client is None and provider is None):
            raise click.ClickException(f"{person if found is None else service} is not known.")
        if client is not None:
            shown = preview(db, system, client, found.person_id, imagined)
        elif provider is not None:
            shown = saml_preview(
                db,
                system,
                provider,
                found.person_id,
                institution=institution,
                assurance=imagined.assurance,
                attribute_index=attribute_index,
            )
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


def _print(shown: Preview | SamlPreview) -> None:
    where = f"{shown.actor_group} at {shown.institution}" if shown.institution else "attached nowhere"
    click.echo(f"Acts as: {where}. Agreement: {shown.agreement or 'none'}.")
    for stop in shown.stops:
        click.echo(f"Note: {stop}")
    if isinstance(shown, SamlPreview):
        _print_saml(shown)
        return
    for title, claims in (("userinfo", shown.userinfo), ("ID Token", shown.id_token)):
        click.echo(f"\n{title}")
        for claim in claims:
            click.echo(f"  {_line(claim)}")


def _print_saml(shown: SamlPreview) -> None:
    protected = (
        f"signed: {' and '.join(shown.signed) or 'nothing'}; {'encrypted' if shown.encrypted else 'not encrypted'}"
    )
    click.echo(f"Profile: {shown.profile}; {protected}.")
    click.echo(f"NameID: {shown.name_id_format or 'none'}. AuthnContextClassRef: {shown.context_class or 'none'}.")
    click.echo("\nAssertion")
    for each in shown.attributes:
        values = json.dumps(list(each.values), ensure_ascii=False)
        click.echo(f"  + {each.name} = {values}  ({each.rule}{f', {each.claim}' if each.claim else ''})")
    for claim in shown.withheld:
        click.echo(f"  {_line(claim)}")


def _line(claim: Explained) -> str:
    if claim.value is None:
        return f"- {claim.name}  ({claim.rule})"
    value = list(claim.value) if isinstance(claim.value, tuple) else claim.value
    return f"+ {claim.name} = {json.dumps(value, ensure_ascii=False)}  ({claim.rule})"
