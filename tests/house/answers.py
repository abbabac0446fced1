"""Wait until the server that a process started is ready: ``python -m tests.house.answers PID PORT`` (Linux).

Two servers can share a port in silence, so it is not enough that somebody answers: every process that listens on the
port must be the one that was started, or a child of it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 180
LISTENING = "0A"


def listeners(port: int) -> set[int]:
    """Return the ids of all processes that listen on a TCP port."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{rest[5]}]")
    return {int(process.name) for process in _processes() if sockets & _open_files(process)}


def family(pid: int) -> set[int]:
    """Return a process and all its descendants."""
    parents = {int(process.name): _parent(process) for process in _processes()}
    found = {pid}
    while new := {child for child, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def ready(port: int) -> bool:
    """Whether ``/readyz`` answers 200 on localhost."""
    connection = http.client.HTTPConnection("localhost", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _processes() -> list[Path]:
    return [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _open_files(process: Path) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # it has ended, or is somebody else's
        for file in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed since, like the one that lists them
                found.add(os.readlink(file))  # noqa: PTH115 (the target is no path)
    return found


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def main(pid: int, port: int) -> int:
    """Return 0 when the server is up and ours, else say what is wrong."""
    began = time.monotonic()
    while not ready(port):
        if not Path(f"/proc/{pid}").exists():
            sys.stderr.write(f"The server ended before it was ready (process {pid}).\n")
            return 1
        if time.monotonic() > began + PATIENCE_SECONDS:
            sys.stderr.write(f"The server was not ready within {PATIENCE_SECONDS} seconds.\n")
            return 1
        time.sleep(0.05)
    listening = listeners(port)
    if not listening or not listening <= family(pid):
        sys.stderr.write(f"Port {port} belongs to {sorted(listening)}, not to {pid} and its children alone.\n")
        return 1
    waited = time.monotonic() - began
    sys.stdout.write(f"Ready on port {port} after {waited:.1f} s; who listens there is ours: {sorted(listening)}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
