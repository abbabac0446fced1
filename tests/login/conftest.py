"""The school day that these tests begin with."""

from __future__ import annotations

from tests.opponents.school_day import day

__all__ = ["day"]
