"""People who come to log in, whether or not those before them are done: an open loop, in a process of its own.

``python -m tests.benchmarks.arrivals PORT RATE SECONDS < people.json`` prints what became of them as one JSON object.
Each comes from a service, types a username, waits where told to, thinks a little, and types the code.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import sys
import threading
from dataclasses import asdict, dataclass, field
from time import perf_counter, process_time, sleep
from typing import TYPE_CHECKING, Final

from tests.benchmarks.site import CALLBACK
from tests.benchmarks.visitor import Visitor, authorization, form_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.benchmarks.visitor import Answer

HANDS: Final = 24
"""Requests that are under way at the same time."""
THINKS: Final = (1.0, 4.0)
"""Seconds that somebody takes to type a code, between the two."""
BUSY: Final = 503


@dataclass
class Seen:
    """What became of those who came."""

    came: int = 0
    asked_at_once: int = 0
    told_to_wait: int = 0
    turned_away: int = 0
    logged_in: int = 0
    typed_again: int = 0
    lost: list[str] = field(default_factory=list)
    code_milliseconds: list[float] = field(default_factory=list)
    """How long each submitted code took to be answered."""
    own_cpu_seconds: float = 0.0


def one_login(port: int, username: str, code: str, seen: Seen) -> Iterator[float]:
    """Walk through one login; yields the seconds until the person goes on."""
    visitor = Visitor(port)
    seen.came += 1
    try:
        answer = visitor.get(authorization()[1])
        if answer.status == BUSY:
            seen.told_to_wait += 1
        answer = yield from _until_let_in(visitor, answer)
        while answer.location:
            answer = visitor.follow(answer)
        answer = visitor.follow(visitor.post(form_of(answer).action, {"username": username}))
        if answer.path.endswith("/username"):
            seen.turned_away += 1
            return
        if answer.status == BUSY:
            seen.told_to_wait += 1
        else:
            seen.asked_at_once += 1
        while True:
            answer = yield from _until_let_in(visitor, answer)
            visitor.close()
            yield random.uniform(*THINKS)  # noqa: S311 (nothing secret)
            begun = perf_counter()
            after = visitor.post(form_of(answer).action, {"password": code})
            seen.code_milliseconds.append((perf_counter() - begun) * 1000)
            if after.location.startswith(CALLBACK):
                seen.logged_in += 1
                return
            if after.status != BUSY:
                seen.lost.append(f"{after.status} {after.location}")
                return
            seen.typed_again += 1
            answer = after
    except Exception as fault:  # noqa: BLE001 (counted, and told at the end)
        seen.lost.append(repr(fault)[:200])
    finally:
        visitor.close()


def _until_let_in(visitor: Visitor, answer: Answer) -> Generator[float, None, Answer]:
    """Ask again as often as the page of the queue says."""
    while answer.status == BUSY:
        visitor.close()
        yield answer.retry_after
        answer = visitor.get(answer.path)
    return answer


class Arrivals:
    """``rate`` people come each second, at moments of their own; some hands carry out what is due."""

    def __init__(self, port: int, rate: float, seconds: float, people: list[tuple[str, str]]) -> None:
        """Draw when each comes."""
        self.seen = Seen()
        self._end = perf_counter() + seconds
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._due: list[tuple[float, int, Iterator[float]]] = []
        moment = perf_counter()
        for username, code in itertools.cycle(people):
            moment += random.expovariate(rate)
            if moment > self._end:
                break
            self._due.append((moment, next(self._order), one_login(port, username, code, self.seen)))

    def all(self) -> Seen:
        """Let them come until the time is up."""
        hands = [threading.Thread(target=self._work) for _ in range(HANDS)]
        for each in hands:
            each.start()
        for each in hands:
            each.join()
        self.seen.own_cpu_seconds = process_time()
        return self.seen

    def _work(self) -> None:
        while (now := perf_counter()) < self._end:
            with self._lock:
                login = heapq.heappop(self._due)[2] if self._due and self._due[0][0] <= now else None
            if login is None:
                sleep(0.005)
                continue
            delay = next(login, None)
            if delay is not None:
                with self._lock:
                    heapq.heappush(self._due, (perf_counter() + delay, next(self._order), login))


if __name__ == "__main__":
    print(
        json.dumps(
            asdict(Arrivals(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), json.load(sys.stdin)).all())
        )
    )
