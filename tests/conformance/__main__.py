"""``./do conformance``: our own port of the Foundation's modules, against the provider as a real process behind TLS."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import traceback
from collections import Counter
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tests.benchmarks.site import scratch
from tests.conformance.page import page
from tests.conformance.plans import NOT_OFFERED, PLANS
from tests.conformance.run import Run
from tests.conformance.site import a_provider
from tests.conformance.verdict import Failed, NotOffered, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.registry import Module, Plan
    from tests.conformance.site import Provider

PAGE = Path("docs/conformance.md")


def main() -> int:
    """Run what was asked for; 1 when anything failed."""
    asked = _arguments()
    verdicts, begun = [], monotonic()
    with scratch() as folder:
        with a_provider(folder) as provider:
            for verdict in _verdicts(provider, asked.modules, trace=asked.trace):
                print(verdict.line, flush=True)
                verdicts.append(verdict)
        if asked.log:
            shutil.copyfile(folder / "log", asked.log)
    if asked.page:
        asked.page.write_text(page(PLANS, NOT_OFFERED, verdicts), encoding="utf-8")
    elif not asked.modules and page(PLANS, NOT_OFFERED, verdicts) != PAGE.read_text(encoding="utf-8"):
        print(f"\n{PAGE} says something else: ./do conformance --page {PAGE}")
    counted = Counter(verdict.result for verdict in verdicts)
    passed = counted[Result.PASSED] + counted[Result.WARNING]
    print(
        "\nOur own port of the modules, no certification. "
        f"With a warning: {counted[Result.WARNING]}; not offered: {counted[Result.NOT_OFFERED]}. "
        f"{monotonic() - begun:.0f} s."
    )
    print(f"{passed} passed, {counted[Result.FAILED]} failed")
    return 1 if counted[Result.FAILED] or not passed else 0


def _verdicts(provider: Provider, wanted: list[str], *, trace: bool) -> Iterator[Verdict]:
    for plan in PLANS:
        chosen = [one for one in plan.modules if not wanted or any(fnmatch(one.name, each) for each in wanted)]
        if chosen:
            print(f"\n{plan.title} ({plan.name})", flush=True)
        for module in chosen:
            yield judged(provider, plan, module, trace=trace)
    if not wanted:
        print("\nPlans of which no module is offered", flush=True)
        for name, reason in NOT_OFFERED:
            print(Verdict(name, name, Result.NOT_OFFERED, reason).line, flush=True)


def judged(provider: Provider, plan: Plan, module: Module, *, trace: bool = False) -> Verdict:
    """Run one module."""
    if module.port is None:
        return Verdict(plan.name, module.name, Result.NOT_OFFERED, module.reason)
    with ExitStack() as open_things:
        provider.inbox.received.clear()
        run = Run(provider, open_things, plan.response_mode, plan.registers)
        try:
            module.port(run)
        except NotOffered as why:
            return Verdict(plan.name, module.name, Result.NOT_OFFERED, str(why))
        except Failed as why:
            if trace:
                traceback.print_exc()
            return Verdict(plan.name, module.name, Result.FAILED, str(why))
        except Exception as fault:  # noqa: BLE001 (what nobody foresaw fails its module, and the others go on)
            if trace:
                traceback.print_exc()
            return Verdict(plan.name, module.name, Result.FAILED, f"{type(fault).__name__}: {fault}")
    result = Result.WARNING if run.warnings else Result.PASSED
    return Verdict(plan.name, module.name, result, "; ".join(run.warnings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./do conformance",
        description="Runs our own port of the OpenID Foundation's conformance modules against a provider of its own.",
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="only these (* stands for any signs)")
    parser.add_argument("--page", metavar="FILE", type=Path, help="write the page for docs/conformance.md there")
    parser.add_argument("--log", metavar="FILE", help="keep the provider's log there")
    parser.add_argument("--trace", action="store_true", help="show where in its module a failure was found")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.pop("SKOLEPAS_SETTINGS", None)
    sys.exit(main())
