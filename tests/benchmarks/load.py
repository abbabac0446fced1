"""A bounded load: some visitors in a closed loop for some seconds, and what the server spent on them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from tests.benchmarks.processes import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Load:
    """What went through. ``cpu_ms`` is what the server's whole process tree spent on each, in milliseconds."""

    milliseconds: tuple[float, ...]
    seconds: float
    cpu_ms: float

    def percentile(self, of_a_hundred: int) -> float:
        return self.milliseconds[min(len(self.milliseconds) * of_a_hundred // 100, len(self.milliseconds) - 1)]

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds


def closed_loop(journeys: Sequence[Callable[[], object]], server: int, *, seconds: float) -> Load:
    """Let each journey be made over and over, side by side, until the time is up. The first failure is raised."""
    took: list[list[float]] = [[] for _ in journeys]
    failures: list[BaseException] = []
    end = perf_counter() + seconds

    def walk(journey: Callable[[], object], times: list[float]) -> None:
        try:
            while perf_counter() < end and not failures:
                begun = perf_counter()
                journey()
                times.append((perf_counter() - begun) * 1000)
        except BaseException as failure:  # noqa: BLE001 (told below, in the thread that asked)
            failures.append(failure)

    walkers = [
        threading.Thread(target=walk, args=(journey, times)) for journey, times in zip(journeys, took, strict=True)
    ]
    spent_before, begun = cpu_seconds(server), perf_counter()
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join()
    lasted, spent = perf_counter() - begun, cpu_seconds(server) - spent_before
    if failures:
        raise failures[0]
    every = tuple(sorted(time for times in took for time in times))
    return Load(every, lasted, spent * 1000 / len(every))
