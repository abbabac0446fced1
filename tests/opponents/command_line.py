"""The operator's command line, run in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

if TYPE_CHECKING:
    import click

    from admin_ui.cli import Operator


def run(operator: Operator, command: click.Command, *arguments: str) -> Result:
    """Run a command on the operator's installation, and close the database after it."""
    try:
        return CliRunner().invoke(command, [*arguments], obj=operator)
    finally:
        if operator._system is not None:
            operator._system.database.close()
