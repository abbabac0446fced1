"""What a module comes to: passed, passed with a warning, not offered, or failed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Failed(Exception):
    """The provider did something else than the specification says. Says what."""


class NotOffered(Exception):
    """The provider says itself, where the Foundation's suite looks, that it does not offer this. Says where."""


class Result(StrEnum):
    """As the run prints it."""

    PASSED = "PASSED"
    WARNING = "WARNING"
    NOT_OFFERED = "NOT OFFERED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Verdict:
    """One module's result, and why where it is not simply passed."""

    plan: str
    module: str
    result: Result
    why: str = ""

    @property
    def line(self) -> str:
        """As one line of the run."""
        return f"{self.result:<11}  {self.module}" + (f"  ({self.why})" if self.why else "")


def expect(fine: object, otherwise: str) -> None:
    """Fail the module unless something holds."""
    if not fine:
        raise Failed(otherwise)
