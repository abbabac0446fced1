"""Does the time tell whether a name exists (decision 14)? Wrong codes for names that somebody has and that nobody has.

In random order, one try for each name, each in a browser that was never here. What is compared is every time, not the mean:
the rank sum says how often a time of one kind is longer than a time of the other. 0.5 is a coin.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.site import a_site, populate, serving
from tests.benchmarks.visitor import LostTheWay, Visitor, authorization, form_of
from tests.benchmarks.yardsticks import ARGON2, Machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.plan import Plan
    from tests.benchmarks.site import Site
    from tests.benchmarks.visitor import Answer

SURE: Final = 3.29
"""Standard deviations from a coin; a coin goes so far once in a thousand runs."""
_AN_HOUR_AFTER: Final = 100  # tries: one network may err so often that nobody slows it down
_BARS: Final = 12
_WIDTH: Final = 40


@dataclass(frozen=True)
class Verdict:
    """How often a time of the first kind is longer, and how far that is from a coin."""

    share: float
    deviations: float

    def __str__(self) -> str:
        """Say it in words."""
        told = "TELLS THEM APART" if abs(self.deviations) > SURE else "does not tell them apart"
        return f"{told}: AUC {self.share:.3f}, {self.deviations:+.1f} standard deviations from 0.5"


def rank_sum(first: Sequence[float], second: Sequence[float]) -> Verdict:
    """Compare two sets of times (Mann, Whitney). Equal times share their ranks."""
    every = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks, at = 0.0, 0
    while at < len(every):
        end = at
        while end < len(every) and every[end][0] == every[at][0]:
            end += 1
        ranks += (at + 1 + end) / 2 * sum(kind == 0 for _, kind in every[at:end])
        at = end
    pairs = len(first) * len(second)
    share = (ranks - len(first) * (len(first) + 1) / 2) / pairs
    return Verdict(share, (share - 0.5) / math.sqrt((len(first) + len(second) + 1) / (12 * pairs)))


def histograms(known: Sequence[float], unknown: Sequence[float]) -> tuple[str, ...]:
    """Both as bars, side by side, over the same times; what is slower than 19 of 20 stands in the last row."""
    every = sorted([*known, *unknown])
    low, high = every[0], every[int(len(every) * 0.95)]
    step = (high - low) / _BARS or 1.0

    def counted(times: Sequence[float]) -> list[int]:
        rows = [0] * (_BARS + 1)
        for time in times:
            rows[min(int((time - low) / step), _BARS)] += 1
        return rows

    ours, theirs = counted(known), counted(unknown)
    most = max(*ours, *theirs)
    lines = [f"{'ms':>8}  {'somebody has the name':<{_WIDTH}}  nobody has it"]
    for row in range(_BARS + 1):
        bars = ["#" * round(_WIDTH * counts[row] / most) for counts in (ours, theirs)]
        lines.append(f"{low + row * step:8.1f}  {bars[0]:<{_WIDTH}}  {bars[1]}")
    return tuple(lines)


def names(plan: Plan) -> Result:
    """Several hundred tries; the site's clock jumps an hour now and then, so that no counter slows anybody down."""
    site = a_site(plan.databases, "names", workers=1)
    with site.settings_file.open("a", encoding="utf-8") as settings:
        settings.write('[proving]\nclock_file = "clock"\n')
    people = populate(site, pupils=plan.names)
    machine = Machine()
    hash_ms = [machine.argon2_ms()[0] for _ in range(10)]
    tries = [(True, someone.username) for someone in people]
    tries += [(False, _nobody(len(people[0].username))) for _ in people]
    secrets.SystemRandom().shuffle(tries)
    asked: dict[bool, list[float]] = {True: [], False: []}
    refused: dict[bool, list[float]] = {True: [], False: []}
    with serving(site):
        visitor = Visitor(site.port)
        for _ in range(5):
            _wrong_code(visitor, _nobody(8))
        for number, (exists, name) in enumerate(tries):
            if number % _AN_HOUR_AFTER == 0:
                _move(site, hours=2 * (number // _AN_HOUR_AFTER + 1))
            to_code_page, to_refusal = _wrong_code(visitor, name)
            asked[exists].append(to_code_page)
            refused[exists].append(to_refusal)
    return Result(
        "names",
        f"wrong codes for {len(people)} names that somebody has and as many that nobody has, {plan.databases.kind}",
        tuple(
            Figure(f"{step}, {who}", "ms", tuple(times[exists]), ARGON2)
            for step, times in (("from the name to the code page", asked), ("from the code to the refusal", refused))
            for exists, who in ((True, "somebody's"), (False, "nobody's"))
        ),
        (Figure(ARGON2, "ms", tuple(hash_ms)),),
        (
            f"the time from the name to the code page {rank_sum(asked[True], asked[False])}",
            *histograms(asked[True], asked[False]),
            f"the time from the code to the refusal {rank_sum(refused[True], refused[False])}",
            *histograms(refused[True], refused[False]),
        ),
    )


def _wrong_code(visitor: Visitor, name: str) -> tuple[float, float]:
    """Milliseconds from sending the name to having the code page, and from sending a code to having the refusal."""
    visitor.cookies.clear()
    page = _followed(visitor, visitor.get(authorization()[1]))
    begun = perf_counter()
    page = _sent(visitor, page, {"username": name})
    named = perf_counter()
    page = _sent(visitor, page, {"password": "forkert-kode"})
    ended = perf_counter()
    if "password" not in form_of(page).inputs or b'role="alert"' not in page.body:
        raise LostTheWay(f"no refusal at {page.path}: {page.body[:300]!r}")
    return (named - begun) * 1000, (ended - named) * 1000


def _sent(visitor: Visitor, page: Answer, given: dict[str, str]) -> Answer:
    form = form_of(page)
    return _followed(visitor, visitor.post(form.action, form.inputs | given))


def _followed(visitor: Visitor, answer: Answer) -> Answer:
    while answer.location:
        answer = visitor.get(answer.location.removeprefix(f"http://localhost:{visitor.port}"))
    return answer


def _nobody(length: int) -> str:
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(length - 1)) + "9"


def _move(site: Site, *, hours: int) -> None:
    (site.folder / "clock").write_text(str(3600 * hours), encoding="ascii")
