"""The operator's commands that look after an installation: doctor, worker, audit."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from admin_ui.cli.audit import audit
from admin_ui.cli.doctor import doctor
from admin_ui.cli.worker import drain, senders_of
from idp.audit import AuditEvent
from idp.store import audit as record
from idp.store.installation import mark_as_demo
from idp.store.outbox import OutboxMessage
from idp.usecases import logout_notices, outbox
from tests.opponents.command_line import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from admin_ui.cli import Operator
    from idp.usecases.system import System
    from tests.conftest import StandingClock

MAIL = {"to": "somebody@school.example", "subject": "Hello", "text": "How are you?"}


def a_message(system: System, kind: str = "mail") -> int:
    with system.database.writing() as db:
        row = insert(OutboxMessage).values(
            kind=kind, payload=MAIL, created_at=system.now(), due_at=system.now(), attempts=0
        )
        return db.execute(row.returning(OutboxMessage.id)).scalar_one()


def column(system: System, message: int, name: str) -> Any:  # noqa: ANN401
    with system.database.reading() as db:
        return db.execute(select(getattr(OutboxMessage, name)).where(OutboxMessage.id == message)).scalar_one()


def test_doctor_says_what_is_in_order(operator: Operator) -> None:
    said = run(operator, doctor).output
    assert "ok     The database is at the newest migration." in said
    assert "ok     The secrets are there" in said


def test_doctor_asks_after_the_worker_when_services_wait_to_be_told(operator: Operator, system: System) -> None:
    assert "ok     No service waits to be told of a logout." in run(operator, doctor).output
    a_message(system, logout_notices.KIND)
    ended = run(operator, doctor)
    assert ended.exit_code == 1
    assert "WRONG  Services wait to be told of logouts since 2026-11-23 08:00 UTC" in ended.output


def test_doctor_names_secrets_that_others_may_read(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").chmod(0o644)
    ended = run(operator, doctor)
    assert (ended.exit_code, "WRONG" in ended.output, "chmod 600" in ended.output) == (1, True, True)


def test_doctor_names_every_fault_of_the_settings(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "skolepas.toml").write_text("[site]\nissuer = 1\nwrong = 2\n", encoding="utf-8")
    said = run(operator, doctor).output
    assert "site.issuer" in said
    assert "site.wrong" in said


def test_doctor_names_every_contradiction_of_the_policy(operator: Operator, tmp_path: Path) -> None:
    with (tmp_path / "skolepas.toml").open("a", encoding="utf-8") as settings:
        settings.write('[policy]\nfolder = "policy"\n')
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "sessions.toml").write_text("[shared]\nmax_seconds = 60\nidle_seconds = 90\n", "utf-8")
    ended = run(operator, doctor)
    assert ended.exit_code == 1
    assert "WRONG  The policy: sessions.toml: the table [Elev] is missing" in ended.output
    assert "sessions.toml [shared]: idle_seconds must not be longer than max_seconds" in ended.output


def test_doctor_notices_a_clock_that_is_behind_the_record(operator: Operator, system: System) -> None:
    with system.database.writing() as db:
        system.record(db, AuditEvent.KEY_MADE)
        db.execute(update(record.AuditEvent).values(at=system.now() + timedelta(days=4000)))
    assert "The clock is behind the record" in run(operator, doctor).output


def test_audit_lists_the_newest_events_first(operator: Operator, system: System) -> None:
    with system.database.writing() as db:
        system.record(db, AuditEvent.KEY_MADE)
        system.record(db, AuditEvent.KEY_ROTATED, reference="K7QM-2F9X", texts={"why": "a secret story"})
    said = run(operator, audit, "list")
    assert [row["event"] for row in json.loads(said.output)] == ["key:key:rotated", "key:key:made"]
    assert "secret story" not in said.output
    assert len(json.loads(run(operator, audit, "list", "--reference", "K7QM-2F9X").output)) == 1


def test_audit_verify_names_an_event_that_was_changed(operator: Operator, system: System) -> None:
    with system.database.writing() as db:
        system.record(db, AuditEvent.KEY_MADE)
        system.record(db, AuditEvent.KEY_ROTATED)
    assert run(operator, audit, "verify").exit_code == 0
    with system.database.writing() as db:
        changed = update(record.AuditEvent).where(record.AuditEvent.event == AuditEvent.KEY_ROTATED)
        db.execute(changed.values(subject_id=17))
        wanted = select(record.AuditEvent.id).where(record.AuditEvent.subject_id == 17)
        altered = db.execute(wanted).scalar_one()
    ended = run(operator, audit, "verify")
    assert (ended.exit_code, json.loads(ended.output)["altered"]) == (1, [altered])


def test_a_demos_mail_is_printed_once(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    mark_as_demo(system.database)
    message = a_message(system)
    assert drain(system, senders_of(system)) == 1
    assert "Mail to somebody@school.example: Hello" in capsys.readouterr().out
    assert column(system, message, "done_at") == system.now()
    assert drain(system, senders_of(system)) == 0


def test_outside_a_demo_nothing_is_taken_until_somebody_can_send_it(system: System) -> None:
    message = a_message(system)
    assert drain(system, senders_of(system)) == 0
    assert column(system, message, "attempts") == 0


def test_a_message_that_fails_is_tried_again_later_and_tells_nothing_of_its_content(
    system: System, clock: StandingClock
) -> None:
    message = a_message(system)

    def refuse(_: object) -> None:
        raise OSError(MAIL["text"])

    assert drain(system, {"mail": refuse}) == 1
    assert column(system, message, "last_fault") == "OSError"
    assert drain(system, {"mail": refuse}) == 0
    clock.advance(minutes=1)
    assert drain(system, {"mail": refuse}) == 1


def test_a_message_is_given_up_after_many_tries(system: System, clock: StandingClock) -> None:
    message = a_message(system)

    def refuse(_: object) -> None:
        raise OSError

    while column(system, message, "given_up_at") is None:
        assert drain(system, {"mail": refuse}) == 1
        clock.advance(hours=7)
    assert column(system, message, "attempts") == outbox.ATTEMPTS
    assert drain(system, {"mail": refuse}) == 0


def test_two_workers_do_not_send_the_same_message(system: System) -> None:
    a_message(system)
    with system.database.writing() as db:
        assert len(outbox.take(db, system, {"mail"})) == 1
    with system.database.writing() as db:
        assert outbox.take(db, system, {"mail"}) == ()


def test_what_a_worker_took_and_never_settled_is_taken_again(system: System, clock: StandingClock) -> None:
    a_message(system)
    with system.database.writing() as db:
        outbox.take(db, system, {"mail"})
    clock.advance(minutes=6)
    with system.database.writing() as db:
        assert len(outbox.take(db, system, {"mail"})) == 1
