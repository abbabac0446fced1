"""The operator rotates the pepper: two steps, each code counted, and the doctor names one that is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from admin_ui.cli import Operator
from admin_ui.cli.doctor import doctor
from admin_ui.cli.keys import keys
from idp.keyring import load_keyring
from tests.opponents.command_line import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.admin_ui.conftest import Whole


def told(operator: Operator) -> dict[str, tuple[bool, int]]:
    """Name -> (in use, live codes)."""
    listed = json.loads(run(operator, keys, "peppers").output)
    return {pepper["name"]: (pepper["in_use"], pepper["live_codes"]) for pepper in listed}


def test_the_pepper_is_rotated_in_two_steps(whole: Whole, operator: Operator, tmp_path: Path) -> None:
    assert whole.asta.code
    assert "not used yet" in run(operator, keys, "rotate-pepper").output
    assert told(Operator(operator.settings_file)) == {"2": (False, 0), "1": (True, 2)}
    said = run(operator, keys, "rotate-pepper").output
    assert "Pepper 2 is used from the next start on." in said
    assert told(Operator(operator.settings_file)) == {"1": (False, 2), "2": (True, 0)}
    secret = load_keyring(tmp_path / "secrets.toml").pepper.current
    assert secret.hex() not in said


def test_doctor_names_a_pepper_that_is_gone(whole: Whole, operator: Operator, tmp_path: Path) -> None:
    assert "ok     Every code can be checked" in run(operator, doctor).output
    file = tmp_path / "secrets.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('[pepper]\n"1"', '[pepper]\n"9"'), encoding="utf-8")
    ended = run(Operator(operator.settings_file), doctor)
    assert ended.exit_code == 1
    assert "no longer has: 1 (2 codes)" in ended.output
    assert whole.asta.code is not None
    assert whole.asta.code not in ended.output
