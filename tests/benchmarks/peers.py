"""Beside another provider in the same run: npm ``oidc-provider``, which many certified providers are built on.

It is one process with everything in memory, and writes nothing down. Ours reads and writes a PostgreSQL that waits for its
disk, and writes the audit record. What is compared is the CPU that each server's tree of processes spends on one flow, an
authorization with a live session and the exchange of its code; PostgreSQL's own CPU is not in it.

The goal is 1.5 times its CPU. On two slow cores it is 2.7 times for RS256 (8.4 beside 3.2 ms) and 3.9 times for ES256 (7.8
beside 2.0 ms) once Node.js has compiled what it repeats; in the first seconds, as with ``--quick``, less. A floor beside it,
Flask and one prepared statement a request without any provider, was 3.7 and 2.4 ms. Our two answers from memory alone,
without a statement or a signature, are 1.3 ms, of which Flask's own share is a half. Where ours goes, by cProfile with CPU
time, on PostgreSQL: a third our own checks, facts and records in some five hundred small calls; a fifth Werkzeug and Flask
(reading requests, cookies, routing); a tenth libpq; a twelfth the standard library's quoting and unquoting of addresses;
a twentieth SQLAlchemy's pool and session; the rest in many small calls.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests import postgresql
from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.load import closed_loop
from tests.benchmarks.single_sign_on import logged_in
from tests.benchmarks.site import (
    CALLBACK,
    CLIENT,
    Databases,
    a_site,
    free_port,
    populate,
    seconds_to_ready,
    serving,
    stop,
)
from tests.benchmarks.visitor import OURS, Provider, Visitor, authorization
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.plan import Plan

ALGORITHMS: Final = ("RS256", "ES256")
THEIRS: Final = Provider("/auth", "/token", CLIENT)
_PROGRAM: Final = Path(__file__).parent / "peer" / "oidc_provider.mjs"
_PACKAGE: Final = Path(__file__).parents[2] / "node_modules" / "oidc-provider"


@dataclass(frozen=True)
class Side:
    """One provider with one algorithm: its server's process, and what its visitors do over and over."""

    name: str
    server: int
    journeys: Sequence[Callable[[], object]]


def peers(plan: Plan) -> Result:
    """Take turns: ours and theirs, RS256 and ES256, over and over."""
    if postgresql.program("initdb") is None:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    spent: dict[str, list[float]] = {}
    took: dict[str, list[float]] = {}
    with ExitStack() as running:
        sides = [*_ours(plan, running), *(_theirs(plan, running, algorithm) for algorithm in ALGORITHMS)]
        for side in sides:
            closed_loop(side.journeys, side.server, seconds=plan.seconds / 2)  # warm: node compiles what it runs often
        for _ in range(plan.repetitions):
            for side in sides:
                load = closed_loop(side.journeys, side.server, seconds=plan.seconds)
                spent.setdefault(side.name, []).append(load.cpu_ms)
                took.setdefault(side.name, []).extend(load.milliseconds)
    theirs = {algorithm: f"oidc-provider, {algorithm}" for algorithm in ALGORITHMS}
    return Result(
        "peers",
        f"CPU of the server for authorize and token, {plan.visitors} at once; ours with {plan.workers} processes",
        (
            *(Figure(f"ours, {each}", "ms", tuple(spent[f"ours, {each}"]), theirs[each]) for each in ALGORITHMS),
            Figure("ours, a page from memory", "ms", tuple(spent["ours, a page from memory"])),
            *(Figure(f"time of one, {name}", "ms", tuple(times)) for name, times in took.items() if "page" not in name),
        ),
        tuple(Figure(name, "ms", tuple(spent[name])) for name in theirs.values()),
        ("oidc-provider keeps everything in memory and has no audit record; PostgreSQL's own CPU is not counted",),
    )


def _ours(plan: Plan, running: ExitStack) -> list[Side]:
    cluster = running.enter_context(contextmanager(postgresql.running_cluster)(durable=True))
    site = a_site(Databases(plan.folder, cluster), "peers", workers=plan.workers)
    services = {algorithm: {"id_token_signed_response_alg": algorithm} for algorithm in ALGORITHMS}
    people = populate(site, pupils=plan.visitors, services={CLIENT: {}, **services})
    server = running.enter_context(serving(site))
    visitors = logged_in(site, people)
    sides = [
        _side(f"ours, {each}", server, visitors, Provider(OURS.authorize, OURS.token, each)) for each in ALGORITHMS
    ]
    pages = [partial(visitor.get, "/.well-known/openid-configuration") for visitor in visitors]
    return [*sides, Side("ours, a page from memory", server, pages)]


def _theirs(plan: Plan, running: ExitStack, algorithm: str) -> Side:
    port = free_port()
    server = running.enter_context(_node(port, algorithm))
    visitors = [Visitor(port) for _ in range(plan.visitors)]
    for visitor in visitors:
        answer = visitor.get(authorization(THEIRS)[1])
        while not answer.location.startswith(CALLBACK):  # the way on which it logs the person in
            answer = visitor.follow(answer)
    return _side(f"oidc-provider, {algorithm}", server, visitors, THEIRS)


def _side(name: str, server: int, visitors: Sequence[Visitor], provider: Provider) -> Side:
    return Side(name, server, [partial(visitor.code_flow, provider) for visitor in visitors])


@contextmanager
def _node(port: int, algorithm: str) -> Iterator[int]:
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if node is None or not _PACKAGE.is_dir():
        raise FileNotFoundError("Node.js and the package oidc-provider are needed: npm ci")
    command = [node, str(_PROGRAM), str(port), algorithm, CLIENT, SECRET, CALLBACK]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            seconds_to_ready(server, port)
            yield server.pid
        finally:
            stop(server)
