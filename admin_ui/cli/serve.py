"""``skolepas serve``: granian, supervised. gunicorn serves the same application: ``gunicorn admin_ui.wsgi:application``."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin_ui.cli.beside import Beside
from idp.errors import ConfigurationFault
from idp.keyring import load_keyring
from idp.policy_files import policy_rules
from idp.settings import hand_down_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from admin_ui.cli import Operator
    from idp.settings import Settings

EVERYTHING: Final = "admin_ui.wsgi:application"
LOGIN_ONLY: Final = "idp.wsgi:app"
KILL_AFTER_SECONDS: Final = 20
"""How long a process may take to finish the requests it has when it is told to stop."""
BACKLOG: Final = 1024


@click.command()
@click.option("--host", help="Listen on this address instead of the settings'.")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port instead of the settings'.")
@click.option("--login-only", is_flag=True, help="Serve the identity provider without the administration.")
@click.option("--with-worker", is_flag=True, help="Do the worker's work as well, for one school on one machine.")
@click.pass_obj
def serve(operator: Operator, host: str | None, port: int | None, *, login_only: bool, with_worker: bool) -> None:
    """Serve the pages over HTTP until SIGTERM or Ctrl-C."""
    settings = operator.settings
    policy_rules(settings.policy)  # a fault is told before anything starts
    load_keyring(Path(settings.secrets.file))
    run_server(
        settings,
        operator.settings_file,
        target=LOGIN_ONLY if login_only else EVERYTHING,
        host=host or settings.server.host,
        port=port or settings.server.port,
        with_worker=with_worker,
    )


def run_server(
    settings: Settings,
    settings_file: Path | None,
    *,
    host: str,
    port: int,
    target: str = EVERYTHING,
    when_ready: Callable[[], None] | None = None,
    with_worker: bool = False,
) -> None:
    """Run granian in the foreground and return when it was told to stop.

    ``when_ready`` is told once, from a thread, when the server answers; the worker begins after it.

    Raises :class:`ConfigurationFault` when somebody listens there already, and leaves with 1 when the workers do not
    come up.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)  # granian takes over; until then a stop is a clean one as well
    refuse_taken_port(host, port)
    hand_down_settings(settings_file)
    # A worker begins clean: nothing of ours is copied into it, no thread and no open database.
    multiprocessing.set_start_method("spawn", force=True)

    from granian.constants import Interfaces  # noqa: PLC0415 (half of the start; not for other commands)
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    granian = Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.server.workers,
        # So many codes may wait for their hash, and as many threads as were asked for still answer everything else.
        blocking_threads=settings.server.threads + settings.hashing.queue,
        backlog=BACKLOG,
        log_access=False,  # addresses of people stay out of the log (decision 7)
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
    )
    beside = Beside(settings_file, host, port, when_ready=when_ready, worker=with_worker)
    if with_worker or when_ready is not None:
        granian.on_startup(beside.start)
    try:
        granian.serve()
    finally:
        beside.end()


def refuse_taken_port(host: str, port: int) -> None:
    """Raise :class:`ConfigurationFault` if anybody listens there.

    granian listens with SO_REUSEPORT, so that a second one would start in silence and share the traffic; a socket
    without that option is refused.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        if sys.platform != "win32":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as fault:
            raise ConfigurationFault(
                [
                    f"Cannot listen on {host}, port {port}: {fault.strerror}. Stop the other program, or name another port."
                ]
            ) from None


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
