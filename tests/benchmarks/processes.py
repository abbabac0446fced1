"""What a process and its children have used, read from ``/proc`` (Linux)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from tests.house.answers import family

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_EVERY = 0.02
_NICE = 16  # counted from the state, proc(5)


def cpu_seconds(root: int) -> float:
    """User and system time of the whole tree so far, with that of children who have ended and been waited for."""
    return sum(ticks for pid in family(root) for ticks in _ticks(pid)) / _TICKS


def cpu_ms(root: int) -> float:
    """The same to the microsecond, for one request: what the threads that live now have had, as the scheduler counts it."""
    return sum(map(_on_cpu_ms, _threads(root)))


def cpu_ms_of_hashing(root: int) -> float:
    """The part of :func:`cpu_ms` of the threads that give way to the others: those that hash codes."""
    return sum(map(_on_cpu_ms, filter(_gives_way, _threads(root))))


def pss_mib(pid: int) -> float:
    """Memory of one process, what it shares with others divided among them."""
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def rss_mib(pid: int) -> float:
    """Memory of one process, what it shares counted in full."""
    return _kib(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its wall and CPU seconds, and the most memory it held at any time."""

    code: int
    seconds: float
    cpu_seconds: float
    peak_mib: float


def watch(process: subprocess.Popen[bytes], *, at_most: float) -> Ended:
    """Wait for a process and read its high-water mark on the way; stop it after ``at_most`` seconds.

    The mark of the kernel's own ``ru_maxrss`` cannot be used: it begins with that of the process that forked.
    """
    begun = perf_counter()
    peak = 0.0
    while True:
        peak = max(peak, _kib(Path(f"/proc/{process.pid}/status"), "VmHWM:") / 1024)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return Ended(process.returncode, perf_counter() - begun, usage.ru_utime + usage.ru_stime, peak)
        if perf_counter() - begun > at_most:
            process.kill()
        sleep(_LOOK_EVERY)


def _threads(root: int) -> Iterator[Path]:
    return (thread for pid in family(root) for thread in Path(f"/proc/{pid}/task").iterdir())


def _on_cpu_ms(thread: Path) -> float:
    return int((thread / "schedstat").read_text(encoding="ascii").split()[0]) / 1e6


def _gives_way(thread: Path) -> bool:
    return int(_after_name(thread / "stat")[_NICE]) > 0


def _after_name(stat: Path) -> list[str]:
    return stat.read_text(encoding="utf-8").rpartition(")")[2].split()


def _ticks(pid: int) -> Iterator[int]:
    try:
        after_name = _after_name(Path(f"/proc/{pid}/stat"))
    except OSError:
        return
    yield from (int(after_name[place]) for place in (11, 12, 13, 14))  # utime, stime, cutime, cstime (proc(5))


def _kib(file: Path, name: str) -> int:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
