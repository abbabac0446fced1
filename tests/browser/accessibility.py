"""What every page must hold for everybody: axe-core's rules, a visible focus, room for fingers, no sideways scrolling."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_PICTURE = 72

_RUN = """async only => (await axe.run(document, {runOnly: only, resultTypes: ['violations']})).violations.map(
  found => `${found.id}: ${found.help} (${found.nodes.map(node => node.target.join(' ')).join(', ')})`)"""
_SIZES = """() => [...document.querySelectorAll('.tile')].map(tile => tile.getBoundingClientRect())
  .map(box => Math.min(box.width, box.height))"""
_OVERFLOW = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
_TARGETS = """() => [...document.querySelectorAll('main button, main a, main input, .masthead button, .masthead a')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches('.visually-hidden, p a, li a, label input'))
  .map(one => [one, one.getBoundingClientRect()]).filter(([one, box]) => Math.min(box.width, box.height) < 44)
  .map(([one, box]) => `${one.outerHTML.slice(0, 100)} is ${Math.round(box.width)} by ${Math.round(box.height)}`)"""
_CUT = """() => [...document.querySelectorAll('body *')].filter(one => {
  if (!one.checkVisibility({visibilityProperty: true}) || one.closest('.visually-hidden, svg, head, [role=region][tabindex]')) return false;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (box.width <= 1) return false;  // for the ear alone
  const outside = (box.left < -1 || box.right > document.documentElement.clientWidth + 1);
  const hides = style.overflowX !== 'visible' && !one.matches('input, textarea, select');
  return (outside && style.position !== 'absolute') || (hides && one.scrollWidth > one.clientWidth + 1);
}).slice(0, 5).map(one => one.outerHTML.slice(0, 120))"""
_MOVING = """() => document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 0).length"""
_FROM_THE_TOP = """() => {
  for (const one of document.querySelectorAll('[data-visited]')) delete one.dataset.visited;
  document.activeElement?.blur();
  window.scrollTo(0, 0);
}"""
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


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """Ask axe-core; the text is evaluated, since the page's own policy lets no script in.

    ``colours_only`` asks again only what depends on colours, when everything else has been asked.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    only = {"type": "rule", "values": ["color-contrast"]} if colours_only else {"type": "tag", "values": TAGS}
    found: list[str] = page.evaluate(_RUN, only)
    return found


def smallest_picture(page: Page) -> float | None:
    """Return the shortest side of all tiles in CSS pixels; None on a page without pictures."""
    sizes: list[float] = page.evaluate(_SIZES)
    return min(sizes, default=None)


def sideways(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    wider: int = page.evaluate(_OVERFLOW)
    return wider


def cut(page: Page) -> list[str]:
    """Return what lies outside the window or is cut off."""
    found: list[str] = page.evaluate(_CUT)
    return found


def too_small(page: Page) -> list[str]:
    """Return what can be pressed and is smaller than a finger, but for links inside a sentence."""
    found: list[str] = page.evaluate(_TARGETS)
    return found


def moving(page: Page) -> int:
    """Return how many things move by themselves."""
    found: int = page.evaluate(_MOVING)
    return found


def walk_with_tab(page: Page, *, at_most: int = 120) -> list[dict[str, Any]]:
    """Press Tab through the whole page and return each stop: what it is, and whether the focus can be seen there.

    The page may be walked again later, in another state of it.
    """
    page.evaluate(_FROM_THE_TOP)
    stops: list[dict[str, Any]] = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop is None or stop["again"]:
            page.evaluate(_FROM_THE_TOP)
            return stops
        stops.append(stop)
    raise AssertionError(f"Tab never comes to an end: {stops[-1]}")
