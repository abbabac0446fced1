"""Reading one table of a TOML file so that every fault is found in one pass.

A reader that meets a fault notes it and hands back the least harmful value, so that the rest can be read as well.
Rules made from such values never leave :func:`policies.tables.load_rules`, which raises when a fault was noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from enum import StrEnum

_Word = TypeVar("_Word", bound="StrEnum")


class Section:
    """One table. ``name`` is how faults speak of it, ``faults`` the list that all sections of all files share."""

    def __init__(self, name: str, content: dict[str, Any], faults: list[str]) -> None:
        self.name = name
        self._left = dict(content)
        self._faults = faults

    def fault(self, text: str) -> None:
        """Note that this table is wrong, and why."""
        self._faults.append(f"{self.name}: {text}")

    def whole(self, key: str, *, least: int = 1, most: int | None = None) -> int:
        """Take a whole number between ``least`` and ``most``."""
        value = self._take(key)
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and value >= least
            and (most is None or value <= most)
        ):
            return value
        above = "" if most is None else f" and at most {most}"
        self.fault(f"{key} must be a whole number of at least {least}{above}")
        return least

    def whole_or_none(self, key: str) -> int | None:
        """Take a whole number, or None when it is 0 or left out."""
        return (self.whole(key, least=0) or None) if key in self._left else None

    def text(self, key: str) -> str:
        """Take a text."""
        value = self._take(key)
        if isinstance(value, str):
            return value
        self.fault(f"{key} must be a text")
        return ""

    def share(self, key: str) -> float:
        """Take a number above 0 and at most 1."""
        value = self._take(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self.fault(f"{key} must be a number above 0 and at most 1")
        return 1.0

    def flag(self, key: str) -> bool:
        """Take true or false."""
        value = self._take(key)
        if isinstance(value, bool):
            return value
        self.fault(f"{key} must be true or false")
        return False

    def numbers(self, key: str, *, least: int = 0) -> tuple[int, ...]:
        """Take a list of whole numbers of at least ``least``; it may be empty."""
        value = self._take(key)
        if isinstance(value, list) and all(
            isinstance(n, int) and not isinstance(n, bool) and n >= least for n in value
        ):
            return tuple(value)
        self.fault(f"{key} must be a list of whole numbers of at least {least}")
        return ()

    def span(self, key: str) -> tuple[int, int]:
        """Take ``[least, most]``."""
        match self.numbers(key, least=1):
            case (least, most) if least <= most:
                return least, most
            case ():
                return 1, 1
        self.fault(f"{key} must be [least, most], the smaller first")
        return 1, 1

    def names(self, key: str) -> tuple[str, ...]:
        """Take a list of different names."""
        value = self._take(key)
        if isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value):
            return tuple(value)
        self.fault(f"{key} must be a list of different names")
        return ()

    def word(self, key: str, among: type[_Word]) -> _Word:
        """Take one of the values of a closed vocabulary."""
        value = self._take(key)
        members = list(among)
        if value in [str(member) for member in members]:
            return among(value)
        self.fault(f"{key} must be one of {', '.join(members)}")
        return members[0]

    def words(self, key: str, among: type[_Word]) -> frozenset[_Word]:
        """Take a list of different values of a closed vocabulary; it may be empty."""
        given = self.names(key)
        if unknown := [name for name in given if name not in [str(member) for member in among]]:
            self.fault(f"{key} must hold none but {', '.join(among)}: {', '.join(unknown)}")
            return frozenset()
        return frozenset(among(name) for name in given)

    def drop(self, key: str) -> bool:
        """Take whatever is there, and say whether anything was."""
        return self._left.pop(key, None) is not None

    def table(self, key: str) -> Section:
        """Take a table inside this one; a missing one is a fault and reads as empty."""
        value = self._take(key)
        if not isinstance(value, dict):
            self.fault(f"the table [{key}] is missing")
            return Section(f"{self.name} [{key}]", {}, [])  # one fault is enough; what it lacks is all it has
        return Section(f"{self.name} [{key}]", value, self._faults)

    def close(self) -> None:
        """Note every key that nobody took: a misspelt rule must not be a rule that silently does not hold."""
        for key in self._left:
            self.fault(f"{key} is not known here")

    def _take(self, key: str) -> object:
        return self._left.pop(key, None)
