"""Which claims a service asks for: by scopes, by the ``claims`` parameter, or as Unilogin's services do by ``openid`` alone.

Asking never widens what an agreement allows; it narrows it. A service that says nothing but ``openid`` gets everything
that is agreed, in the ID Token and at userinfo, for that is what today's services expect. One that speaks of standard
claims gets of these what it names and where it names it: those of a scope at userinfo (OpenID Connect Core 5.4), those of
the ``claims`` parameter where that says (5.5). Unilogin's own claims belong to no scope and come in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal

from policies.attribute_release import KNOWN_CLAIMS

SCOPE_CLAIMS: Final[Mapping[str, frozenset[str]]] = {
    "profile": frozenset({"name", "given_name", "family_name", "birthdate"}),
    "email": frozenset({"email"}),
}
"""Scope -> the claims of it that we know (OpenID Connect Core 5.4). We know no postal addresses and no telephones."""

_STANDARD: Final = frozenset().union(*SCOPE_CLAIMS.values())
_OWN: Final = KNOWN_CLAIMS - _STANDARD

CONSENTED: Final = "consented"
"""The member, beside those of the ``claims`` parameter, under which a grant keeps what its person has allowed."""

Where = Literal["userinfo", "id_token"]


def requested_claims(
    scope: Collection[str],
    claims_request: Mapping[str, Any],
    where: Where,
    *,
    token_scope: Collection[str] | None = None,
) -> frozenset[str] | None:
    """Return the names of the claims asked for at userinfo or in the ID Token; None for all that are agreed.

    ``scope`` is what was granted. ``token_scope`` is that of an access token which was refreshed with less: it takes the
    claims of a scope away, and never gives more than the grant, not even by being ``openid`` alone. What a person has
    consented to (:data:`CONSENTED`) bounds all of it.
    """
    asked, consented = _asked(scope, claims_request, where, token_scope), claims_request.get(CONSENTED)
    if not isinstance(consented, list):
        return asked
    return frozenset(consented) if asked is None else asked & frozenset(consented)


def requested_anywhere(scope: Collection[str], claims_request: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the names of the claims that are asked for in either place; None for all."""
    places = [requested_claims(scope, claims_request, "userinfo"), requested_claims(scope, claims_request, "id_token")]
    asked = [place for place in places if place is not None]
    return frozenset().union(*asked) if len(asked) == len(places) else None


def _asked(
    scope: Collection[str], claims_request: Mapping[str, Any], where: Where, token_scope: Collection[str] | None
) -> frozenset[str] | None:
    named = {place: _named(claims_request, place) for place in ("userinfo", "id_token")}
    if not _of_scopes(scope) and not _STANDARD & (named["userinfo"] | named["id_token"]):
        return None
    by_scope = _of_scopes(scope if token_scope is None else token_scope)
    return _OWN | named[where] | (by_scope if where == "userinfo" else frozenset())


def _of_scopes(scope: Collection[str]) -> frozenset[str]:
    return frozenset().union(*(SCOPE_CLAIMS.get(name, frozenset()) for name in scope))


def _named(claims_request: Mapping[str, Any], where: str) -> frozenset[str]:
    members = claims_request.get(where)
    return frozenset(members) if isinstance(members, Mapping) else frozenset()
