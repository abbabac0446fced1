"""Logins offered at five times what the server can do, while people who are in already go from service to service."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.load import Load, closed_loop
from tests.benchmarks.logins import log_in
from tests.benchmarks.single_sign_on import logged_in
from tests.benchmarks.site import Site, a_site, populate, serving
from tests.benchmarks.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.plan import Plan
    from tests.recipes import Someone

TIMES: Final = 5
PEOPLE: Final = 60
UNTIL_FULL: Final = 3.0
"""Seconds after which the queue has filled up and the first have thought long enough."""
ALONE: Final = "single sign-ons per second, nobody logging in"


def overload(plan: Plan) -> Result:
    """Capacity first, then single sign-on alone, then both at once; the last two in turn."""
    capacity = _capacity(plan)
    site = a_site(plan.databases, "overload", workers=plan.workers)
    people = populate(site, pupils=PEOPLE)
    seconds = plan.seconds * 3
    alone, beside, told = [], [], []
    visitors: list[Visitor] = []
    for _ in range(max(plan.repetitions // 2, 1)):
        with serving(site) as server:  # anew each time, so that nobody is left in the queue
            visitors = visitors or logged_in(site, people[-plan.visitors :])
            journeys = [visitor.single_sign_on for visitor in visitors]
            alone.append(closed_loop(journeys, server, seconds=plan.seconds))
            with _arriving(site, capacity * TIMES, UNTIL_FULL + seconds, people) as arrivals:
                sleep(UNTIL_FULL)
                beside.append(closed_loop(journeys, server, seconds=seconds))
                told.append(json.loads(arrivals.communicate()[0]))
            for visitor in visitors:
                visitor.close()
    return Result(
        "overload",
        f"logins offered at {TIMES} times capacity beside single sign-on, {plan.databases.kind}, {plan.workers} processes",
        (
            Figure("single sign-ons per second beside the logins", "/s", _rates(beside), ALONE),
            Figure(
                "  kept of the rate",
                "%",
                tuple(b.per_second / a.per_second * 100 for a, b in zip(alone, beside, strict=True)),
            ),
            Figure("  time of one, the median", "ms", tuple(load.percentile(50) for load in beside)),
            Figure("  time of one, the 99th percentile", "ms", tuple(load.percentile(99) for load in beside)),
            Figure("logins per second, four at once and nothing else", "/s", (capacity,)),
            Figure("logins begun per second", "/s", _each(told, "came", UNTIL_FULL + seconds)),
            Figure("  done per second", "/s", _each(told, "logged_in", UNTIL_FULL + seconds)),
            Figure("  told to wait, of those who typed a name", "%", tuple(map(_waiting, told))),
            Figure("  codes that were typed again, of all", "%", tuple(map(_again, told))),
            Figure(
                "  longest time of a submitted code",
                "ms",
                tuple(max(one["code_milliseconds"], default=0) for one in told),
            ),
            Figure("  lost their way", "", tuple(float(len(one["lost"])) for one in told)),
            Figure(
                "CPU of those who come, of one core",
                "%",
                tuple(one["own_cpu_seconds"] / (UNTIL_FULL + seconds) * 100 for one in told),
            ),
        ),
        (Figure(ALONE, "/s", _rates(alone)),),
        ("everybody shares the machine's cores with the server", *{text for one in told for text in one["lost"][:3]}),
    )


def _capacity(plan: Plan) -> float:
    """How many logins the server can do in a second when it does nothing else."""
    site = a_site(plan.databases, "capacity", workers=plan.workers, nobody_waits=True)
    people = populate(site, pupils=plan.visitors)
    with serving(site) as server:
        logins = [partial(log_in, Visitor(site.port), someone) for someone in people]
        closed_loop(logins, server, seconds=1)
        return closed_loop(logins, server, seconds=plan.seconds).per_second


def _arriving(site: Site, rate: float, seconds: float, people: Sequence[Someone]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks.arrivals", str(site.port), str(rate), str(seconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdin is None:
        raise AssertionError("it was asked for")
    process.stdin.write(json.dumps([(someone.username, someone.code) for someone in people]))
    process.stdin.close()
    process.stdin = None
    return process


def _rates(loads: Sequence[Load]) -> tuple[float, ...]:
    return tuple(load.per_second for load in loads)


def _each(told: Sequence[dict[str, Any]], name: str, seconds: float) -> tuple[float, ...]:
    return tuple(one[name] / seconds for one in told)


def _waiting(told: dict[str, Any]) -> float:
    waiting: float = told["told_to_wait"] + told["turned_away"]
    return 100 * waiting / max(waiting + told["asked_at_once"], 1)


def _again(told: dict[str, Any]) -> float:
    return 100 * float(told["typed_again"]) / max(len(told["code_milliseconds"]), 1)
