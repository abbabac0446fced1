"""``skolepas config``: the settings and the secrets file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from idp.bootstrap import frequent_codes
from idp.keyring import load_keyring, make_keyring, write_keyring
from idp.policy_files import policy_rules
from idp.settings import masked

if TYPE_CHECKING:
    from admin_ui.cli import Operator


@click.group()
def config() -> None:
    """The settings and the secrets file."""


@config.command()
@click.pass_obj
def show(operator: Operator) -> None:
    """Print every setting that is in force, as JSON, without secrets."""
    print_json(masked(operator.settings))


@config.command()
@click.pass_obj
def check(operator: Operator) -> None:
    """Say whether settings, secrets and policies are right; every fault is named."""
    settings = operator.settings
    rules = policy_rules(settings.policy)
    frequent_codes(rules)
    load_keyring(Path(settings.secrets.file))
    click.echo("Settings, secrets and policies are right.")


@config.command("make-secrets")
@click.pass_obj
def make_secrets(operator: Operator) -> None:
    """Make the secrets file, once. It is as precious as the database: keep a copy."""
    file = Path(operator.settings.secrets.file)
    try:
        write_keyring(make_keyring(), file)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already, and is never overwritten.") from None
    click.echo(f"{file} made.")
