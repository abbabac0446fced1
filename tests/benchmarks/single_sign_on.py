"""Single sign-on with a live session: authorize, token and userinfo; and the memory that the server holds meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.load import closed_loop
from tests.benchmarks.processes import pss_mib
from tests.benchmarks.site import Site, a_site, populate, serving
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.yardsticks import RSA, Machine
from tests.house.answers import family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.plan import Plan
    from tests.recipes import Someone


def single_sign_on(plan: Plan) -> Result:
    """Three requests and, on our side, one RSA signature."""
    site = a_site(plan.databases, "sso", workers=plan.workers)
    people = populate(site, pupils=plan.visitors)
    machine = Machine()
    signatures, cpu, rates, alone, crowded = [], [], [], [], []
    with serving(site) as server:
        journeys = [visitor.single_sign_on for visitor in logged_in(site, people)]
        for journey in journeys:
            journey()  # warm
        for _ in range(plan.repetitions):
            signatures.append(machine.rsa_ms())
            one = closed_loop(journeys[:1], server, seconds=plan.seconds / 2)
            many = closed_loop(journeys, server, seconds=plan.seconds)
            alone += one.milliseconds
            crowded += many.milliseconds
            cpu.append(many.cpu_ms)
            rates.append(many.per_second)
    return Result(
        "sso",
        f"authorize, token, userinfo over HTTP, {plan.databases.kind}, {plan.workers} processes",
        (
            Figure("CPU of the server for one single sign-on", "ms", tuple(cpu), RSA),
            Figure("CPU of the server for one request", "ms", tuple(each / 3 for each in cpu), RSA),
            Figure("time of one, nobody else there", "ms", tuple(alone), RSA),
            Figure(f"time of one, {len(people)} at once", "ms", tuple(crowded), RSA),
            Figure(f"single sign-ons per second, {len(people)} at once", "/s", tuple(rates)),
        ),
        (Figure(RSA, "ms", tuple(signatures)),),
    )


def memory(plan: Plan) -> Result:
    """The server after its start, after some single sign-ons, and after many times as many."""
    few, many = plan.single_sign_ons
    site = a_site(plan.databases, "memory", workers=plan.workers)
    people = populate(site, pupils=plan.workers * 2)
    with serving(site) as server:
        workers = sorted(family(server) - {server})
        fresh = _largest(workers)
        visitors = logged_in(site, people)
        _repeat(visitors, few)
        warm = _largest(workers)
        _repeat(visitors, many - few)
        later = _largest(workers)
        supervisor = pss_mib(server)
    return Result(
        "memory",
        f"memory that each process of the server holds (PSS), {plan.databases.kind}",
        (
            Figure("a worker, just started", "MiB", fresh),
            Figure(f"a worker, after {few:,} logins and single sign-ons", "MiB", warm),
            Figure(f"a worker, after {many:,}", "MiB", later),
            Figure("the process that watches the workers", "MiB", (supervisor,)),
        ),
    )


def logged_in(site: Site, people: Sequence[Someone]) -> list[Visitor]:
    """One visitor for each person, with a live session."""
    visitors = [Visitor(site.port) for _ in people]
    for visitor, someone in zip(visitors, people, strict=True):
        visitor.log_in(someone.username, someone.code or "")
    return visitors


def _repeat(visitors: Sequence[Visitor], times: int) -> None:
    for n in range(times):
        visitors[n % len(visitors)].single_sign_on()


def _largest(workers: Sequence[int]) -> tuple[float, ...]:
    """The workers' memory; a process of a few MiB is Python's own tracker of resources and is left out."""
    return tuple(size for size in map(pss_mib, workers) if size > 20)
