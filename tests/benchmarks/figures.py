"""Figures with their spread, and the table and the JSON they end up in."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Figure:
    """One thing measured several times. ``beside`` names the yardstick of the same run that it is to be read against."""

    what: str
    unit: str
    values: tuple[float, ...]
    beside: str | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        if len(self.values) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True)
class Result:
    """What one benchmark found. ``yardsticks`` are what the machine itself could do at that time."""

    name: str
    told: str
    figures: tuple[Figure, ...]
    yardsticks: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def times(self, figure: Figure) -> float | None:
        """How many times its yardstick a figure is, by the medians; None without one."""
        for yardstick in self.yardsticks:
            if yardstick.what == figure.beside and yardstick.median:
                return figure.median / yardstick.median
        return None


HEADINGS = ("", "median", "", "quartiles", "n", "beside its yardstick")


def table(results: Iterable[Result]) -> str:
    """Every result as plain text, all columns aligned."""
    blocks: list[tuple[str, list[tuple[str, ...]], tuple[str, ...]]] = []
    for result in results:
        rows = [_row(figure, _beside(result, figure)) for figure in result.figures]
        rows += [_row(figure, "yardstick") for figure in result.yardsticks]
        blocks.append((f"{result.name}: {result.told}", rows, result.notes))
    every = [HEADINGS, *(row for _, rows, _ in blocks for row in rows)]
    widths = [max(len(row[column]) for row in every) for column in range(len(HEADINGS))]
    lines = ["  " + _aligned(HEADINGS, widths)]
    for title, rows, notes in blocks:
        lines += ["", title, *("  " + _aligned(row, widths) for row in rows), *(f"  ({note})" for note in notes)]
    return "\n".join(lines)


def as_json(results: Iterable[Result], about: dict[str, Any]) -> dict[str, Any]:
    """Every value of every result, for a program to compare with another run's."""
    return {
        "about": about,
        "results": [
            {
                "name": result.name,
                "told": result.told,
                "figures": [_figure_as_json(figure, result.times(figure)) for figure in result.figures],
                "yardsticks": [_figure_as_json(figure, None) for figure in result.yardsticks],
                "notes": list(result.notes),
            }
            for result in results
        ],
    }


def _figure_as_json(figure: Figure, times: float | None) -> dict[str, Any]:
    low, high = figure.quartiles
    return {
        "what": figure.what, "unit": figure.unit, "median": figure.median, "quartiles": [low, high],
        "values": list(figure.values), "beside": figure.beside, "times": times,
    }  # fmt: skip


def _beside(result: Result, figure: Figure) -> str:
    times = result.times(figure)
    return "" if times is None else f"{_digits(times)} × {figure.beside}"


def _row(figure: Figure, beside: str) -> tuple[str, ...]:
    low, high = figure.quartiles
    spread = f"{_digits(low)} - {_digits(high)}" if len(figure.values) > 1 else ""
    return figure.what, _digits(figure.median), figure.unit, spread, str(len(figure.values)), beside


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    left = (0, 2, 5)
    cells = (
        cell.ljust(width) if n in left else cell.rjust(width)
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def _digits(value: float) -> str:
    """Three digits that count, and never 1e+05."""
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{decimals}f}"
