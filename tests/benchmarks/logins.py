"""Password login: username and code over HTTP, from a service's request to what the service learns."""

from __future__ import annotations

import statistics
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.load import closed_loop
from tests.benchmarks.processes import cpu_ms, cpu_ms_of_hashing
from tests.benchmarks.site import CALLBACK, a_site, populate, serving
from tests.benchmarks.visitor import Answer, LostTheWay, Visitor, authorization, form_of
from tests.benchmarks.yardsticks import ARGON2, ARGON2_CPU, Machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.plan import Plan
    from tests.recipes import Someone

LOGIN: Final = ("POST username", "GET password", "POST password")
"""From the first form that is sent to the authorization code (performance, goal 5)."""
TOGETHER: Final = 10


def password_login(plan: Plan) -> Result:
    """One by one, each request's CPU by itself; and several at once. Every login in a browser that was never here."""
    site = a_site(plan.databases, "logins", workers=plan.workers, nobody_waits=True)
    people = populate(site, pupils=plan.visitors)
    machine = Machine()
    hashes, cpu, rates, alone, crowded = [], [], [], [], []
    hashing, beside = [], []
    with serving(site) as server:
        logins = [partial(log_in, Visitor(site.port), someone) for someone in people]
        for login in logins:
            login()  # warm
        requests, yardstick = _each_request(server, site.port, people[0], machine, plan.single_logins)
        for _ in range(plan.repetitions):
            hashes += [machine.argon2_ms() for _ in range(10)]
            one = closed_loop(logins[:1], server, seconds=plan.seconds / 2)
            many = closed_loop(logins, server, seconds=plan.seconds)
            alone += one.milliseconds
            crowded += many.milliseconds
            cpu.append(many.cpu_ms)
            hashed, rest = _first_form_to_code(server, site.port, people, plan.single_logins)
            hashing.append(hashed)
            beside.append(rest)
            rates.append(many.per_second)
    one_hash = statistics.median(yardstick)
    journey = [sum(each) for each in zip(*requests.values(), strict=True)]
    login_alone = [sum(each) for each in zip(*(requests[name] for name in LOGIN), strict=True)]
    beyond = tuple((each - one_hash) / one_hash * 100 for each in login_alone)
    return Result(
        "login",
        f"username and text code over HTTP, {plan.databases.kind}, {plan.workers} processes",
        (
            Figure("CPU of the server, first form to code, one at a time", "ms", tuple(login_alone), ARGON2_CPU),
            Figure("  of it beyond one hash, in per cent of the hash", "%", beyond),
            Figure("CPU of the server, authorize to userinfo", "ms", tuple(journey), ARGON2_CPU),
            *(Figure(f"  {name}", "ms", tuple(values)) for name, values in requests.items()),
            Figure(f"CPU of the server beside hashing, first form to code, {len(people)} at once", "ms", tuple(beside)),
            Figure("  in per cent of one hash", "%", tuple(each / one_hash * 100 for each in beside)),
            Figure("  the hash meanwhile", "ms", tuple(hashing), ARGON2_CPU),
            Figure(f"CPU of the server up to the code, {len(people)} at once", "ms", tuple(cpu), ARGON2_CPU),
            Figure("time of one login, nobody else there", "ms", tuple(alone), ARGON2),
            Figure(f"time of one login, {len(people)} at once", "ms", tuple(crowded), ARGON2),
            Figure(f"logins per second, {len(people)} at once", "/s", tuple(rates)),
        ),
        (
            Figure(ARGON2_CPU, "ms", tuple(yardstick)),
            Figure(ARGON2, "ms", tuple(wall for wall, _ in hashes)),
        ),
        (
            f"first form to code: {', '.join(LOGIN)}; the whole journey: {', '.join(requests)}",
            "several at once share the cores with their visitors; a database server's own CPU is not counted",
        ),
    )


class MeasuredVisitor(Visitor):
    """A visitor who knows what each request cost the server. It must be the only one there."""

    def measure(self, server: int) -> dict[str, float]:
        """Begin to measure; the dictionary fills up with CPU in milliseconds by method and last part of the path."""
        self._server = server
        self._spent: dict[str, float] = defaultdict(float)
        return self._spent

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        before = cpu_ms(self._server)
        answer = super()._ask(method, path, body, headers)
        page = path.partition("?")[0].rstrip("/").rpartition("/")[2]
        name = page if len(page) < len("a handle is much longer than that") else "login"
        self._spent[f"{method} {name}"] += cpu_ms(self._server) - before
        return answer


def _each_request(
    server: int, port: int, someone: Someone, machine: Machine, times: int
) -> tuple[Mapping[str, Sequence[float]], Sequence[float]]:
    """The CPU of each request of so many logins, and that of as many hashes in turn with them."""
    requests: dict[str, list[float]] = defaultdict(list)
    hashes: list[float] = []
    visitor = MeasuredVisitor(port)
    for _ in range(times // TOGETHER):
        hashes += [machine.argon2_ms()[1] for _ in range(TOGETHER)]
        for _ in range(TOGETHER):
            spent = visitor.measure(server)
            visitor.cookies.clear()
            tokens = visitor.redeem(*visitor.log_in(someone.username, someone.code or ""))
            visitor.get("/oidc/userinfo", Authorization=f"Bearer {tokens['access_token']}")
            for name, milliseconds in spent.items():
                requests[name].append(milliseconds)
    return requests, hashes


def _first_form_to_code(server: int, port: int, people: Sequence[Someone], logins: int) -> tuple[float, float]:
    """CPU of a login from the username's form to the code, as many at once as there are people: hashing, and all the rest.

    The pages before were opened ahead, so that the server does nothing else.
    """
    opened = [_at_the_form(port) for _ in range(logins)]
    share = [opened[place :: len(people)] for place in range(len(people))]

    def walk(someone: Someone, forms: list[tuple[Visitor, Answer]]) -> None:
        for visitor, page in forms:
            asked = visitor.follow(visitor.post(form_of(page).action, {"username": someone.username}))
            done = visitor.post(form_of(asked).action, {"password": someone.code or ""})
            visitor.close()
            if not done.location.startswith(CALLBACK):
                raise LostTheWay(f"{done.status} {done.location}")

    before, hashed_before = cpu_ms(server), cpu_ms_of_hashing(server)
    with ThreadPoolExecutor(len(people)) as walkers:
        for _ in walkers.map(walk, people, share):
            pass  # raises what was raised
    hashed = cpu_ms_of_hashing(server) - hashed_before
    return hashed / logins, (cpu_ms(server) - before - hashed) / logins


def _at_the_form(port: int) -> tuple[Visitor, Answer]:
    visitor = Visitor(port)
    page = visitor.follow(visitor.get(authorization()[1]))
    visitor.close()
    return visitor, page


def log_in(visitor: Visitor, someone: Someone) -> None:
    """From a service to its authorization code, in a browser that was never here."""
    visitor.cookies.clear()
    visitor.log_in(someone.username, someone.code or "")
