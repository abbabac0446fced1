"""``skolepas metadata-sources``: the addresses from which services' SAML metadata is fetched."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from idp.usecases.metadata_sources import all_sources, end_source

if TYPE_CHECKING:
    from admin_ui.cli import Operator


@click.group("metadata-sources")
def metadata_sources() -> None:
    """The addresses from which services' SAML metadata is fetched. `services add-saml --metadata URL` adds one."""


@metadata_sources.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print every source, as JSON: when it was last tried, when it last held, and why the last try did not."""
    with operator.system.database.reading() as db:
        print_json([_shown(asdict(one)) for one in all_sources(db)])


@metadata_sources.command()
@click.pass_obj
def refresh(operator: Operator) -> None:
    """Fetch from every source now. The exit code is 1 where something of it did not hold."""
    from idp.saml.metadata_fetched import refresh as refreshed  # noqa: PLC0415 (pysaml2; not for --help)

    system = operator.system
    with system.database.reading() as db:
        found = all_sources(db)
    held = [refreshed(system, one) for one in found]
    with system.database.reading() as db:
        print_json([_shown(asdict(one)) for one in all_sources(db)])
    if not all(held):
        raise click.exceptions.Exit(1)


@metadata_sources.command()
@click.argument("url")
@click.pass_obj
def end(operator: Operator, url: str) -> None:
    """Fetch no more from URL. Its services keep what they have until that is over."""
    with operator.system.database.writing() as db:
        if not end_source(db, operator.system, url):
            raise click.ClickException(f"There is no source {url}.")
    click.echo(f"Nothing is fetched from {url} any more.")


def _shown(source: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in source.items() if name not in {"certificates", "etag"}}
