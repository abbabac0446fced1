"""``./do bench [NAME…]``: measure, and print each figure next to this machine's own yardstick of the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests import postgresql
from tests.benchmarks.figures import Result, as_json, table
from tests.benchmarks.imports import many_people, municipality, one_school
from tests.benchmarks.logins import password_login
from tests.benchmarks.names import names
from tests.benchmarks.overload import overload
from tests.benchmarks.peers import peers
from tests.benchmarks.plan import Plan
from tests.benchmarks.saml import saml, saml_memory
from tests.benchmarks.single_sign_on import memory, single_sign_on
from tests.benchmarks.site import Databases, scratch
from tests.benchmarks.starting import cold_start
from tests.benchmarks.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCHMARKS = {
    "login": (password_login, "password login over HTTP"),
    "names": (names, "whether the time of a refusal tells that a name exists"),
    "sso": (single_sign_on, "single sign-on with a live session"),
    "peers": (peers, "authorize and token beside npm oidc-provider, ours on a PostgreSQL that keeps what it commits"),
    "saml": (saml, "SAML single sign-on with a live session, beside pysaml2 by its defaults"),
    "saml-memory": (saml_memory, "whether memory grows over 100,000 SAML responses"),
    "overload": (overload, "logins at five times capacity beside single sign-on"),
    "waiting": (waiting, "500 pupils who wait for an adult, and 30 teachers who look on"),
    "memory": (memory, "what each process of the server holds"),
    "start": (cold_start, "from nothing running to ready"),
    "school": (one_school, "import of one school, and again unchanged"),
    "municipality": (municipality, "import of the demo's 1,500 people, and again unchanged"),
    "people": (many_people, "import of 100,000 people"),
}


def main() -> int:
    """Run what was asked for."""
    asked = _arguments()
    cores = os.process_cpu_count() if sys.version_info >= (3, 13) else len(os.sched_getaffinity(0))
    with ExitStack() as open_things:
        folder = open_things.enter_context(scratch())
        cluster = open_things.enter_context(contextmanager(_cluster)()) if asked.postgresql else None
        plan = Plan(
            databases=Databases(folder, cluster),
            folder=folder,
            workers=cores,
            repetitions=2 if asked.quick else 7,
            seconds=1 if asked.quick else 3,
            single_logins=10 if asked.quick else 100,
            visitors=4,
            names=40 if asked.quick else 300,
            imports=1 if asked.quick else 5,
            many_people=5_000 if asked.quick else 100_000,
            single_sign_ons=(50, 200) if asked.quick else (500, 5_000),
        )
        about = {
            "database": plan.databases.kind, "cores": cores, "python": platform.python_version(),
            "skolepas": version("skolepas"), "quick": asked.quick, "load_at_start": os.getloadavg()[0],
        }  # fmt: skip
        print(
            f"{cores} cores, Python {about['python']}, {about['database']}, "
            f"load before we began {about['load_at_start']:.1f}. CPU counts the server and all its children.\n"
        )
        results: list[Result] = []
        try:
            for name in asked.names or BENCHMARKS:
                benchmark, told = BENCHMARKS[name]
                print(f"... {told}", file=sys.stderr)
                results.append(benchmark(plan))
        finally:
            print(table(results))
    if asked.json:
        Path(asked.json).write_text(json.dumps(as_json(results, about), indent=2) + "\n", encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    names = "\n".join(f"  {name:<14}{told}" for name, (_, told) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="./do bench",
        description="Measures on this machine alone, for some minutes, and stops by itself. Nothing is asserted.",
        epilog=f"names (all by default):\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure")
    parser.add_argument("--quick", action="store_true", help="small and short: to see that it works")
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--json", metavar="FILE", help="write every value there too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    if asked.postgresql and postgresql.program("initdb") is None:
        parser.error("PostgreSQL is not installed: apt-get install postgresql")
    return asked


def _cluster() -> Iterator[postgresql.Cluster]:
    yield from postgresql.running_cluster()


if __name__ == "__main__":
    sys.exit(main())
