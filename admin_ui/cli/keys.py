"""``skolepas keys``: the keys that ID Tokens are signed with."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from idp.usecases import signing_keys

if TYPE_CHECKING:
    from admin_ui.cli import Operator


@click.group()
def keys() -> None:
    """The keys that ID Tokens are signed with."""


@keys.command()
@click.pass_obj
def rotate(operator: Operator) -> None:
    """Sign with the next keys from now on, keep the ones in use published as previous, and make new next ones.

    No login fails: services have been able to read the next keys since the last rotation. Wait at least an hour between
    two rotations, so that nothing signed with a key outlives its publication.
    """
    system = operator.system
    with system.database.writing() as db:
        listed = signing_keys.rotate(db, system)
    print_json([asdict(key) for key in listed if key.status != "retired"])


@keys.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print every key, as JSON; never a private one."""
    with operator.system.database.reading() as db:
        print_json([asdict(key) for key in signing_keys.listed_keys(db)])
