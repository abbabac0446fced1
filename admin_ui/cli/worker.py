"""``skolepas worker``: sends what lies in the outbox, chains the record and clears away what has expired.

It works until SIGTERM or Ctrl-C; several may run beside each other. Each kind of message has a sender: one tells services
that a session has ended, one prints the mails of a demo. Messages of a kind that has no sender are not taken.
"""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import click
import structlog

from idp.outside.head_file import append_head
from idp.store.installation import is_demo
from idp.usecases import audit_seals, code_lifetimes, housekeeping, logout_notices, outbox, sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from sqlalchemy.orm import Session

    from admin_ui.cli import Operator
    from idp.usecases.system import System

    Senders = Mapping[str, Callable[[Mapping[str, Any]], None]]

PAUSE_SECONDS: Final = 2.0
SEALING_SECONDS: Final = 60.0
SWEEPING_SECONDS: Final = 600.0
FETCHING_SECONDS: Final = 60.0
SIDE_BY_SIDE: Final = 8
"""Messages that are on their way at once, so that one slow service does not hold up the others."""
SETTLED: Final = dict.fromkeys((logout_notices.KIND, logout_notices.SAML_KIND), logout_notices.settled)
"""What else is written, in the same transaction, when sending a kind of message has ended well or badly."""

log = structlog.get_logger("skolepas")


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.pass_obj
def worker(operator: Operator, *, once: bool) -> None:
    """Send what is due, chain the audit record, clear away what has expired."""
    from idp.web.logs import configure_logs  # noqa: PLC0415 (Flask; not for --help)

    stop = Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    configure_logs()
    if once:
        work_once(operator.system)
    else:
        work(operator.system, stop)


def chores(system: System) -> tuple[tuple[float, Callable[[], int]], ...]:
    """Return what a worker does, each with the seconds to rest when it says that nothing is left."""
    senders = senders_of(system)

    def send() -> int:
        return drain(system, senders)

    def seal() -> int:
        return seal_record(system)

    def clear() -> int:
        return sweep(system)

    def fetch_metadata() -> int:
        from idp.saml.metadata_fetched import refresh_one_due  # noqa: PLC0415 (pysaml2; not for --help)

        return refresh_one_due(system)

    return (
        (PAUSE_SECONDS, send),
        (SEALING_SECONDS, seal),
        (SWEEPING_SECONDS, clear),
        (FETCHING_SECONDS, fetch_metadata),
    )


def work(system: System, stop: Event) -> None:
    """Work until ``stop`` is set. A chore that fails is logged and tried again after its rest; the others go on."""
    todo = chores(system)
    due = dict.fromkeys((chore for _, chore in todo), 0.0)
    while not stop.is_set():
        for rest, chore in todo:
            if not stop.is_set() and due[chore] <= monotonic():
                due[chore] = 0.0 if _tried(chore) else monotonic() + rest
        stop.wait(max(0.0, min(due.values()) - monotonic()))


def work_once(system: System) -> None:
    """Do what is due now. A fault is the caller's to see."""
    for _, chore in chores(system):
        while chore():
            pass


def _tried(chore: Callable[[], int]) -> int:
    try:
        return chore()
    except Exception as raised:  # noqa: BLE001 (a database that is away for a minute ends no worker)
        log.warning("worker", chore=chore.__name__, fault=type(raised).__name__)
        return 0


def senders_of(system: System) -> dict[str, Callable[[Mapping[str, Any]], None]]:
    """Return the senders of this installation, by kind of message. A sender raises when it could not send."""
    from idp.oidc.back_channel_logout_1_0 import BackChannel  # noqa: PLC0415 (Flask; not for --help)
    from idp.saml.profiles_4_4_by_soap import SoapLogout  # noqa: PLC0415 (the same)

    senders: dict[str, Callable[[Mapping[str, Any]], None]] = {
        logout_notices.KIND: BackChannel(system).send,
        logout_notices.SAML_KIND: SoapLogout(system).send,
    }
    if is_demo(system.database):
        senders["mail"] = print_mail
    return senders


def drain(system: System, senders: Senders) -> int:
    """Send one batch and say how many messages were handled. Each message is settled in a transaction of its own."""
    if not senders:
        return 0
    with system.database.writing() as db:
        messages = outbox.take(db, system, senders)
    if not messages:
        return 0
    with ThreadPoolExecutor(SIDE_BY_SIDE) as side_by_side:
        faults = list(side_by_side.map(lambda message: _send(senders, message), messages))
    for message, fault in zip(messages, faults, strict=True):
        with system.database.writing() as db:
            _settle(db, system, message, fault)
    return len(messages)


def _send(senders: Senders, message: outbox.DueMessage) -> outbox.NotSent | None:
    try:
        senders[message.kind](message.payload)
    except outbox.NotSent as fault:
        return fault
    except Exception as raised:  # noqa: BLE001 (whatever a sender meets, the others go on)
        return outbox.NotSent(type(raised).__name__)
    return None


def _settle(db: Session, system: System, message: outbox.DueMessage, fault: outbox.NotSent | None) -> None:
    given_up = False
    if fault is None:
        outbox.sent(db, system, message)
    else:
        given_up = outbox.failed(db, system, message, fault.fault, for_good=fault.for_good)
        say = log.warning if given_up else log.info
        say("not sent", kind=message.kind, message=message.id, fault=fault.fault, given_up=given_up)
    if message.kind in SETTLED:
        SETTLED[message.kind](db, system, message.payload, fault=fault.fault if fault else None, given_up=given_up)


def print_mail(payload: Mapping[str, Any]) -> None:
    """Print a demo's mail instead of sending it."""
    click.echo(f"Mail to {payload['to']}: {payload['subject']}\n{payload['text']}\n")


def seal_record(system: System) -> int:
    """Seal one batch of events and say how many; append the head to ``audit.head_file`` when nothing is left."""
    with system.database.writing() as db:
        sealed = audit_seals.seal_events(db, system)
    if not sealed and system.settings.audit.head_file:
        _keep_outside(system, system.settings.audit.head_file)
    return sealed


def _keep_outside(system: System, file: str) -> None:
    """Append the newest head to the file unless a worker has done so. Raises OSError; then it is tried again."""
    with system.database.reading() as db:
        head = audit_seals.newest_head(db)
    if head is not None and not head.exported:
        append_head(Path(file), **head.line())
        with system.database.writing() as db:
            audit_seals.exported(db, head, file)


def sweep(system: System) -> int:
    """Clear away some of what has expired, and say how many rows."""
    cleared = 0
    for each in housekeeping.SWEEPS:
        with system.database.writing() as db:
            cleared += each(db, system)
    with system.database.writing() as db:
        code_lifetimes.settle_lapsed(db, system)
    with system.database.writing() as db:
        cleared += sessions.end_lapsed_on_shared_devices(db, system)
    return cleared
