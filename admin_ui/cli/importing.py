"""``skolepas import``: load delivery files, or approve a plan that was held."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.pipeline import approve_held, import_file
from sync.report import report_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from admin_ui.cli import Operator
    from idp.usecases.system import System
    from sync.report import ImportReport


@click.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print the whole plan and change nothing.")
@click.option("--approve", "run_id", type=int, metavar="RUN", help="Apply the held plan of this run instead.")
@click.option("--by", "username", metavar="USERNAME", help="Who approves: a person with the right to (with --approve).")
@click.option("--details", is_flag=True, help="Print a line for everything that changed.")
@click.pass_obj
def import_files(
    operator: Operator,
    files: tuple[Path, ...],
    *,
    dry_run: bool,
    run_id: int | None,
    username: str | None,
    details: bool,
) -> None:
    """Import SkoleGrunddata FILES, one institution each (UNILoginImport).

    A fault in one person leaves that person out; a fault in the file changes nothing. Ends with code 1 when a file was
    rejected or held.
    """
    if run_id is not None:
        _approve(operator.system, run_id, username, files, details=details)
        return
    if not files:
        raise click.UsageError("Name a file.")
    if username is not None:
        raise click.UsageError("--by goes with --approve.")
    began = time.perf_counter()
    people, well = 0, True
    for report in _reports(operator.system, files, dry_run=dry_run):
        for line in report_lines(report, details=details or dry_run):
            click.echo(line)
        people += report.people
        well = well and report.is_well
    spent = time.perf_counter() - began
    named = "1 file" if len(files) == 1 else f"{len(files)} files"
    click.echo(f"{named}, {people} people in {spent:.2f} s ({people / spent:.0f} people/s)")
    sys.exit(0 if well else 1)


def _approve(
    system: System, run_id: int, username: str | None, files: tuple[Path, ...], *, details: bool
) -> None:  # fmt: skip
    if files:
        raise click.UsageError("--approve takes no files: it applies the plan that was held.")
    if username is None:
        raise click.UsageError("--approve needs --by USERNAME: a named person answers for it.")
    report = approve_held(system, run_id, username)
    if report is None:
        raise click.ClickException(f"There is no held run {run_id}, or {username} may not approve it.")
    for line in report_lines(report, details=details):
        click.echo(line)
    sys.exit(0 if report.is_well else 1)


def _reports(system: System, files: tuple[Path, ...], *, dry_run: bool) -> Iterator[ImportReport]:
    """Import file after file; a bar on a terminal's standard error shows how far."""
    if not sys.stderr.isatty():
        for file in files:
            yield import_file(system, file, dry_run=dry_run)
        return
    from rich.console import Console  # noqa: PLC0415 (only who looks at it pays for it)
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    sizes = [file.stat().st_size if file.is_file() else 0 for file in files]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=sum(sizes))
        before = 0
        for file, size in zip(files, sizes, strict=True):
            bar.update(task, description=file.name)

            def read(done: int, _: int, *, before: int = before) -> None:
                bar.update(task, completed=before + done)

            yield import_file(system, file, dry_run=dry_run, progress=read)
            before += size
            bar.update(task, completed=before)
