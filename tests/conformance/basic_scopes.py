"""The Basic plan, second part: the standard scopes and what they ask for (OpenID Connect Core 5.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tests.conformance.registry import Module, module
from tests.conformance.verdict import NotOffered, expect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.run import Run

TEXTS: Final = {
    "sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
    "website", "email", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
}  # fmt: skip
_KNOWN: Final[Mapping[str, set[str]]] = {
    "profile": {"name", "given_name", "family_name"},
    "email": {"email"},
    "address": {"address"},
    "phone": {"phone_number"},
}
"""Scope -> the claims that we have about anybody. Others are left out where they are not known (5.3.2)."""
_BIRTHDATE: Final = re.compile(r"(\d{4}|0000)(-\d\d-\d\d)?")


@module("oidcc-scope-profile")
def scope_profile(run: Run) -> None:
    _scopes(run, "profile")


@module("oidcc-scope-email")
def scope_email(run: Run) -> None:
    _scopes(run, "email")


@module("oidcc-scope-address")
def scope_address(run: Run) -> None:
    _scopes(run, "address")


@module("oidcc-scope-phone")
def scope_phone(run: Run) -> None:
    _scopes(run, "phone")


@module("oidcc-scope-all")
def scope_all(run: Run) -> None:
    _scopes(run, "profile", "email", "address", "phone")


@module("oidcc-alternate-happy-flow")
def alternate_happy_flow(run: Run) -> None:
    """Scopes and parameters in another order than usual."""
    party, visitor = run.party("scopes"), run.visitor()
    asked = run.ask(party)
    backwards = {**asked.parameters, "scope": " ".join(reversed(party.scope.split(" ")))}
    page = visitor.arrive(visitor.open(party.address(dict(reversed(backwards.items())))))
    tokens = party.redeem(asked, party.code(asked, page))
    well_formed(party.told(party.userinfo(tokens.access), tokens))


def _scopes(run: Run, *scopes: str) -> None:
    missing = [scope for scope in scopes if scope not in run.discovery.get("scopes_supported", ())]
    if missing:
        raise NotOffered(
            f"scopes_supported does not list {', '.join(missing)}: {', '.join(_WHY[one] for one in missing)}"
        )
    party = run.party("scopes")
    tokens = run.log_in(party, run.visitor(), scope=" ".join(("openid", *scopes)))
    claims = party.told(party.userinfo(tokens.access), tokens)
    well_formed(claims)
    wanted = set().union(*(_KNOWN[scope] for scope in scopes))
    run.warn(f"userinfo has no {', '.join(sorted(wanted - claims.keys()))}", unless=wanted <= claims.keys())


_WHY: Final = {
    "profile": "an agreement decides what a service is told, not what it asks for",
    "email": "an agreement decides what a service is told, not what it asks for",
    "address": "nobody's postal address is known",
    "phone": "nobody's telephone number is known",
}


def well_formed(claims: Mapping[str, Any]) -> None:
    """The standard claims have the types of OpenID Connect Core 5.1."""
    for name in TEXTS & claims.keys():
        expect(isinstance(claims[name], str) and claims[name], f"{name} is {claims[name]!r}")
    for name in {"email_verified", "phone_number_verified"} & claims.keys():
        expect(isinstance(claims[name], bool), f"{name} is {claims[name]!r}")
    expect("birthdate" not in claims or _BIRTHDATE.fullmatch(claims["birthdate"]), "birthdate is no date")
    updated = claims.get("updated_at", 1)
    expect(isinstance(updated, int) and 0 < updated < 10**10, f"updated_at is {updated!r}")
    expect(isinstance(claims.get("address", {}), dict), "address is no object")


SCOPES: Final[tuple[Module, ...]] = (
    scope_profile,
    scope_email,
    scope_address,
    scope_phone,
    scope_all,
    alternate_happy_flow,
)
