"""A request's parameters, read once and strictly (RFC 6749 3.1, 3.2; OpenID Connect Core 3.1.2.1).

A parameter without a value counts as left out, one that comes twice is noted, and bytes that are not UTF-8 or hold
control characters make the whole request unreadable: nobody guesses what was meant.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qsl, quote_from_bytes

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from idp.usecases.error_descriptions import as_description

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Asked = TypeVar("Asked")
Broken = TypeVar("Broken")

LONGEST: Final = 16_384
"""Bytes of a query or a form."""
MOST: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,64}")
"""A parameter's name that may be told: anything else is what somebody made up."""


class Unreadable(Exception):
    """The parameters cannot be read; the text is for the service's developer."""


@dataclass(frozen=True)
class Fault:
    """A rule that a request breaks: the error code of its specification, a sentence for developers, the parameter."""

    error: str
    description: str
    parameter: str | None = None

    @property
    def told(self) -> str:
        """The sentence as it is sent: it names the parameter, in the characters that a description may have."""
        named = self.parameter is None or self.parameter in self.description
        sentence = self.description if named else f"{self.parameter}: {self.description}"
        return as_description(sentence)


@dataclass(frozen=True)
class Parameters:
    """Each parameter's value, and the names of those that came more than once (which then have no value)."""

    values: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str | None:
        """Return a value, None for what was left out."""
        return self.values.get(name)

    def words(self, name: str) -> tuple[str, ...]:
        """Return a value's words, which one space parts (RFC 6749 3.3)."""
        return tuple(word for word in (self.values.get(name) or "").split(" ") if word)


def read(raw: bytes) -> Parameters:
    """Read ``application/x-www-form-urlencoded`` bytes. Raises :class:`Unreadable`."""
    if len(raw) > LONGEST:
        raise Unreadable(f"The request is longer than {LONGEST} bytes.")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except UnicodeDecodeError:
        raise Unreadable("The parameters are not UTF-8.") from None
    except ValueError:
        raise Unreadable(f"There are more than {MOST} parameters.") from None
    if not all(value.isprintable() for pair in pairs for value in pair):
        raise Unreadable("A parameter holds control characters.")
    counted = Counter(name for name, _ in pairs)
    return Parameters(
        values={name: value for name, value in pairs if value and counted[name] == 1},
        repeated=frozenset(name for name, times in counted.items() if times > 1),
    )


def read_form() -> Parameters:
    """Read the body of this request. Raises :class:`Unreadable` for anything but a form."""
    return read(raw_form())


def raw_form() -> bytes:
    """Return the bytes of a form. Raises :class:`Unreadable`."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Unreadable("The body must be application/x-www-form-urlencoded.")
    request.max_content_length = LONGEST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Unreadable(f"The request is longer than {LONGEST} bytes.") from None


def first_broken(checks: Iterable[Callable[[Asked], Broken | None]], asked: Asked) -> Broken | None:
    """Return what the first check has against what is asked; the order of the checks is the security."""
    return next((broken for check in checks if (broken := check(asked)) is not None), None)


def nothing_twice(parameters: Parameters) -> Fault | None:
    """Refuse a parameter that comes more than once (RFC 6749 3.1)."""
    if not parameters.repeated:
        return None
    name = min(parameters.repeated)
    shown = name if _NAME.fullmatch(name) else None
    return Fault("invalid_request", f"{shown or 'A parameter'} comes more than once.", shown)


def as_query(raw: bytes) -> str:
    """Return the bytes of a form as a query that says the same."""
    return quote_from_bytes(raw, safe="%&=+-._~!$'()*,;:@/?")
