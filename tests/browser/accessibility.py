"""What every page must hold for everybody: axe-core's rules, a visible focus, room for fingers, no sideways scrolling."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_PICTURE = 72

_RUN = """async tags => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations.map(
  found => `${found.id}: ${found.help} (${found.nodes.map(node => node.target.join(' ')).join(', ')})`)"""
_SIZES = """() => [...document.querySelectorAll('.tile')].map(tile => tile.getBoundingClientRect())
  .map(box => Math.min(box.width, box.height))"""
_OVERFLOW = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const seen = [at, at.closest('.tile'), at.labels?.[0]].filter(Boolean).some(one => {
    const style = getComputedStyle(one);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return outlined || style.boxShadow !== 'none';
  });
  at.dataset.visited = at.dataset.visited === undefined ? 'once' : 'again';
  return {what: at.outerHTML.slice(0, 160), seen, again: at.dataset.visited === 'again'};
}"""


def violations(page: Page) -> list[str]:
    """Ask axe-core; the text is evaluated, since the page's own policy lets no script in."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN, TAGS)
    return found


def smallest_picture(page: Page) -> float | None:
    """Return the shortest side of all tiles in CSS pixels; None on a page without pictures."""
    sizes: list[float] = page.evaluate(_SIZES)
    return min(sizes, default=None)


def sideways(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    wider: int = page.evaluate(_OVERFLOW)
    return wider


def walk_with_tab(page: Page, *, at_most: int = 120) -> list[dict[str, Any]]:
    """Press Tab through the whole page and return each stop: what it is, and whether the focus can be seen there."""
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0) }")
    stops: list[dict[str, Any]] = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop is None or stop["again"]:
            return stops
        stops.append(stop)
    raise AssertionError(f"Tab never comes to an end: {stops[-1]}")
