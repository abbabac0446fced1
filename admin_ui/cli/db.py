"""``skolepas db``: the database's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.errors import ConfigurationFault
from idp.store.db import Database, is_reachable
from idp.store.schema import is_current, newest_revision
from idp.store.schema import upgrade as upgrade_schema

if TYPE_CHECKING:
    from admin_ui.cli import Operator


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.pass_obj
def upgrade(operator: Operator) -> None:
    """Make the database, or bring it to the newest migration."""
    database = Database.open(operator.settings.database.url)
    upgrade_schema(database)
    database.close()
    click.echo(f"The database is at migration {newest_revision()}.")


@db.command()
@click.pass_obj
def check(operator: Operator) -> None:
    """Say whether the database can be reached and is at the newest migration."""
    database = Database.open(operator.settings.database.url)
    try:
        if not is_reachable(database):
            raise ConfigurationFault(["The database cannot be reached."])
        if not is_current(database):
            raise ConfigurationFault(["The database is not at the newest migration. Run: skolepas db upgrade"])
    finally:
        database.close()
    click.echo(f"The database is at the newest migration, {newest_revision()}.")
