"""What runs in the server's own process beside it: a word when it is ready, and the worker where one process is all.

The process that starts the server only watches over the processes that answer, so a thread in it disturbs nobody, and
it ends with the server whatever happens.
"""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOK_EVERY_SECONDS: Final = 0.1
ANSWER_WITHIN_SECONDS: Final = 30
AGAIN_AFTER_SECONDS: Final = 10
END_WITHIN_SECONDS: Final = 20


class Beside:
    """Waits for the server on ``host`` and ``port``, tells ``when_ready``, then works through the worker's chores."""

    def __init__(
        self, settings_file: Path | None, host: str, port: int, *, when_ready: Callable[[], None] | None, worker: bool
    ) -> None:
        """Prepare; nothing runs yet, and nothing that takes time is loaded before the server is ready."""
        self._settings_file = settings_file
        self._host = host
        self._port = port
        self._when_ready = when_ready
        self._worker = worker
        self._stop = Event()
        self._thread = Thread(target=self._run, name="beside", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Let the worker finish the batch that it has in hand. Does nothing when it was never started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(END_WITHIN_SECONDS)

    def _run(self) -> None:
        while not self._answers():
            if self._stop.wait(LOOK_EVERY_SECONDS):
                return
        if self._when_ready is not None:
            self._when_ready()
        if self._worker:
            self._work()

    def _answers(self) -> bool:
        connection = HTTPConnection(self._host, self._port, timeout=ANSWER_WITHIN_SECONDS)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _work(self) -> None:
        from admin_ui.cli import Operator  # noqa: PLC0415 (all of it only when the server is ready)
        from admin_ui.cli.worker import log, work  # noqa: PLC0415
        from idp.web.logs import configure_logs  # noqa: PLC0415

        configure_logs()
        while not self._stop.is_set():
            try:
                system = Operator(self._settings_file).system
                work(system, self._stop)
                system.database.close()
            except Exception as raised:  # noqa: BLE001 (whatever ends the worker, another takes its place)
                log.warning("worker", fault=type(raised).__name__)
                self._stop.wait(AGAIN_AFTER_SECONDS)
