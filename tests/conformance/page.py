"""The page ``docs/conformance.md``: every module, what it came to when the page was made, and what is not offered and why."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.conformance.verdict import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.conformance.registry import Plan
    from tests.conformance.verdict import Verdict

_HEAD: Final = """\
# Conformance

The OpenID Foundation tests providers with modules, gathered in plans. Skolepas carries **our own port** of those for the
plans below: written by us from the specifications and from what the Foundation's modules look at, under their names. A module
that passes here says what we tested, and is no certification; the Foundation has tested nothing of this.

```sh
./do conformance
```

starts a provider as a real process behind TLS with a test authority, plays the relying party and the person in front of the
browser, moves the provider's clock where a module waits, and prints one line per module.

`WARNING` is for what the specifications allow and the Foundation's suite remarks on. `NOT OFFERED` is left out on purpose,
for the reason that stands beside it; where discovery is what says so, the module reads it there.

This page is written by `./do conformance --page docs/conformance.md`.
"""
_PLAN: Final = re.compile(r"^## .* · `([^`]+)`$", re.MULTILINE)
_MODULE: Final = re.compile(rf"^\| `([^`]+)` \| (?:{'|'.join(Result)}) \|", re.MULTILINE)


def page(plans: Iterable[Plan], not_offered: Iterable[tuple[str, str]], verdicts: Sequence[Verdict]) -> str:
    """The whole page."""
    return "\n".join((_HEAD, *_tables(plans, verdicts), *_left_out(not_offered)))


def _left_out(plans: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "## Plans of which no module is offered\n"
    yield "| Plan | Why |\n| --- | --- |"
    yield from (f"| `{name}` | {reason} |" for name, reason in plans)
    yield ""


def _tables(plans: Iterable[Plan], verdicts: Sequence[Verdict]) -> Iterator[str]:
    for plan in plans:
        rows = [verdict for verdict in verdicts if verdict.plan == plan.name]
        yield f"## {plan.title} · `{plan.name}`\n"
        if plan.about:
            yield f"{plan.about}\n"
        yield f"{_counted(rows)}\n"
        yield "| Module | Result | Why |\n| --- | --- | --- |"
        yield from (f"| `{row.module}` | {row.result} | {row.why.replace('|', '/')} |" for row in rows)
        yield ""


def _counted(rows: Sequence[Verdict]) -> str:
    counts = Counter(row.result for row in rows)
    words = {
        Result.PASSED: "passed",
        Result.WARNING: "passed with a warning",
        Result.NOT_OFFERED: "not offered",
        Result.FAILED: "failed",
    }
    return ", ".join(f"{counts[result]} {word}" for result, word in words.items() if counts[result]) + "."


def listed(text: str) -> dict[str, list[str]]:
    """Plan -> the modules that a page lists under it, in their order."""
    starts = [*_PLAN.finditer(text)]
    ends = [found.start() for found in starts[1:]] + [len(text)]
    return {found[1]: _MODULE.findall(text[found.end() : end]) for found, end in zip(starts, ends, strict=True)}
