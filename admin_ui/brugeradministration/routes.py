"""The blueprint with all its views."""

from __future__ import annotations

from typing import Final

from admin_ui.brugeradministration import acts, brugeradministration, cards, looking_up, passes, people

__all__ = ["VIEWS", "brugeradministration"]

VIEWS: Final = (people, acts, cards, passes, looking_up)
"""The modules that give the blueprint its views when they are imported."""
