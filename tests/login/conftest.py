"""The school day that these tests begin with."""

from __future__ import annotations

from tests.opponents.factor_day import factor_day
from tests.opponents.school_day import day

__all__ = ["day", "factor_day"]
