"""What no attempt may cost: 200 ms of CPU, and not one connection outwards.

Nothing else in these tests asserts speed. Here the bound is a defence of its own, against whoever would keep us busy: what is refused
must be refused cheaply. It is counted in CPU time of this process and not by the clock, so that a busy machine makes no attempt slower.
"""

from __future__ import annotations

import _socket
import atexit
import socket
import sys
from contextlib import contextmanager
from functools import cache
from time import process_time
from typing import TYPE_CHECKING, TypeVar
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Result = TypeVar("Result")

MOST_CPU_SECONDS = 0.2
BAIT = "http://bait.example/"
"""Where a hostile document wants us to go. :func:`baited` puts an address there at which somebody listens."""
_OUTWARDS = {
    "socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec",
}  # fmt: skip
_heard: list[str] | None = None
made = 0
"""How many attempts there were."""


class TooSlow(AssertionError):
    """An attempt took more CPU than it may."""


class WentOut(AssertionError):
    """An attempt connected, asked for a name, or started a program."""


def attempted(attempt: Callable[[], Result]) -> Result:
    """Return what came of an attempt, the second time: the first one pays for what is imported and compiled then.

    Neither may go out. The cheaper one must be within the bound.
    """
    global made  # noqa: PLW0603 (the folder's fixture looks at it)
    made += 1
    spent = []
    for _ in range(2):
        with _nothing_goes_out():
            began = process_time()
            result = attempt()
            spent.append(process_time() - began)
    if min(spent) >= MOST_CPU_SECONDS:
        raise TooSlow(f"{min(spent) * 1000:.0f} ms of CPU")
    return result


def baited(document: bytes) -> bytes:
    """Return a document whose bait leads to this machine, where it is noticed."""
    return document.replace(BAIT.encode(), f"http://127.0.0.1:{_listener().getsockname()[1]}/".encode())


@contextmanager
def _nothing_goes_out() -> Iterator[None]:
    """Refuse and remember what Python is asked to open but Unix sockets, and look whether a library took the bait behind its back.

    A database on this machine stays in reach: SQLite has no socket, and libpq's are its own.
    """
    global _heard  # noqa: PLW0603 (an audit hook has no other memory)
    _bites()
    _heard = heard = []
    try:
        with patch.object(socket.socket, "connect", _socket.socket.connect):  # pytest-socket's would refuse it unheard
            yield
    finally:
        _heard = None
    if heard or _bites():
        raise WentOut(", ".join(heard) or "a library connected")


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _heard is None or event not in _OUTWARDS:
        return
    if event == "socket.connect" and isinstance(arguments[1], str | bytes):
        return
    _heard.append(event)
    raise WentOut(event)


@cache
def _listener() -> socket.socket:
    """Return a server that nobody is to connect to."""
    server = socket.create_server(("127.0.0.1", 0))
    atexit.register(server.close)
    server.setblocking(False)
    return server


def _bites() -> int:
    """Say how many connected to the bait since the last time."""
    bites = 0
    while True:
        try:
            _listener().accept()[0].close()
        except BlockingIOError:
            return bites
        bites += 1


sys.addaudithook(_hear)  # it cannot be taken away again, and is silent outside of an attempt
