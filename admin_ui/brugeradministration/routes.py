"""The blueprint with all its views."""

from __future__ import annotations

from typing import Final

from admin_ui.brugeradministration import acts, brugeradministration, cards, looking_up, passes, people, records

__all__ = ["VIEWS", "brugeradministration"]

VIEWS: Final = (people, acts, cards, passes, looking_up, records)
"""The modules that give the blueprint its views when they are imported."""
