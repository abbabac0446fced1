"""The tree of inner errors. Outcomes (a wrong code, a refused request) are returned, never raised.

::

    SkolepasError
    ├── ConfigurationFault      the operator's settings, secrets or policies contradict themselves
    ├── BrokenSeal              something sealed cannot be opened: wrong key, or it was changed
    ├── HashingBusy             the gate of password hashes is full; try again in a moment
    └── Refused                 somebody asked for what they may not have; carries a Reason
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policies.vocabulary import Reason


class SkolepasError(Exception):
    """Everything that Skolepas itself raises."""


class ConfigurationFault(SkolepasError):
    """The settings, secrets or policies are wrong. All faults are reported together, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep every fault, in the order found."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class BrokenSeal(SkolepasError):
    """A sealed value does not open: it was sealed with another key, for another purpose, or was changed."""


class HashingBusy(SkolepasError):
    """More codes are waiting to be checked than the gate lets in (decision 16)."""


class Refused(SkolepasError):
    """The edge of the system must say no. ``reason`` is worded by :mod:`idp.web.messages`."""

    def __init__(self, reason: Reason) -> None:
        """Carry the reason to whoever words it."""
        super().__init__(reason.value)
        self.reason = reason
