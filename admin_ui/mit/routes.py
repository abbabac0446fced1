"""The blueprint with all its views."""

from __future__ import annotations

from typing import Final

from admin_ui.mit import children, mit, pages, record

__all__ = ["VIEWS", "mit"]

VIEWS: Final = (pages, children, record)
"""The modules that give the blueprint its views when they are imported."""
