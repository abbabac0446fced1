"""The operator's audience: ``skolepas demo | serve | worker | db | import | services | keys | config | audit | doctor``.

Each command lies in a module of its own that is imported when it is called, so that ``--help`` is quick. Settings are
those of ``--settings FILE``, else of ``SKOLEPAS_SETTINGS``, else ``skolepas.toml`` in the current folder, else those of
a demo made in the current folder (``var/demo/skolepas.toml``).
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idp.errors import ConfigurationFault
from idp.settings import Settings, load_settings, settings_named_by_environment

if TYPE_CHECKING:
    from idp.usecases.system import System

COMMANDS = {
    "agreements": "admin_ui.cli.agreements:agreements",
    "audit": "admin_ui.cli.audit:audit",
    "cards": "admin_ui.cli.cards:cards",
    "codes": "admin_ui.cli.codes:codes",
    "config": "admin_ui.cli.config:config",
    "db": "admin_ui.cli.db:db",
    "demo": "admin_ui.cli.demo:demo",
    "doctor": "admin_ui.cli.doctor:doctor",
    "factors": "admin_ui.cli.factors:factors",
    "import": "admin_ui.cli.importing:import_files",
    "institutions": "admin_ui.cli.institutions:institutions",
    "keys": "admin_ui.cli.keys:keys",
    "licences": "admin_ui.cli.licences:licences",
    "metadata-sources": "admin_ui.cli.metadata_sources:metadata_sources",
    "people": "admin_ui.cli.people:people",
    "rights": "admin_ui.cli.rights:rights",
    "serve": "admin_ui.cli.serve:serve",
    "services": "admin_ui.cli.services:services",
    "upstreams": "admin_ui.cli.upstreams:upstreams",
    "worker": "admin_ui.cli.worker:worker",
}
USUAL_PLACES = ("skolepas.toml", "var/demo/skolepas.toml")


class LazyCommands(click.Group):
    """Imports a command's module only when the command is called or its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name every command."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@dataclass
class Operator:
    """What every command is handed (``@click.pass_obj``): the settings, and the wired system when it is needed."""

    settings_file: Path | None
    _system: System | None = None

    @property
    def settings(self) -> Settings:
        """The settings. Raises :class:`ConfigurationFault`."""
        return load_settings(self.settings_file)

    @property
    def system(self) -> System:
        """The wired system over a database at the newest migration. Raises :class:`ConfigurationFault`."""
        if self._system is None:
            from idp.bootstrap import wire  # noqa: PLC0415 (only commands that need it pay for it)
            from idp.store.schema import is_current  # noqa: PLC0415

            system = wire(self.settings)
            if not is_current(system.database):
                raise ConfigurationFault(["The database is not at the newest migration. Run: skolepas db upgrade"])
            self._system = system
        return self._system


def print_json(value: Any) -> None:  # noqa: ANN401
    """Print one JSON value on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="The settings file (TOML).")
@click.pass_context
def commands(ctx: click.Context, settings_file: Path | None) -> None:
    """Skolepas: log in to every school's services."""
    if settings_file is None and not settings_named_by_environment():
        settings_file = next((Path(place) for place in USUAL_PLACES if Path(place).is_file()), None)
    ctx.obj = Operator(settings_file)


def main() -> None:
    """Run the command line; a fault of the operator's making is printed in sentences, not as a traceback."""
    try:
        commands(prog_name="skolepas")
    except ConfigurationFault as fault:
        for sentence in fault.faults:
            click.echo(f"skolepas: {sentence}", err=True)
        sys.exit(2)
