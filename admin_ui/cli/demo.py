"""``skolepas demo``: a whole municipality on one port of this machine, ready to log in to (decision 31)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import click

from admin_ui.cli.serve import refuse_taken_port, run_server
from idp.errors import ConfigurationFault
from idp.settings import load_settings

if TYPE_CHECKING:
    from admin_ui.demo.building import BuiltDemo
    from admin_ui.demo.folder import DemoFolder, DemoLogin, DemoState

PEOPLE: Final = 1500
LEAST_PEOPLE: Final = 400
SEED: Final = 2026
PORT: Final = 8080
LOOPBACK: Final = "127.0.0.1"


@click.command()
@click.option("--people", type=click.IntRange(LEAST_PEOPLE), help=f"About how many people; {PEOPLE} by default.")
@click.option("--seed", type=int, help="Other people for another number.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"Where to listen on this machine; {PORT} by default.")
@click.option(
    "--state",
    "--folder",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="The folder that the demo makes and keeps.",
)
@click.option("--fresh", is_flag=True, help="Forget what was there and begin anew.")
@click.option("--make-only", is_flag=True, help="Make it and print the table, but start no server.")
def demo(place: Path, people: int | None, seed: int | None, port: int | None, *, fresh: bool, make_only: bool) -> None:
    """Make a demo municipality, or find the one made before, and serve it until Ctrl-C."""
    from admin_ui.demo.folder import DemoFolder  # noqa: PLC0415 (the database's library; not for --help)

    folder = DemoFolder(place.resolve())
    if not folder.is_there or fresh:
        wanted = {"people": people or PEOPLE, "seed": SEED if seed is None else seed, "port": port or PORT}
        if not make_only:
            refuse_taken_port(LOOPBACK, wanted["port"])
        _make(folder, **wanted)
    state, logins = folder.read()
    _refuse_another(place, state, people=people, seed=seed, port=port)
    if make_only:
        _print_table(place, state, logins)
        return
    run_server(
        load_settings(folder.settings),
        folder.settings,
        host=LOOPBACK,
        port=state.port,
        when_ready=partial(_print_table, place, state, logins),
        with_worker=True,
    )


def _refuse_another(place: Path, state: DemoState, **wanted: int | None) -> None:
    """What is there stays as it is: another size, seed or port is another demo."""
    faults = [
        f"The demo in {place} has {name} {getattr(state, name)}, not {value}. Begin anew with --fresh, or name another "
        "--state."
        for name, value in wanted.items()
        if value is not None and value != getattr(state, name)
    ]
    if faults:
        raise ConfigurationFault(faults)


def _make(folder: DemoFolder, *, people: int, seed: int, port: int) -> None:
    from rich.console import Console  # noqa: PLC0415 (only the first start draws a bar)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from admin_ui.demo.building import build  # noqa: PLC0415 (likewise)

    console = Console(stderr=True)
    began = perf_counter()
    columns = TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bars:
        tasks = {
            "draw": bars.add_task("Drawing people", total=1),
            "write": bars.add_task("Writing the schools' files", total=None),
            "import": bars.add_task("Importing", total=None),
        }
        built = build(
            place := folder.building_place(),
            people=people,
            seed=seed,
            port=port,
            progress=lambda stage, done, of: bars.update(tasks[stage], completed=done, total=of),
        )
    folder.replace_with(place)
    console.print(_made(built, perf_counter() - began))


def _made(built: BuiltDemo, seconds: float) -> str:
    return f"{built.people} people at {built.institutions} institutions, made in {seconds:.1f} s."


def _print_table(place: Path, state: DemoState, logins: tuple[DemoLogin, ...]) -> None:
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(highlight=False)
    site = f"http://localhost:{state.port}"
    table = Table(
        "Who", "Username", "Code", title="Log in as", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1)
    )
    for login in logins:
        table.add_row(login.who, login.username, login.code)
    settings = "" if place == Path("var/demo") else f" --settings {place}/skolepas.toml"
    console.print(table)
    console.print(f"  [bold]{site}/laeringsportalen/[/bold]   a learning service that may know names", soft_wrap=True)
    console.print(f"  [bold]{site}/talkongen/[/bold]          one that may not", soft_wrap=True)
    console.print(f"  [bold]{site}/mit/[/bold]                Mit login, everybody's own page", soft_wrap=True)
    console.print("\n  Nobody else has a code. Let anybody get one:")
    console.print(f"  ./do skolepas{settings} codes open-window USERNAME", soft_wrap=True)
    console.print(
        "\n  Grown-ups and the oldest pupils may use a passkey or an app too (Mit login). It takes a one-time pass:"
    )
    console.print(f"  ./do skolepas{settings} factors pass USERNAME", soft_wrap=True)
    console.print(
        f"\n  The first-grader's school card, to hold in front of a camera: {place}/school-card.pdf", soft_wrap=True
    )
    console.print(f"\n  The table for scripts, with the pictures' stable names: {place}/personas.json", soft_wrap=True)
    console.print("\n  Stop with Ctrl-C.", soft_wrap=True)
