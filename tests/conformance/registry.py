"""The modules of the Foundation's plans: each under its own name, with our port of it or the reason why it is not offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.run import Run


@dataclass(frozen=True)
class Module:
    """One of the Foundation's modules. ``port`` runs it; without one ``reason`` says why the provider does not offer it."""

    name: str
    port: Callable[[Run], None] | None
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """One of the Foundation's plans. ``response_mode`` is what its authorization requests ask for, None for the default."""

    name: str
    title: str
    modules: tuple[Module, ...]
    response_mode: str | None = None
    about: str = ""
    """What the page says above the modules, or why none of them is offered."""
    registers: bool = False
    """Whether its clients register themselves at the registration endpoint, and authenticate with private_key_jwt."""


def module(name: str) -> Callable[[Callable[[Run], None]], Module]:
    """Say that a function is our port of the Foundation's module of this name."""

    def named(port: Callable[[Run], None]) -> Module:
        return Module(name, port)

    return named


def not_offered(name: str, reason: str) -> Module:
    """A module of something that the provider does not offer, on purpose."""
    return Module(name, None, reason)
