"""Password login: username and code over HTTP, from a service's request to its authorization code."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.load import closed_loop
from tests.benchmarks.site import a_site, populate, serving
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.yardsticks import ARGON2, Machine

if TYPE_CHECKING:
    from tests.benchmarks.plan import Plan


def password_login(plan: Plan) -> Result:
    """Alone, and several at once; every login in a browser that was never here."""
    site = a_site(plan.databases, "logins", workers=plan.workers)
    people = populate(site, pupils=plan.visitors)
    machine = Machine()
    hashes, cpu, rates, alone, crowded = [], [], [], [], []
    with serving(site) as server:
        logins = [partial(_log_in, Visitor(site.port), someone.username, someone.code or "") for someone in people]
        for login in logins:
            login()  # warm
        steps = logins[0].args[0].requests
        for _ in range(plan.repetitions):
            hashes += [machine.argon2_ms() for _ in range(10)]
            one = closed_loop(logins[:1], server, seconds=plan.seconds / 2)
            many = closed_loop(logins, server, seconds=plan.seconds)
            alone += one.milliseconds
            crowded += many.milliseconds
            cpu.append(many.cpu_ms)
            rates.append(many.per_second)
    return Result(
        "login",
        f"username and text code over HTTP, {plan.databases.kind}, {plan.workers} processes",
        (
            Figure("CPU of the server for one login", "ms", tuple(cpu), ARGON2),
            Figure("time of one login, nobody else there", "ms", tuple(alone), ARGON2),
            Figure(f"time of one login, {len(people)} at once", "ms", tuple(crowded), ARGON2),
            Figure(f"logins per second, {len(people)} at once", "/s", tuple(rates)),
        ),
        (Figure(ARGON2, "ms", tuple(hashes)),),
        (f"one login is {steps} requests; the visitors share the machine's cores with the server",),
    )


def _log_in(visitor: Visitor, username: str, code: str) -> None:
    visitor.cookies.clear()
    visitor.log_in(username, code)
