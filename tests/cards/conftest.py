from __future__ import annotations

from tests.opponents.school_day import day

__all__ = ["day"]
