"""The chain over the record: what a worker seals, and what is named when somebody has been at it (decision 28)."""

from __future__ import annotations

from dataclasses import asdict, replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from admin_ui.cli.worker import seal_record
from idp.audit import AuditEvent
from idp.keyring import NamedKeys
from idp.outside.head_file import read_heads
from idp.usecases.audit_seals import AT_MOST, Head, newest_head, seal_events, verify_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from idp.usecases.system import System
    from tests.conftest import StandingClock

# On SQLite one transaction writes at a time, so that ids have no gaps and nobody can seal beside somebody else.
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def happen(system: System, events: int = 1) -> None:
    for number in range(events):
        with system.database.writing() as db:
            system.record(
                db,
                AuditEvent.LOGIN_FAILED,
                subject_id=number,
                facts={"number": number},
                texts={"name": "Asta Prøvesen"},
            )


def seal(system: System) -> int:
    with system.database.writing() as db:
        return seal_events(db, system)


def change(system: System, statement: str, **values: Any) -> None:  # noqa: ANN401
    with system.database.writing() as db:
        db.execute(text(statement), values)


def head(system: System) -> Head:
    with system.database.reading() as db:
        found = newest_head(db)
    assert found is not None
    return found


def wrong(system: System, heads: Sequence[Head] = ()) -> dict[str, Any]:
    """Return what verifying finds, without what it does not find."""
    with system.database.reading() as db:
        found = verify_record(db, system.keyring.audit, heads)
    named = {name: value for name, value in asdict(found).items() if value}
    assert found.all_well == (not named)
    return named


@pytest.fixture
def sealed(system: System) -> System:
    """Return a system with the events 1 to 3 under one seal, 4 to 6 under the next, and 7 under none."""
    happen(system, 3)
    assert seal(system) == 3
    happen(system, 3)
    assert seal(system) == 3
    happen(system)
    return system


def test_a_record_that_nobody_touched_is_in_order(sealed: System) -> None:
    assert wrong(sealed, [head(sealed)]) == {}


def test_nothing_is_sealed_twice(sealed: System) -> None:
    assert (seal(sealed), seal(sealed)) == (1, 0)


def test_a_batch_is_bounded_and_the_rest_comes_next(system: System) -> None:
    with system.database.writing() as db:
        for _ in range(AT_MOST + 1):
            system.record(db, AuditEvent.LOGIN_FAILED)
    assert [seal(system), seal(system), seal(system)] == [AT_MOST, 1, 0]
    assert wrong(system) == {}


def test_erasing_personal_text_breaks_nothing(sealed: System) -> None:
    change(sealed, "DELETE FROM audit_text")
    assert wrong(sealed, [head(sealed)]) == {}


@pytest.mark.parametrize("event", [2, 7])
def test_a_changed_event_is_named(sealed: System, event: int) -> None:
    change(sealed, "UPDATE audit_event SET subject_id = 99 WHERE id = :id", id=event)
    assert wrong(sealed) == {"altered": [event]}


def test_an_event_changed_to_something_that_does_not_exist_is_named(sealed: System) -> None:
    change(sealed, "UPDATE audit_event SET event = 'nothing:nothing:happened' WHERE id = 5")
    assert wrong(sealed) == {"altered": [5]}


def test_removed_events_are_named(sealed: System) -> None:
    change(sealed, "DELETE FROM audit_text")
    change(sealed, "DELETE FROM audit_event WHERE id IN (1, 3, 4)")
    assert wrong(sealed) == {"removed": [[1, 1], [3, 3], [4, 4]]}


def test_two_events_that_changed_places_are_noticed(sealed: System) -> None:
    change(sealed, "DELETE FROM audit_text")
    for old, new in ((1, 99), (2, 1), (99, 2)):
        change(sealed, "UPDATE audit_event SET id = :new WHERE id = :old", old=old, new=new)
    assert wrong(sealed) == {"replaced": [1]}


def test_an_event_that_stands_in_for_another_is_noticed(sealed: System) -> None:
    columns = "at, event, subject_id, facts, mac_key, mac"
    change(
        sealed,
        f"UPDATE audit_event SET ({columns}) = (SELECT {columns} FROM audit_event WHERE id = 1) WHERE id = 5",  # noqa: S608
    )
    assert wrong(sealed) == {"replaced": [2]}


@pytest.mark.parametrize("column", ["last_event_id", "events"])
def test_a_changed_seal_is_named(sealed: System, column: str) -> None:
    change(sealed, f"UPDATE audit_seal SET {column} = {column} - 1 WHERE id = 1")  # noqa: S608
    assert 1 in wrong(sealed)["broken"]


def test_a_seal_that_was_told_to_cover_less_does_not_hide_what_was_removed(sealed: System) -> None:
    change(sealed, "DELETE FROM audit_text")
    change(sealed, "DELETE FROM audit_event WHERE id = 2")
    change(sealed, "UPDATE audit_seal SET spans = '[[1, 1], [3, 3]]', events = 2 WHERE id = 1")
    assert wrong(sealed) == {"broken": [1]}


def test_a_seal_whose_predecessor_was_removed_is_named(sealed: System) -> None:
    change(sealed, "DELETE FROM audit_seal WHERE id = 1")
    assert wrong(sealed) == {"broken": [2]}


def test_an_end_that_was_cut_off_with_its_seals_is_named_by_the_exported_head(sealed: System) -> None:
    kept = head(sealed)
    change(sealed, "DELETE FROM audit_text")
    change(sealed, "DELETE FROM audit_event WHERE id > 3")
    change(sealed, "DELETE FROM audit_seal WHERE id > 1")
    assert wrong(sealed) == {}
    assert wrong(sealed, [kept])["cut_off"] == [asdict(kept)]


def test_a_chain_that_was_cut_off_and_grew_again_is_named(sealed: System) -> None:
    kept = head(sealed)
    change(sealed, "DELETE FROM audit_seal WHERE id = 2")
    happen(sealed)
    seal(sealed)
    change(sealed, "UPDATE audit_seal SET id = 2 WHERE id <> 1")
    assert wrong(sealed) == {}
    assert [each["seal"] for each in wrong(sealed, [kept])["cut_off"]] == [2]


def test_a_new_key_seals_from_now_on_and_the_old_one_still_verifies(sealed: System) -> None:
    keys = NamedKeys({**sealed.keyring.audit.keys, "2": b"another key of thirty-two bytes."})
    after = replace(sealed, keyring=replace(sealed.keyring, audit=keys))
    happen(after)
    seal(after)
    assert wrong(after) == {}
    without_the_new_one = wrong(sealed)
    assert without_the_new_one == {"altered": [8], "broken": [3]}


def test_nothing_is_sealed_behind_a_gap_that_somebody_may_still_fill(system: System, clock: StandingClock) -> None:
    happen(system, 4)
    change(system, "DELETE FROM audit_text")
    change(system, "DELETE FROM audit_event WHERE id = 2")
    assert (seal(system), seal(system)) == (1, 0)
    clock.advance(hours=1)
    assert seal(system) == 2
    assert wrong(system) == {}


def test_an_event_that_comes_into_a_gap_after_all_is_named_as_late(system: System, clock: StandingClock) -> None:
    happen(system, 3)
    change(system, "DELETE FROM audit_text")
    columns = "at, event, subject_id, facts, mac_key, mac"
    change(system, f"CREATE TABLE aside AS SELECT id, {columns} FROM audit_event WHERE id = 2")  # noqa: S608
    change(system, "DELETE FROM audit_event WHERE id = 2")
    clock.advance(hours=1)
    assert seal(system) == 2
    change(system, f"INSERT INTO audit_event (id, {columns}) SELECT id, {columns} FROM aside")  # noqa: S608
    assert wrong(system) == {"late": [2]}


@on_postgresql
def test_a_login_that_commits_later_than_one_after_it_is_sealed_in_its_place(system: System) -> None:
    written, go_on = Event(), Event()

    def slow_login() -> None:
        with system.database.writing() as db:
            system.record(db, AuditEvent.LOGIN_SUCCEEDED)
            db.execute(text("SELECT 1"))  # before which it is sent
            written.set()
            go_on.wait(20)

    slow = Thread(target=slow_login)
    slow.start()
    assert written.wait(20)
    happen(system)
    assert seal(system) == 0
    go_on.set()
    slow.join(20)
    assert seal(system) == 2
    assert wrong(system) == {}


@on_postgresql
def test_no_login_waits_for_a_seal_and_no_worker_for_another(system: System) -> None:
    happen(system)
    with system.database.writing() as sealing:
        assert seal_events(sealing, system) == 1
        happen(system)
        assert seal(system) == 0
    assert seal(system) == 1


def test_a_worker_appends_each_head_once_to_the_file_of_the_settings(sealed: System, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    outside = replace(
        sealed, settings=replace(sealed.settings, audit=replace(sealed.settings.audit, head_file=str(file)))
    )
    while seal_record(outside):
        pass
    assert seal_record(outside) == 0
    assert read_heads(file) == (head(sealed).line(),)
    happen(sealed)
    while seal_record(outside):
        pass
    assert [line["seal"] for line in read_heads(file)] == [3, 4]


def test_a_head_that_could_not_be_written_is_written_at_the_next_try(sealed: System, tmp_path: Path) -> None:
    file = tmp_path / "not-mounted" / "heads"
    outside = replace(
        sealed, settings=replace(sealed.settings, audit=replace(sealed.settings.audit, head_file=str(file)))
    )
    assert seal_record(outside) == 1
    with pytest.raises(FileNotFoundError):
        seal_record(outside)
    file.parent.mkdir()
    seal_record(outside)
    assert len(read_heads(file)) == 1
