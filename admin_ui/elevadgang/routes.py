"""The blueprint with all its views."""

from __future__ import annotations

from typing import Final

from admin_ui.elevadgang import classes, codes, elevadgang, lessons, sessions, stops, substitutes, waiting

__all__ = ["VIEWS", "elevadgang"]

VIEWS: Final = (classes, codes, waiting, sessions, substitutes, stops, lessons)
"""The modules that give the blueprint its views when they are imported."""
