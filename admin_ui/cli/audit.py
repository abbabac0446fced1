"""``skolepas audit``: look at the record, and check that nobody changed it (decision 28)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from idp.store.audit import altered_events, events

if TYPE_CHECKING:
    from admin_ui.cli import Operator

SHOWN = 50


@click.group()
def audit() -> None:
    """Look at the record of what was done."""


@audit.command(name="list")
@click.option("--last", type=click.IntRange(1), default=SHOWN, show_default=True, help="How many events.")
@click.option("--event", "name", help="Only events of this name, for example login:session:begun.")
@click.option("--reference", help="Only what stands under this reference, as an error page showed it.")
@click.pass_obj
def list_events(operator: Operator, last: int, name: str | None, reference: str | None) -> None:
    """Print the newest events, newest first. They hold ids; personal text is not shown."""
    with operator.system.database.reading() as db:
        found = events(db, at_most=last, name=name, reference=reference)
        print_json([dict(row._mapping) for row in found])  # noqa: SLF001 (SQLAlchemy's documented name)


@audit.command()
@click.pass_obj
def verify(operator: Operator) -> None:
    """Check the MAC of every event; print the ids of those that were changed, and leave with 1 if there are any."""
    system = operator.system
    with system.database.reading() as db:
        altered = list(altered_events(db, system.keyring.audit))
    print_json({"altered": altered})
    sys.exit(1 if altered else 0)
