"""What a class page says of a pupil, in the words that schools use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import flask_babel
from flask_babel import lazy_gettext as _l

from idp.usecases.class_page import CodeState, WindowState
from idp.web.picture_words import word
from policies.step_up import Unusual
from policies.vocabulary import GroupType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from flask_babel import LazyString

    from idp.usecases.step_up import Waiting
    from policies.protection import ShownName

_: Final[Callable[..., str]] = flask_babel.gettext
ngettext: Final[Callable[..., str]] = flask_babel.ngettext

_CODES: Final[Mapping[CodeState, LazyString]] = {
    CodeState.NONE: _l("No code yet"),
    CodeState.ENDS_SOON: _l("The code ends soon"),
    CodeState.EXPIRED: _l("The code has ended: a new one comes at the next login"),
    CodeState.SUSPENDED: _l("The code is stopped"),
}
_WINDOWS: Final[Mapping[WindowState, LazyString]] = {
    WindowState.OPEN: _l("Shows this sign:"),
    WindowState.CLAIMED: _l("The sign was right. The pupil is getting the new code."),
    WindowState.DONE: _l("Has a new code"),
    WindowState.WRONG_SIGN: _l("Somebody picked a wrong sign, so it is closed. Ask the pupil, and give it again."),
    WindowState.LAPSED: _l("The five minutes are over. Give it again."),
}
_UNUSUAL: Final[Mapping[Unusual, LazyString]] = {
    Unusual.NEW_DEVICE: _l("new device"),
    Unusual.OTHER_NETWORK: _l("not on your network"),
    Unusual.SECOND_REQUEST: _l("waits in two browsers"),
    Unusual.SAME_SIGN: _l("has the same pictures as somebody else"),
}
_TYPES: Final[Mapping[GroupType, LazyString]] = {
    GroupType.CLASS: _l("Class"),
    GroupType.UNIT: _l("Team"),
    GroupType.SFO: _l("After-school care"),
}
_MINUTE: Final = 60


def shown(name: ShownName | None) -> str:
    """Return a name as it may be shown."""
    return f"{name.first_name} {name.family_name}" if name else _("Protected name")


def code_words(state: CodeState) -> str:
    """Say how a code stands; nothing where all is well."""
    return str(_CODES[state]) if state in _CODES else ""


def window_words(state: WindowState) -> str:
    """Say how a window stands."""
    return str(_WINDOWS[state])


def unusual_words(one: Waiting) -> list[str]:
    """Say what is unusual about a request."""
    return [str(words) for unusual, words in _UNUSUAL.items() if unusual in one.unusual]


def type_words(kind: GroupType) -> str:
    """Say what kind of group it is."""
    return str(_TYPES.get(kind, kind.value))


def picture_word(name: str) -> str:
    """Return the word for a picture."""
    return word(name)


def time_left(until: datetime, now: datetime) -> str:
    """Return minutes and seconds that are left, ``4:59``."""
    left = max(int((until - now).total_seconds()), 0)
    return f"{left // _MINUTE}:{left % _MINUTE:02}"


def waited(since: datetime, now: datetime) -> str:
    """Say how long somebody has waited."""
    minutes = int((now - since).total_seconds()) // _MINUTE
    return ngettext("for %(num)s minute", "for %(num)s minutes", minutes) if minutes else _("just now")
