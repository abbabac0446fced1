"""``skolepas cards``: the operator prints cards, takes them back and says where they work."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from admin_ui.cli import Operator
from admin_ui.cli.cards import cards
from idp.keyring import write_keyring
from idp.store.groups import SchoolGroup
from idp.usecases.cards import UsedCard, use_card
from policies.vocabulary import Level
from tests import recipes
from tests.cards.at_school import HERE, a_card, use_cards

if TYPE_CHECKING:
    from pathlib import Path

    from idp.keyring import Keyring
    from idp.usecases.system import System


@pytest.fixture
def operator(system: System, keyring: Keyring, tmp_path: Path) -> Operator:
    file = tmp_path / "skolepas.toml"
    file.write_text(
        f'[database]\nurl = "{system.settings.database.url}"\n[secrets]\nfile = "secrets.toml"\n', encoding="utf-8"
    )
    write_keyring(keyring, tmp_path / "secrets.toml")
    return Operator(file)


@pytest.fixture
def school(system: System) -> recipes.School:
    with system.database.writing() as db:
        return recipes.a_school(db, system)


@pytest.fixture
def asta(system: System, school: recipes.School) -> recipes.Someone:
    with system.database.writing() as db:
        group = recipes.a_class(db, system, school, "1a")
        recipes.a_pupil(db, system, school, group=group, level=Level.G5)
        return recipes.a_pupil(db, system, school, group=group)


def run(operator: Operator, *arguments: str) -> Result:
    try:
        return CliRunner().invoke(cards, [*arguments], obj=operator)
    finally:
        if operator._system is not None:
            operator._system.database.close()
            operator._system = None


def test_a_card_goes_to_a_file_that_nobody_else_may_read(
    operator: Operator, asta: recipes.Someone, tmp_path: Path
) -> None:
    file = tmp_path / "card.pdf"
    answer = run(operator, "issue", asta.username, "--pdf", str(file))
    assert answer.exit_code == 0, answer.output
    assert file.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "SKP" not in answer.output


def test_a_file_that_is_there_is_left_and_no_card_is_made(
    operator: Operator, system: System, school: recipes.School, asta: recipes.Someone, tmp_path: Path
) -> None:
    use_cards(system, school)
    token = a_card(system, asta)
    file = tmp_path / "card.pdf"
    file.write_text("mine")
    assert run(operator, "issue", asta.username, "--pdf", str(file)).exit_code == 1
    assert file.read_text() == "mine"
    with system.database.writing() as db:
        assert isinstance(use_card(db, system, scanned=token, address=HERE), UsedCard)


def test_a_class_gets_its_cards_and_those_without_are_named(
    operator: Operator, school: recipes.School, asta: recipes.Someone, tmp_path: Path
) -> None:
    file = tmp_path / "class.pdf"
    answer = run(operator, "issue", "--class", school.number, "1a", "--pdf", str(file))
    assert answer.exit_code == 0, answer.output
    assert "1 card in" in answer.output
    assert "Pupils of this age type their username" in answer.output
    listed = json.loads(run(operator, "list", school.number).output)
    assert [card["username"] for card in listed] == [asta.username]


def test_a_class_is_named_by_its_code_where_two_have_one_name(
    operator: Operator, system: System, school: recipes.School, tmp_path: Path
) -> None:
    with system.database.writing() as db:
        for code in ("2016-x", "2016-y"):
            group = recipes.a_class(db, system, school, code)
            recipes.a_pupil(db, system, school, group=group)
            db.execute(update(SchoolGroup).where(SchoolGroup.id == group).values(name="1x"))
    for called, told in (("1x", "2 classes are called 1x"), ("9z", "No class is called 9z")):
        answer = run(operator, "issue", "--class", school.number, called, "--pdf", str(tmp_path / "none.pdf"))
        assert (answer.exit_code, told in answer.output) == (1, True)
    answer = run(operator, "issue", "--class", school.number, "2016-y", "--pdf", str(tmp_path / "y.pdf"))
    assert "1 card in" in answer.output
    assert len(json.loads(run(operator, "list", school.number).output)) == 1


@pytest.mark.parametrize("arguments", [["issue"], ["issue", "asta", "--class", "A00001", "1a"]])
def test_a_person_or_a_class_must_be_named(operator: Operator, arguments: list[str], tmp_path: Path) -> None:
    assert run(operator, *arguments, "--pdf", str(tmp_path / "x.pdf")).exit_code == 2


def test_whoever_may_have_no_card_gets_no_file(
    operator: Operator, system: System, school: recipes.School, tmp_path: Path
) -> None:
    with system.database.writing() as db:
        teacher = recipes.a_teacher(db, system, school)
    file = tmp_path / "card.pdf"
    answer = run(operator, "issue", teacher.username, "--pdf", str(file))
    assert answer.exit_code == 1
    assert "not a pupil" in answer.output
    assert not file.exists()


def test_a_card_is_revoked(operator: Operator, system: System, school: recipes.School, asta: recipes.Someone) -> None:
    use_cards(system, school)
    token = a_card(system, asta)
    assert "no longer works" in run(operator, "revoke", asta.username, "--lost").output
    assert "had no card" in run(operator, "revoke", asta.username).output
    with system.database.writing() as db:
        assert not isinstance(use_card(db, system, scanned=token, address=HERE), UsedCard)


def test_a_school_turns_cards_on_with_the_usual_times_and_its_own_network(
    operator: Operator, school: recipes.School
) -> None:
    assert json.loads(run(operator, "rules", school.number).output)["enabled"] is False
    answer = run(operator, "rules", school.number, "--on", "--network", "192.0.2.0/24")
    expected = {
        "enabled": True,
        "days": [1, 2, 3, 4, 5],
        "opens": "07:00",
        "closes": "17:00",
        "networks": ["192.0.2.0/24"],
    }
    assert json.loads(answer.output) == expected
    assert json.loads(run(operator, "rules", school.number, "--closes", "15:30").output) == expected | {
        "closes": "15:30"
    }
    assert json.loads(run(operator, "rules", school.number, "--off").output)["enabled"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--on"], "name the school's networks"),
        (["--on", "--network", "here"], "here is no network"),
        (["--days", "mon"], "mon are no days"),
        (["--opens", "25:00"], "25:00 is no time of day"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused_in_words(
    operator: Operator, school: recipes.School, arguments: list[str], said: str
) -> None:
    answer = run(operator, "rules", school.number, *arguments)
    assert answer.exit_code == 1
    assert said in answer.output


def test_unknown_people_and_schools_are_named(operator: Operator, tmp_path: Path) -> None:
    assert "Nobody is called x" in run(operator, "revoke", "x").output
    assert "X99999 is not registered" in run(operator, "rules", "X99999").output
    assert "Nobody is called x" in run(operator, "issue", "x", "--pdf", str(tmp_path / "x.pdf")).output
