"""The operator's commands for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from admin_ui.cli import Operator, commands

if TYPE_CHECKING:
    import pytest

    from idp.usecases.system import System


def test_a_key_whose_name_looks_like_an_option_is_looked_for_too(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Operator, "system", system)
    answer = CliRunner().invoke(commands, ["keys", "revoke", "-kAbC_9"])
    assert (answer.exit_code, "There is no key -kAbC_9" in answer.stderr) == (1, True)
