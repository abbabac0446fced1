"""What ./do, the Dockerfile and the pages say to each other about commands."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from admin_ui import cli
from tests.house.tree import ROOT, pages, text

SCRIPTS = [("sh", "do"), ("bash", ".ci/run")]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def commands() -> set[str]:
    """The commands that ./do knows, as its usage tells them."""
    return set(re.findall(r"^  ([a-z-]+)", run("./do", "help").stdout, re.MULTILINE))


@pytest.mark.parametrize(("shell", "script"), SCRIPTS)
def test_the_script_parses(shell: str, script: str) -> None:
    assert run(shell, "-n", str(ROOT / script)).stderr == ""


def test_the_usage_tells_of_every_command() -> None:
    branches = set(re.findall(r"^    ([a-z-]+)(?: \| -h \| --help)?\)", text(Path("do")), re.MULTILINE))
    assert branches == commands()


def test_an_unknown_command_is_refused_with_the_usage() -> None:
    answer = run("./do", "nonsense")
    assert answer.returncode == 1
    assert "there is no command called nonsense" in answer.stderr
    assert "Usage: ./do" in answer.stderr


def test_each_command_that_a_page_names_exists() -> None:
    named = {word for page in pages() for word in re.findall(r"\./do ([a-z-]+)", text(page))}
    assert {"demo", "test"} <= named
    assert named <= commands()


def test_each_step_of_the_image_is_a_command_of_do() -> None:
    steps = re.findall(r"\./do ([a-z-]+)", text(Path("Dockerfile")).split("\nFROM ", 1)[1])
    assert {"step-venv", "step-assets", "step-catalogues", "step-wheel", "step-install"} <= set(steps)
    assert set(steps) <= commands()


def test_a_python_that_is_too_old_is_named_with_the_command_that_installs_a_new_one(tmp_path: Path) -> None:
    path = _without_python(tmp_path)
    answer = run("./do", "step-venv", f"{tmp_path}/venv", "requirements.lock", PATH=path, PYTHON="")
    assert answer.returncode == 1
    assert "Python 3.11 or newer is missing" in answer.stderr
    assert "sudo apt-get install python3 python3-venv" in answer.stderr


def _without_python(folder: Path) -> str:
    """Return a search path that has a shell and dirname, and a python3 that is too old."""
    for name in ("dirname", "sh", "env"):
        (folder / name).symlink_to(run("sh", "-c", f"command -v {name}").stdout.strip())
    old = folder / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    return str(folder)


def test_each_command_line_that_a_page_names_exists() -> None:
    """``skolepas services list``, ``skolepas db upgrade`` …: every word of it is a command."""
    named = {line for page in pages() for line in re.findall(r"skolepas ([a-z-]+(?: [a-z-]+)?)\b", _code(text(page)))}
    assert len(named) > 10
    assert sorted(line for line in named if not _exists(line.split())) == []


def _code(page: str) -> str:
    """Return what stands in code on a page, without the container's own ``skolepas`` arguments."""
    fenced = re.findall(r"^ *```\w*\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    return "\n".join(line for part in [*fenced, *spans] for line in part.splitlines() if "docker" not in line)


def _exists(words: list[str]) -> bool:
    command: click.Command | None = cli.commands
    for word in words:
        if not isinstance(command, click.Group):
            return True  # the word is an argument
        command = command.get_command(click.Context(command), word)
        if command is None:
            return False
    return True
