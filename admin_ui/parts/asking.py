"""Pupils who wait for an adult, as a teacher's page and a parent's page show them, and the numbers that forms and links send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import flask_babel
from flask import request
from flask_babel import lazy_gettext as _l

from idp.web.picture_words import word
from policies.step_up import Unusual

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from flask_babel import LazyString

    from idp.usecases.step_up import Waiting
    from policies.protection import ShownName

_: Final[Callable[..., str]] = flask_babel.gettext
ngettext: Final[Callable[..., str]] = flask_babel.ngettext

MOST: Final = 200
"""Numbers in one form."""
_LONGEST: Final = 18
_UNUSUAL: Final[Mapping[Unusual, LazyString]] = {
    Unusual.NEW_DEVICE: _l("new device"),
    Unusual.OTHER_NETWORK: _l("not on your network"),
    Unusual.SECOND_REQUEST: _l("waits in two browsers"),
    Unusual.SAME_SIGN: _l("has the same pictures as somebody else"),
}
_MINUTE: Final = 60


def ticked(name: str) -> tuple[int, ...]:
    """Return the numbers that a form sends under a name, each once; what is no number is passed over."""
    typed = request.form.getlist(name)[:MOST]
    good = (one for one in typed if one.isascii() and one.isdecimal() and len(one) <= _LONGEST)
    return tuple(dict.fromkeys(map(int, good)))


def before() -> int | None:
    """Return the number of the line before which a record is to be read on; None for its first page."""
    typed = request.args.get("before", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _LONGEST else None


def shown(name: ShownName | None) -> str:
    """Return a name as it may be shown."""
    return f"{name.first_name} {name.family_name}" if name else _("Protected name")


def unusual_words(one: Waiting) -> list[str]:
    """Say what is unusual about a request."""
    return [str(words) for unusual, words in _UNUSUAL.items() if unusual in one.unusual]


def picture_word(name: str) -> str:
    """Return the word for a picture."""
    return word(name)


def waited(since: datetime, now: datetime) -> str:
    """Say how long somebody has waited."""
    minutes = int((now - since).total_seconds()) // _MINUTE
    return ngettext("for %(num)s minute", "for %(num)s minutes", minutes) if minutes else _("just now")
