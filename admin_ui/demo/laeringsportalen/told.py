"""The claims in words that a pupil understands: what the service was told, and what it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACTORS: Final = {
    "Elev": _l("You are here as a pupil."),
    "Medarbejder": _l("You are here as somebody who works at a school."),
    "Ekstern": _l("You are here as somebody who helps a school from outside."),
    "Kontaktperson": _l("You are here as a parent or another contact person."),
}


ABOUT_THE_LOGIN: Final = frozenset(
    {"acr", "amr", "at_hash", "aud", "auth_time", "azp", "exp", "iat", "iss", "jti", "nonce", "sid", "spec_ver"}
)
"""Claims that say nothing about the person."""


def _(text: str, **parts: str) -> str:
    return str(gettext(text, **parts))


def told(claims: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each thing the service was told."""
    actor = claims.get("aktoer_gruppe", "")
    groups = ", ".join(claims.get("grupper", ()))
    said = [
        _name(claims),
        str(_ACTORS.get(actor, "")),
        _groups(groups, is_pupil=actor == "Elev") if groups else "",
        _("You are in grade %(level)s.", level=claims["trin"]) if str(claims.get("trin", "")).isdigit() else "",
        _institutions(str(claims.get("institution_ids", ""))),
    ]
    return [sentence for sentence in said if sentence]


def _name(claims: Mapping[str, Any]) -> str:
    if claims.get("name"):
        return _("Your name is %(name)s.", name=claims["name"])
    if claims.get("uniid"):
        return _("We were not told your name. We know you by your user id, %(uniid)s.", uniid=claims["uniid"])
    return _("We were not told who you are, only that it is you when you come again.")


def _groups(groups: str, *, is_pupil: bool) -> str:
    return _("You are in %(groups)s.", groups=groups) if is_pupil else _("Your classes are %(groups)s.", groups=groups)


def _institutions(ids: str) -> str:
    numbers = ids.strip("[]").replace(",", ", ")
    return _("You come from %(numbers)s.", numbers=numbers) if numbers else ""
