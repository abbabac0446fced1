"""The ``claims`` parameter (OpenID Connect Core 5.5): single claims that a service asks for, and the level it insists on.

An essential ``acr`` is kept or the login fails (5.5.1.1), and ``sub`` names the person who must be there (3.1.2.2). All
other claims are asked for as well as may be: what an agreement does not allow is left out, essential or not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from idp.oidc.parameters import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.oidc.parameters import Parameters

_PLACES: Final = ("userinfo", "id_token")
_MOST_CLAIMS: Final = 100
_LONGEST_NAME: Final = 255


class _Wrong(Exception):
    """What the JSON breaks; the text is for the service's developer."""


@dataclass(frozen=True, kw_only=True)
class ClaimsRequest:
    """What was asked for."""

    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the grant keeps: ``userinfo`` and ``id_token``, in each the names, and which of them are essential."""
    levels: tuple[str, ...] = ()
    """The values of ``acr``, the best first."""
    insists: bool = False
    """Whether ``acr`` is essential."""
    subject: str | None = None


def claims_request(parameters: Parameters) -> ClaimsRequest | Fault:
    """Read the parameter; members that we do not know are ignored (5.5)."""
    text = parameters["claims"]
    if text is None:
        return ClaimsRequest()
    try:
        return _read(text)
    except _Wrong as wrong:
        return Fault("invalid_request", f"claims {wrong}.", "claims")


def _read(text: str) -> ClaimsRequest:
    asked = _object(text)
    kept = {place: _claims(asked[place], place) for place in _PLACES if place in asked}
    if sum(map(len, kept.values())) > _MOST_CLAIMS:
        raise _Wrong(f"names more than {_MOST_CLAIMS} claims")
    told = kept.get("id_token", {})
    acr, subject = told.get("acr") or {}, told.get("sub") or {}
    levels = _values(acr)
    if not all(isinstance(level, str) for level in levels):
        raise _Wrong("asks for an acr that is no text")
    named = subject.get("value")
    if named is not None and not (isinstance(named, str) and named.isprintable()):
        raise _Wrong("asks for a sub that is no text")
    return ClaimsRequest(
        kept={
            place: {name: {"essential": True} if how.get("essential") else None for name, how in claims.items()}
            for place, claims in kept.items()
        },
        levels=tuple(levels),
        insists=bool(acr.get("essential")) and bool(levels),
        subject=named,
    )


def _object(text: str) -> Mapping[str, Any]:
    try:
        asked = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _Wrong("is not JSON") from None
    if not isinstance(asked, dict):
        raise _Wrong("is not a JSON object")
    return asked


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Wrong("names a member twice")
    return members


def _claims(asked: object, place: str) -> dict[str, dict[str, Any]]:
    if not isinstance(asked, dict):
        raise _Wrong(f"has a member {place} that is not an object")
    return {_name(name): _how(how) for name, how in asked.items()}


def _name(name: str) -> str:
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise _Wrong("names a claim that cannot be")
    return name


def _how(how: object) -> dict[str, Any]:
    """Return how a claim is asked for; null stands for in no particular way (5.5.1).

    Its name may be anything, so no sentence repeats it: they are kept for the service's owner.
    """
    if how is None:
        return {}
    if not isinstance(how, dict):
        raise _Wrong("asks for a claim neither with null nor with an object")
    if not isinstance(how.get("essential", False), bool):
        raise _Wrong("says of a claim an essential that is neither true nor false")
    if not isinstance(how.get("values", []), list):
        raise _Wrong("asks for a claim with values that are no list")
    return how


def _values(how: Mapping[str, Any]) -> list[Any]:
    return [how["value"]] if "value" in how else list(how.get("values", []))
