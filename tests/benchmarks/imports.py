"""Imports, each in a process of its own: time, rows, and the most memory it held."""

from __future__ import annotations

import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from admin_ui.demo.municipality import plan_municipality
from admin_ui.demo.schools import plan_schools
from admin_ui.demo.source_xml import write_files
from idp.usecases.institutions import approve_source, register_institution
from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import Ended, watch
from tests.benchmarks.site import Site, a_site
from tests.benchmarks.yardsticks import BULK, bulk_load_postgresql, bulk_load_sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admin_ui.demo.municipality import DemoMunicipality
    from tests.benchmarks.plan import Plan

FIRST = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
AGAIN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PEOPLE = 1500
AT_MOST = 1800.0


def one_school(plan: Plan) -> Result:
    """The demo's grundskole."""
    return _measured(plan, "school", plan_municipality(people=PEOPLE), repetitions=plan.imports, institutions=1)


def municipality(plan: Plan) -> Result:
    """All of the demo's institutions."""
    return _measured(plan, "municipality", plan_municipality(people=PEOPLE), repetitions=plan.imports)


def many_people(plan: Plan) -> Result:
    """Once only: it takes minutes."""
    return _measured(plan, "people", plan_municipality(people=plan.many_people), repetitions=1)


def _measured(
    plan: Plan, name: str, drawn: DemoMunicipality, *, repetitions: int, institutions: int | None = None
) -> Result:
    folder = plan.folder / name
    first = write_files(drawn, folder / "first", source_datetime=FIRST)[:institutions]
    again = write_files(drawn, folder / "again", source_datetime=AGAIN)[:institutions]
    imports, repeats, floors, rows = [], [], [], 0
    for n in range(repetitions):
        site = a_site(plan.databases, f"{name}_{n}", workers=1)
        _register(site, drawn)
        imports.append(_import(site, first))
        floor, rows = _bulk(plan, site, f"{name}_{n}_bulk")
        floors.append(floor)
        repeats.append(_import(site, again))
    people = sum(path.read_bytes().count(b"<Person ") for path in first)
    return Result(
        name,
        f"skolepas import of {len(first)} files that name people {people:,} times, {plan.databases.kind}",
        (
            Figure("import into an empty database", "s", tuple(each.seconds for each in imports), BULK),
            Figure("  CPU of it", "s", tuple(each.cpu_seconds for each in imports), BULK),
            Figure("  rows written in a second", "/s", tuple(rows / each.seconds for each in imports)),
            Figure("  most memory at any time", "MiB", tuple(each.peak_mib for each in imports)),
            Figure("import of the same again", "s", tuple(each.seconds for each in repeats), BULK),
            Figure("  CPU of it", "s", tuple(each.cpu_seconds for each in repeats), BULK),
            Figure("  most memory at any time", "MiB", tuple(each.peak_mib for each in repeats)),
        ),
        (Figure(BULK, "s", tuple(floors)),),
        (f"{rows:,} rows in all; the yardstick puts them into the same tables of an empty database",),
    )


def _register(site: Site, drawn: DemoMunicipality) -> None:
    sources = {plan.institution.number: plan.source for plan in plan_schools(drawn.wanted)}
    system = site.system()
    with closing(system.database), system.database.writing() as session:
        for one in drawn.institutions:
            register_institution(session, system, one.number, one.name, one.kind, municipality=drawn.name)
            approve_source(session, system, one.number, sources[one.number])


def _import(site: Site, files: Sequence[Path]) -> Ended:
    with (site.folder / "import.log").open("ab") as log:
        process = subprocess.Popen(site.command("import", *files), stdout=log, stderr=log)
        ended = watch(process, at_most=AT_MOST)
    if ended.code:
        said = (site.folder / "import.log").read_text(encoding="utf-8")[-2000:]
        raise RuntimeError(f"The import ended with {ended.code}:\n{said}")
    return ended


def _bulk(plan: Plan, site: Site, name: str) -> tuple[float, int]:
    empty = plan.databases.new(name)
    if plan.databases.cluster:
        return bulk_load_postgresql(*(url.replace("+psycopg", "") for url in (site.url, empty)))
    return bulk_load_sqlite(*(Path(url.removeprefix("sqlite:///")) for url in (site.url, empty)))
