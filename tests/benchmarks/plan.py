"""How much is measured, and on which database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.site import Databases


@dataclass(frozen=True)
class Plan:
    """Every load is bounded by it, and all of it goes to loopback."""

    databases: Databases
    folder: Path
    workers: int
    repetitions: int
    """Of a load."""
    seconds: float
    """Of one repetition of a load."""
    single_logins: int
    """One after another, each request measured by itself."""
    visitors: int
    """At once."""
    names: int
    """That somebody has, and as many that nobody has."""
    imports: int
    """Repetitions of an import or a start."""
    many_people: int
    single_sign_ons: tuple[int, int]
    """After how many the memory is read."""
