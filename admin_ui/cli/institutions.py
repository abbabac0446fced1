"""``skolepas institutions``: which institutions there are, and which sources may deliver for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from idp.store.institutions import find_institution
from idp.usecases.institutions import KINDS, approve_source, list_institutions, register_institution
from idp.usecases.lessons import rule_of, set_rule
from idp.usecases.organizations import Organization, set_organization
from policies.lessons import LessonRuleFault, lesson_rule

if TYPE_CHECKING:
    from admin_ui.cli import Operator


@click.group()
def institutions() -> None:
    """Institutions, and the sources that may deliver for them."""


@institutions.command()
@click.argument("number")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="grundskole", show_default=True)
@click.option("--municipality")
@click.option("--source", "sources", multiple=True, help="A source (administrative system) to approve at once.")
@click.pass_obj
def add(
    operator: Operator, number: str, name: str, *, kind: str, municipality: str | None, sources: tuple[str, ...]
) -> None:
    """Register an institution by its six-character NUMBER."""
    system = operator.system
    try:
        with system.database.writing() as db:
            made = register_institution(db, system, number, name, kind, municipality=municipality)
            for source in sources:
                approve_source(db, system, number, source)
    except ValueError as fault:
        raise click.ClickException(f"{number}: {fault}.") from None
    click.echo(f"{number} {'registered' if made.new else 'was registered before'}.")


@institutions.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print every institution with its sources, as JSON."""
    with operator.system.database.reading() as db:
        print_json([asdict(institution) for institution in list_institutions(db)])


@institutions.command("approve-source")
@click.argument("number")
@click.argument("source")
@click.pass_obj
def approve(operator: Operator, number: str, source: str) -> None:
    """Let SOURCE, as files name it, deliver for the institution NUMBER."""
    system = operator.system
    with system.database.writing() as db:
        approved = approve_source(db, system, number, source)
    if approved is None:
        raise click.ClickException(f"{number} is not registered. Register it: skolepas institutions add")
    click.echo(f"{approved.name} {'may now deliver' if approved.new else 'was approved before'} for {number}.")


@institutions.command("set-organization")
@click.argument("number")
@click.option("--cvr", required=True, help="Its number in Det Centrale Virksomhedsregister: eight digits.")
@click.option("--name", required=True, help="Its name, such as the municipality's.")
@click.pass_obj
def set_organization_command(operator: Operator, number: str, *, cvr: str, name: str) -> None:
    """Say whom the institution NUMBER belongs to: whoever employs its staff. Services that follow OIOSAML are told."""
    system = operator.system
    try:
        with system.database.writing() as db:
            known = set_organization(db, system, number, Organization(cvr=cvr, name=name))
    except ValueError as fault:
        raise click.ClickException(f"{cvr}: {fault}.") from None
    if not known:
        raise click.ClickException(f"{number} is not registered. Register it: skolepas institutions add")
    click.echo(f"{number} belongs to {name}.")


@institutions.command()
@click.argument("number")
@click.option(
    "--on/--off", "enabled", default=None, help="Whether a teacher may approve a lesson before its pupils ask."
)
@click.option(
    "--network", "networks", multiple=True, help="A network of the school's, as 192.0.2.0/24; several are given."
)
@click.pass_obj
def lessons(operator: Operator, number: str, *, enabled: bool | None, networks: tuple[str, ...]) -> None:
    """Say whether lessons are approved beforehand at NUMBER, or print what holds, as JSON. Nothing set means no."""
    system = operator.system
    changes = enabled is not None or bool(networks)
    with system.database.writing() if changes else system.database.reading() as db:
        found = find_institution(db, number)
        if found is None:
            raise click.ClickException(f"{number} is not registered. Register it: skolepas institutions add")
        rule = rule_of(db, found.id)
        if changes:
            on = rule.enabled if enabled is None else enabled
            try:
                rule = lesson_rule(enabled=on, networks=networks or [str(network) for network in rule.networks])
            except LessonRuleFault as fault:
                raise click.ClickException(f"{number}: {fault}.") from None
            set_rule(db, system, institution_id=found.id, rule=rule)
    print_json(rule.to_json())
