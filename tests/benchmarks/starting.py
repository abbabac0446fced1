"""Cold start: from starting the process to the first yes of ``/readyz``."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.site import SKOLEPAS, a_site, free_port, seconds_to_ready, stop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.plan import Plan

INTERPRETER = "Python that starts and imports nothing"


def cold_start(plan: Plan) -> Result:
    """The demo for the first time and again, and ``skolepas serve``."""
    site = a_site(plan.databases, "start", workers=1)
    port = free_port()
    demo = [str(SKOLEPAS), "demo", "--state", str(plan.folder / "demo"), "--port", str(port)]
    first = _start(demo, plan.folder, port)
    again, serving, bare = [], [], []
    for _ in range(plan.imports):
        begun = perf_counter()
        subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
        bare.append(perf_counter() - begun)
        again.append(_start(demo, plan.folder, port))
        serving.append(_start(site.command("serve"), plan.folder, site.port))
    return Result(
        "start",
        "seconds from starting the command to ready",
        (
            Figure("the demo, for the first time (it makes and imports 1,500 people)", "s", (first,), INTERPRETER),
            Figure("the demo, again", "s", tuple(again), INTERPRETER),
            Figure(f"skolepas serve, one worker, {plan.databases.kind}", "s", tuple(serving), INTERPRETER),
        ),
        (Figure(INTERPRETER, "s", tuple(bare)),),
        ("the demo is always on SQLite",),
    )


def _start(command: list[str], folder: Path, port: int) -> float:
    with (folder / "start.log").open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            return seconds_to_ready(server, port)
        finally:
            stop(server)
