"""``skolepas import``, ``institutions``, ``db`` and ``config``, as an operator runs them."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from admin_ui.cli import commands
from idp.errors import ConfigurationFault
from tests.recipes.deliveries import SOURCE, a_delivery, a_group_element, a_pupil_element, cpr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Result]

CLASS = a_group_element("1a")
PUPILS = [a_pupil_element(f"el-{n}", cpr(n)) for n in range(10)]
LATER = "2026-09-01T06:00:00"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in a folder with settings of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SKOLEPAS_SETTINGS", raising=False)
    (tmp_path / "skolepas.toml").write_text('[database]\nurl = "sqlite:///db.sqlite3"\n[secrets]\nfile = "keys.toml"\n')

    def run_command(*arguments: str) -> Result:
        return CliRunner().invoke(commands, arguments)

    return run_command


@pytest.fixture
def ready(run: Run, tmp_path: Path) -> Run:
    """A site with a registered school, and two deliveries of it."""
    for arguments in (
        ("config", "make-secrets"),
        ("db", "upgrade"),
        ("institutions", "add", "X00A01", "Nordlysskolen", "--kind", "grundskole", "--source", SOURCE),
    ):
        assert run(*arguments).exit_code == 0
    (tmp_path / "first.xml").write_text(a_delivery(CLASS, *PUPILS), encoding="utf-8")
    (tmp_path / "empty.xml").write_text(a_delivery(at=LATER), encoding="utf-8")
    return run


def test_files_are_imported_with_a_report_each_and_figures(ready: Run) -> None:
    result = ready("import", "first.xml")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"first.xml: applied (X00A01, {SOURCE}), run 1"
    assert lines[-1].startswith("1 file, 10 people in ")
    assert lines[-1].endswith(" people/s)")


def test_a_dry_run_names_everybody_and_can_be_repeated(ready: Run) -> None:
    first, second = ready("import", "--dry-run", "first.xml"), ready("import", "--dry-run", "first.xml")
    assert first.exit_code == 0
    assert "  + Elev el-3\n" in first.stdout
    assert first.stdout.splitlines()[:-1] == second.stdout.splitlines()[:-1]


def test_a_rejected_file_among_others_ends_with_code_one(ready: Run) -> None:
    result = ready("import", "gone.xml", "first.xml")
    assert result.exit_code == 1
    assert "gone.xml: rejected" in result.stdout
    assert "first.xml: applied" in result.stdout


def test_a_held_file_ends_with_code_one_and_says_how_to_approve(ready: Run) -> None:
    ready("import", "first.xml")
    result = ready("import", "empty.xml")
    assert result.exit_code == 1
    assert "skolepas import --approve 2 --by USERNAME" in result.stdout


@pytest.mark.parametrize(
    "arguments", [(), ("--approve", "1"), ("--approve", "1", "--by", "x", "first.xml"), ("--by", "x", "first.xml")]
)
def test_a_command_that_makes_no_sense_is_refused(ready: Run, arguments: tuple[str, ...]) -> None:
    assert ready("import", *arguments).exit_code == 2


def test_a_run_is_approved_by_nobody_without_the_right(ready: Run) -> None:
    ready("import", "first.xml")
    ready("import", "empty.xml")
    result = ready("import", "--approve", "2", "--by", "nobody")
    assert result.exit_code == 1
    assert "nobody may not approve it" in result.stderr


def test_institutions_are_registered_once_and_listed_with_their_sources(ready: Run) -> None:
    assert "registered before" in ready("institutions", "add", "X00A01", "Nordlysskolen").stdout
    assert ready("institutions", "add", "skolen", "Nordlysskolen").exit_code == 1
    assert ready("institutions", "approve-source", "X00A01", "Personale").exit_code == 0
    assert ready("institutions", "approve-source", "X00A09", "Personale").exit_code == 1
    ready("import", "first.xml")
    (listed,) = json.loads(ready("institutions", "list").stdout)
    assert (listed["number"], listed["name"], listed["kind"]) == ("X00A01", "Nordlysskolen", "grundskole")
    assert [(one["name"], one["approved"], one["school_year"]) for one in listed["sources"]] == [
        (SOURCE, True, "2026-2027"), ("Personale", True, None),
    ]  # fmt: skip


def test_a_source_that_nobody_approved_may_not_deliver(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "staff.xml").write_text(a_delivery(source="Personale"), encoding="utf-8")
    assert "Kilden er ikke godkendt" in ready("import", "staff.xml").stdout
    ready("institutions", "approve-source", "X00A01", "Personale")
    assert ready("import", "staff.xml").exit_code == 0


def test_the_secrets_are_made_once_and_for_the_owner_alone(run: Run, tmp_path: Path) -> None:
    assert run("config", "make-secrets").exit_code == 0
    assert stat.S_IMODE((tmp_path / "keys.toml").stat().st_mode) == 0o600
    kept = (tmp_path / "keys.toml").read_text()
    assert run("config", "make-secrets").exit_code == 1
    assert (tmp_path / "keys.toml").read_text() == kept


def test_settings_are_shown_without_secrets_and_checked(run: Run, tmp_path: Path) -> None:
    url = "postgresql+psycopg://skolepas:hemmelig@db/skolepas"
    (tmp_path / "skolepas.toml").write_text(f'[database]\nurl = "{url}"\n')
    shown = run("config", "show").stdout
    assert json.loads(shown)["database"]["url"] == "postgresql+psycopg://skolepas:***@db/skolepas"
    assert "hemmelig" not in shown
    assert isinstance(run("config", "check").exception, ConfigurationFault)  # there is no secrets file


def test_a_database_is_made_and_checked(run: Run) -> None:
    assert isinstance(run("db", "check").exception, ConfigurationFault)
    assert run("db", "upgrade").exit_code == 0
    assert run("db", "check").exit_code == 0
    assert run("db", "upgrade").exit_code == 0
