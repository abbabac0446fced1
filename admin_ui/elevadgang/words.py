"""What a class page says of a pupil, in the words that schools use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from admin_ui.parts.asking import picture_word, shown, unusual_words, waited
from idp.usecases.class_page import CodeState, WindowState
from policies.vocabulary import GroupType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from flask_babel import LazyString

    from policies.protection import ShownName

__all__ = [
    "all_shown", "code_words", "picture_word", "shown", "time_left", "type_words", "unusual_words", "waited", "window_words",
]  # fmt: skip

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
_TYPES: Final[Mapping[GroupType, LazyString]] = {
    GroupType.CLASS: _l("Class"),
    GroupType.UNIT: _l("Team"),
    GroupType.SFO: _l("After-school care"),
}
_MINUTE: Final = 60


def code_words(state: CodeState) -> str:
    """Say how a code stands; nothing where all is well."""
    return str(_CODES[state]) if state in _CODES else ""


def window_words(state: WindowState) -> str:
    """Say how a window stands."""
    return str(_WINDOWS[state])


def type_words(kind: GroupType) -> str:
    """Say what kind of group it is."""
    return str(_TYPES.get(kind, kind.value))


def all_shown(names: Iterable[ShownName | None]) -> str:
    """Return some names in a row, with commas between."""
    return ", ".join(map(shown, names))


def time_left(until: datetime, now: datetime) -> str:
    """Return minutes and seconds that are left, ``4:59``."""
    left = max(int((until - now).total_seconds()), 0)
    return f"{left // _MINUTE}:{left % _MINUTE:02}"
