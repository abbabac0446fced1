"""``skolepas audit``: look at the record, and check that nobody changed it (decision 28)."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.codes import in_language
from idp.errors import ConfigurationFault
from idp.outside.head_file import append_head, read_heads
from idp.store.audit import events
from idp.usecases.audit_seals import Head, newest_head, verify_record
from idp.usecases.shown_errors import look_up
from idp.web.messages import sentence

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
@click.argument("typed", metavar="REFERENCE")
@click.pass_obj
def reference(operator: Operator, typed: str) -> None:
    """Print what stands under the REFERENCE of an error page (K7QM-2F9X), as JSON: when, why, at which service."""
    system = operator.system
    with system.database.reading() as db:
        found = look_up(db, system, typed, by=None)
    if found is None:
        raise click.ClickException(f"Nothing is kept under {typed}; the log may know it.")
    why = in_language("en", sentence, found.reason) if found.reason else "A fault of ours; the log has it."
    print_json({**asdict(found), "why": why})


@audit.command()
@click.option(
    "--heads",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of exported heads to compare with; audit.head_file of the settings by default.",
)
@click.pass_obj
def verify(operator: Operator, file: Path | None) -> None:
    """Check every event, seal and exported head; name what is wrong, and leave with 1 if anything is."""
    system = operator.system
    if file is None and system.settings.audit.head_file:
        file = Path(system.settings.audit.head_file)
    heads = [
        Head(seal=one["seal"], last_event=one["last_event"], head=one["head"])
        for one in (read_heads(file) if file else ())
    ]
    with system.database.reading() as db:
        found = verify_record(db, system.keyring.audit, heads)
    print_json(asdict(found))
    sys.exit(0 if found.all_well else 1)


@audit.command(name="export-head")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def export(operator: Operator, file: Path) -> None:
    """Seal what is there, and append the head of the record to FILE. Keep FILE on another machine."""
    from admin_ui.cli.worker import seal_record  # noqa: PLC0415 (not for the other commands)

    while seal_record(operator.system):
        pass
    with operator.system.database.reading() as db:
        head = newest_head(db)
    if head is None:
        raise ConfigurationFault(["There is nothing on record yet."])
    try:
        append_head(file, **head.line())
    except OSError as fault:
        raise ConfigurationFault([f"{file}: cannot be written: {fault.strerror}."]) from None
    print_json(head.line())
