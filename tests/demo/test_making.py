"""``skolepas demo``: what it makes, what it leaves alone, and how it begins a second time."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from admin_ui.cli import commands
from admin_ui.demo.folder import DemoFolder
from idp.bootstrap import wire
from idp.errors import ConfigurationFault
from idp.settings import load_settings
from idp.store.credentials import Code
from idp.store.institutions import institutions
from idp.store.people import Person
from idp.store.services import Service
from idp.usecases.cards import card_rule_of
from idp.usecases.people import account_named, normalise_name
from policies.cards import may_use
from policies.decision import Allow

if TYPE_CHECKING:
    from pathlib import Path

    from idp.usecases.system import System


def demo(place: Path, *more: str) -> Result:
    return CliRunner().invoke(commands, ["demo", "--make-only", "--state", str(place), *more])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a demo of few people, and what was printed while it was made."""
    place = tmp_path_factory.mktemp("demo") / "state"
    ended = demo(place, "--people", "400", "--port", "8123")
    assert ended.exit_code == 0, ended.output
    return place, ended.output


@pytest.fixture
def of_the_demo(made: tuple[Path, str]) -> System:
    return wire(load_settings(made[0] / "skolepas.toml"))


def test_everybody_is_imported_from_the_schools_files(made: tuple[Path, str], of_the_demo: System) -> None:
    assert len(list((made[0] / "sources").glob("*.xml"))) == 4
    with of_the_demo.database.reading() as db:
        people = db.execute(select(func.count()).select_from(Person)).scalar_one()
    assert f"{people} people at 4 institutions" in made[1]
    of_the_demo.database.close()


def test_only_the_people_in_the_table_have_codes(made: tuple[Path, str], of_the_demo: System) -> None:
    rows = json.loads((made[0] / "personas.json").read_text(encoding="utf-8"))
    with of_the_demo.database.reading() as db:
        assert db.execute(select(func.count()).select_from(Code)).scalar_one() == len(rows)
    of_the_demo.database.close()


def test_every_code_in_the_table_is_right(made: tuple[Path, str], of_the_demo: System) -> None:
    rows = json.loads((made[0] / "personas.json").read_text(encoding="utf-8"))
    assert len(rows) >= 10
    for row in rows:
        with of_the_demo.database.reading() as db:
            account = account_named(db, of_the_demo, normalise_name(row["username"]))
        assert account.verifier is not None
        assert of_the_demo.hasher.check(account.verifier, " ".join(row["pictures"]) or row["code"]).right, row["key"]
    of_the_demo.database.close()


def test_the_first_graders_card_is_printed_and_cards_work_on_this_machine(
    made: tuple[Path, str], of_the_demo: System
) -> None:
    card = made[0] / "school-card.pdf"
    assert str(card) in made[1].replace("\n", "")
    assert card.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(card.stat().st_mode) == 0o600
    with of_the_demo.database.reading() as db:
        for school in institutions(db):
            rule = card_rule_of(db, school.id)
            assert may_use(rule, of_the_demo.now(), "127.0.0.1") == Allow()
    of_the_demo.database.close()


def test_the_table_names_each_person_with_username_and_code(made: tuple[Path, str]) -> None:
    for row in json.loads((made[0] / "personas.json").read_text(encoding="utf-8")):
        assert row["username"] in made[1]
        assert row["code"].split(" ")[0] in made[1]
    assert "http://localhost:8123/laeringsportalen/" in made[1]
    assert "codes open-window" in made[1]


def test_pictures_are_named_in_danish_and_by_their_stable_names(made: tuple[Path, str]) -> None:
    rows = json.loads((made[0] / "personas.json").read_text(encoding="utf-8"))
    words = {word for row in rows if row["pictures"] for word in row["code"].split(" · ")}
    assert words
    assert f"stable names: {made[0]}/personas.json" in made[1]
    assert {len(row["pictures"]) for row in rows} == {0, 4}
    assert not words & {"house", "sun", "cat", "apple", "horse", "tree"}


def test_what_is_secret_is_for_the_owner_alone(made: tuple[Path, str]) -> None:
    assert stat.S_IMODE(made[0].stat().st_mode) == 0o700
    for name in ("skolepas.toml", "secrets.toml", "services.json", "personas.json", "demo.json"):
        assert stat.S_IMODE((made[0] / name).stat().st_mode) == 0o600, name


def test_two_services_with_agreements_are_registered(of_the_demo: System) -> None:
    with of_the_demo.database.reading() as db:
        assert set(db.execute(select(Service.identifier)).scalars()) >= {"laeringsportalen", "talkongen"}
    of_the_demo.database.close()


def test_a_second_time_it_prints_the_same_table_and_makes_nothing(made: tuple[Path, str]) -> None:
    before = (made[0] / "skolepas.sqlite3").stat().st_mtime_ns
    ended = demo(made[0])
    assert ended.exit_code == 0
    assert _table(ended.output) == _table(made[1])
    assert (made[0] / "skolepas.sqlite3").stat().st_mtime_ns == before


def test_another_size_needs_to_be_asked_for_in_clear_words(made: tuple[Path, str]) -> None:
    ended = demo(made[0], "--people", "500")
    assert isinstance(ended.exception, ConfigurationFault)
    assert "--fresh" in str(ended.exception)


def test_fresh_begins_anew_with_the_same_people_codes_and_other_keys(tmp_path: Path) -> None:
    place = tmp_path / "state"
    demo(place, "--people", "400")
    first = (place / "secrets.toml").read_text(encoding="utf-8")
    table = _table(demo(place).output)
    again = demo(place, "--people", "400", "--fresh")
    assert _table(again.output) == table
    assert (place / "secrets.toml").read_text(encoding="utf-8") != first
    assert _table(demo(place, "--people", "400", "--seed", "7", "--fresh").output) != table
    assert not list(tmp_path.glob(".*being-made"))


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    ended = demo(tmp_path, "--fresh")
    assert isinstance(ended.exception, ConfigurationFault)
    assert [entry.name for entry in tmp_path.iterdir()] == ["diary.txt"]


def test_a_database_without_the_demos_mark_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{}", encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "skolepas.sqlite3")) as database:
        database.execute("CREATE TABLE installation_fact (name TEXT)")
    with pytest.raises(ConfigurationFault, match="not made by skolepas demo"):
        _ = DemoFolder(tmp_path).is_there
    assert isinstance(demo(tmp_path, "--fresh").exception, ConfigurationFault)
    assert (tmp_path / "skolepas.sqlite3").is_file()


def _table(output: str) -> list[str]:
    return [line for line in output.splitlines() if re.match(r"^  \S", line)]
