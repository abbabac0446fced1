"""The claims in words that a pupil understands: what the service was told, and what it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACTORS: Final = {
    "Elev": _l("You are here as a pupil."),
    "Medarbejder": _l("You are here as somebody who works at a school."),
    "Ekstern": _l("You are here as somebody who helps a school from outside."),
    "Kontaktperson": _l("You are here as a parent or another contact person."),
}


def told(claims: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each thing the service was told."""
    said = [
        _("Your name is %(name)s.", name=claims["name"])
        if claims.get("name")
        else _("We were not told your name. We know you by a secret sign that only we and Skolepas understand."),
        str(_ACTORS.get(claims.get("aktoer_gruppe", ""), "")),
        _("You are in %(groups)s.", groups=", ".join(claims["grupper"])) if claims.get("grupper") else "",
        _("You are in grade %(level)s.", level=claims["trin"]) if str(claims.get("trin", "")).isdigit() else "",
        _institutions(str(claims.get("institution_ids", ""))),
    ]
    return [sentence for sentence in said if sentence]


def _institutions(ids: str) -> str:
    numbers = ids.strip("[]").replace(",", ", ")
    return _("You come from %(numbers)s.", numbers=numbers) if numbers else ""
