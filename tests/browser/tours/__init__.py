"""Every state of every page that people meet, as they would meet it: one module for each part of the way.

A module has ``TOLD``, the name of each state with a sentence about it, in the order of ``docs/screens``; and
``walk(windows, demo)``, which yields a state's name and its page while it is on the screen, and goes on when asked for the
next. Put a module here, and its states are looked at by ``test_accessibility.py`` and taken by ``./do screens``, on a phone
and a desk, by day and by night, in both languages. Each language is walked once, in the same demo: a walk must leave its
people as it found them, or be able to begin with them as they are left.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration


class Windows(Protocol):
    """Opens a page in a window of its own."""

    def __call__(self) -> Page: ...


class Part(Protocol):
    """A module of this folder."""

    TOLD: Mapping[str, str]

    def walk(self, windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]: ...


def parts() -> list[Part]:
    """Return the modules of this folder, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return [cast("Part", import_module(f"{__name__}.{name}")) for name in names]


def told() -> dict[str, str]:
    """Return every state's name with its sentence."""
    return {name: sentence for part in parts() for name, sentence in part.TOLD.items()}


def tour(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk through all states of all parts."""
    for part in parts():
        yield from part.walk(windows, demo)
