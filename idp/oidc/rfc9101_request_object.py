"""A request as a signed object (RFC 9101, OpenID Connect Core 6): ``request``, by value alone.

Only what stands inside counts (6.3); outside, ``client_id`` finds the keys. Whoever signs nothing is told that unsigned
objects are not supported, and so is a client that has no keys. A ``request_uri`` is never fetched: the only ones we take
are our own (RFC 9126).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.oidc.parameters import Fault, Parameters, first_broken, nothing_twice
from idp.oidc.rfc7523_client_assertion import SKEW, is_moment
from idp.outside.client_jose import CLIENT_ALGORITHMS
from idp.outside.jose import BadToken, header_of
from idp.usecases.client_keys import claims_of
from idp.usecases.client_metadata_rules import FAPI_2_ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.usecases.services import Client
    from idp.usecases.system import System

LONGEST_LIFE: Final = 3600
"""Seconds from now to ``exp``, and back to ``nbf``, at most (FAPI 2.0 Message Signing 5.3.1)."""
TYPES: Final = frozenset({None, "oauth-authz-req+jwt", "application/oauth-authz-req+jwt", "JWT", "jwt"})
"""Explicit (RFC 9101 10.8), or as libraries write it by themselves; never another kind of JWT, such as an assertion."""

_TEXTS: Final = (
    "client_id", "response_type", "response_mode", "redirect_uri", "scope", "state", "nonce", "prompt", "display",
    "acr_values", "ui_locales", "claims_locales", "login_hint", "id_token_hint", "code_challenge",
    "code_challenge_method", "dpop_jkt", "registration", "skolepas_task",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What the client has signed, and what stands outside."""

    claims: Mapping[str, Any]
    outside: Parameters
    client: Client
    issuer: str
    now: float


def opened(system: System, client: Client, outside: Parameters) -> Parameters | Fault:
    """Return the parameters inside ``request``. Not inside a unit of work: the client's keys may be fetched."""
    token, twice = outside["request"], nothing_twice(outside)
    if twice is not None or token is None:
        return twice or Fault("invalid_request", "request is missing.", "request")
    if client.jwks is None and client.jwks_uri is None:
        return Fault("request_not_supported", "The client registered no keys to sign a request with.", "request")
    try:
        if header_of(token).get("alg") == "none":
            return Fault("request_not_supported", "Unsigned requests are not supported.", "request")
        claims = claims_of(system, client, token, algorithms=_algorithms(client), typ=TYPES)
    except BadToken as bad:
        return _wrong(f"does not verify ({bad})")
    asked = Signed(
        claims=claims,
        outside=outside,
        client=client,
        issuer=system.settings.site.issuer,
        now=system.now().timestamp(),
    )
    wrong = first_broken(CHECKS, asked)
    return _wrong(wrong) if wrong is not None else Parameters(_values(claims))


def _is_for_this_client(asked: Signed) -> str | None:
    fine = asked.claims.get("client_id") == asked.client.client_id
    return None if fine else "must hold the same client_id as the request outside"


def _is_from_this_client(asked: Signed) -> str | None:
    fine = asked.claims.get("iss") in (None, asked.client.client_id)  # a set could not be asked for a list
    return None if fine else "has another iss than the client_id"


def _is_no_assertion(asked: Signed) -> str | None:
    # RFC 9101 10.8: with the client as its subject it could be taken for a client assertion.
    return "must not have the client_id as its sub" if asked.claims.get("sub") == asked.client.client_id else None


def _is_for_us(asked: Signed) -> str | None:
    audience = asked.claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return None if asked.issuer in named else f"must hold {asked.issuer} in aud"


def _is_in_time(asked: Signed) -> str | None:
    ends, begins = asked.claims.get("exp"), asked.claims.get("nbf")
    if ends is None:
        return "has no exp" if asked.client.fapi or asked.client.requires_signed_request else None
    if not is_moment(ends) or ends <= asked.now - SKEW:
        return "has expired (exp)"
    if ends > asked.now + LONGEST_LIFE + SKEW:
        return f"may hold for {LONGEST_LIFE} seconds at most (exp)"
    if begins is not None and not (is_moment(begins) and abs(begins - asked.now) <= LONGEST_LIFE + SKEW):
        return f"is from another time (nbf): {LONGEST_LIFE} seconds at most"
    return None


def _has_begun(asked: Signed) -> str | None:
    for name in ("nbf", "iat"):
        moment = asked.claims.get(name)
        if moment is not None and not (is_moment(moment) and moment <= asked.now + SKEW):
            return f"is from the future ({name})"
    return None


def _is_the_innermost(asked: Signed) -> str | None:
    inside = {"request", "request_uri"} & set(asked.claims)
    return "must not hold request or request_uri" if inside else None


def _agrees_on_the_answer(asked: Signed) -> str | None:
    fine = asked.outside["response_type"] in (None, asked.claims.get("response_type"))
    return None if fine else "has another response_type than the request outside"


def _can_be_read(asked: Signed) -> str | None:
    for name in _TEXTS:
        value = asked.claims.get(name, "")
        if not isinstance(value, str) or not value.isprintable():
            return f"has a {name} that is no text"
    age, wanted = asked.claims.get("max_age", 0), asked.claims.get("claims", {})
    if isinstance(age, bool) or not (isinstance(age, int) or (isinstance(age, str) and age.isprintable())):
        return "has a max_age that is no number"
    if not isinstance(wanted, dict) and not (isinstance(wanted, str) and wanted.isprintable()):
        return "has claims that are no object"
    try:
        json.dumps(wanted)
    except RecursionError:  # brackets within brackets, hundreds deep
        return "has claims that nobody can read"
    return None


CHECKS: Final[tuple[Callable[[Signed], str | None], ...]] = (
    _is_for_this_client,
    _is_from_this_client,
    _is_no_assertion,
    _is_for_us,
    _is_in_time,
    _has_begun,
    _is_the_innermost,
    _agrees_on_the_answer,
    _can_be_read,
)


def _values(claims: Mapping[str, Any]) -> dict[str, str]:
    values = {name: claims[name] for name in _TEXTS if claims.get(name)}
    if "max_age" in claims:
        values["max_age"] = str(claims["max_age"])
    if "claims" in claims:
        wanted = claims["claims"]
        values["claims"] = wanted if isinstance(wanted, str) else json.dumps(wanted)
    return values


def _algorithms(client: Client) -> tuple[str, ...]:
    if client.request_object_alg is not None:
        return (client.request_object_alg,)
    return FAPI_2_ALGORITHMS if client.fapi else CLIENT_ALGORITHMS


def _wrong(what: str) -> Fault:
    return Fault("invalid_request_object", f"The request object {what}.", "request")
