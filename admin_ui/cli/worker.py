"""``skolepas worker``: sends what lies in the outbox, until SIGTERM or Ctrl-C.

Each kind of message has a sender. So far there is one, for mails of a demo, which prints them; messages of a kind that
has no sender are not taken.
"""

from __future__ import annotations

import signal
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import click

from idp.store.installation import is_demo
from idp.usecases import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from admin_ui.cli import Operator
    from idp.usecases.system import System

PAUSE_SECONDS: Final = 2.0


@click.command()
@click.option("--once", is_flag=True, help="Send what is due now, and end.")
@click.pass_obj
def worker(operator: Operator, *, once: bool) -> None:
    """Send what is due: mails, and later logouts and writes to directories."""
    stop = Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    system = operator.system
    senders = senders_of(system)
    while not stop.is_set():
        handled = drain(system, senders)
        if once and not handled:
            return
        if not handled:
            stop.wait(PAUSE_SECONDS)


def senders_of(system: System) -> dict[str, Callable[[Mapping[str, Any]], None]]:
    """Return the senders of this installation, by kind of message."""
    return {"mail": print_mail} if is_demo(system.database) else {}


def drain(system: System, senders: Mapping[str, Callable[[Mapping[str, Any]], None]]) -> int:
    """Send one batch and say how many messages were handled. Each message is settled in a transaction of its own."""
    if not senders:
        return 0
    with system.database.writing() as db:
        messages = outbox.take(db, system, senders)
    for message in messages:
        fault = None
        try:
            senders[message.kind](message.payload)
        except Exception as raised:  # noqa: BLE001 (whatever a sender meets, the others go on)
            fault = type(raised).__name__
        with system.database.writing() as db:
            if fault is None:
                outbox.sent(db, system, message)
            else:
                outbox.failed(db, system, message, fault)
    return len(messages)


def print_mail(payload: Mapping[str, Any]) -> None:
    """Print a demo's mail instead of sending it."""
    click.echo(f"Mail to {payload['to']}: {payload['subject']}\n{payload['text']}\n")
