"""A client that proves who it is with its own key, ``private_key_jwt`` (RFC 7523 2.2 and 3, OpenID Connect Core 9).

The assertion is for us alone (decision 19), holds for minutes, and counts once. It is verified outside any unit of work,
because the client's keys may have to be fetched; that its number is new is looked at inside, in the request's own
transaction.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from idp.oidc.parameters import Fault, first_broken
from idp.outside.client_jose import CLIENT_ALGORITHMS
from idp.outside.jose import LONGEST_TOKEN, BadToken
from idp.usecases.client_keys import claims_of
from idp.usecases.client_metadata_rules import FAPI_2_ALGORITHMS
from idp.usecases.presented_jwts import is_clients_first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System

JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE: Final = 300
"""Seconds from now to ``exp`` at most: so long we remember each ``jti``."""
SKEW: Final = 30
"""Seconds by which a client's clock may differ from ours."""
LONGEST_JTI: Final = 255
_TYPES: Final = frozenset({None, "JWT", "jwt", "client-authentication+jwt"})


@dataclass(frozen=True, kw_only=True)
class Asserted:
    """What an assertion says that the client's key has signed."""

    client: Client
    claims: Mapping[str, Any]
    issuer: str
    now: float


def _issuer_is_the_client(asked: Asserted) -> str | None:
    fine = asked.claims.get("iss") == asked.claims.get("sub") == asked.client.client_id
    return None if fine else "iss and sub must both be the client_id"


def _audience_is_ours(asked: Asserted) -> str | None:
    ours = {asked.issuer} if asked.client.fapi else {asked.issuer, f"{asked.issuer}/oidc/token"}
    audience = asked.claims.get("aud")
    if isinstance(audience, str) and audience in ours:
        return None
    return f"aud must be one string: {' or '.join(sorted(ours))}"


def _ends_soon(asked: Asserted) -> str | None:
    ends = asked.claims.get("exp")
    if not is_moment(ends):
        return "exp is missing, or no number"
    if ends <= asked.now - SKEW:
        return "it has expired (exp)"
    return None if ends <= asked.now + LONGEST_LIFE + SKEW else f"exp must be at most {LONGEST_LIFE} seconds ahead"


def _has_begun(asked: Asserted) -> str | None:
    for name in ("iat", "nbf"):
        moment = asked.claims.get(name)
        if moment is None:
            continue
        if not is_moment(moment) or moment > asked.now + SKEW:
            return f"{name} must be a moment that has come"
    issued = asked.claims.get("iat")
    if issued is not None and issued < asked.now - LONGEST_LIFE - SKEW:
        return f"it was issued more than {LONGEST_LIFE} seconds ago (iat)"
    return None


def _has_a_number(asked: Asserted) -> str | None:
    jti = asked.claims.get("jti")
    return None if is_jti(jti) else f"jti must be a text of 1 to {LONGEST_JTI} characters"


CHECKS: Final[tuple[Callable[[Asserted], str | None], ...]] = (
    _issuer_is_the_client,
    _audience_is_ours,
    _ends_soon,
    _has_begun,
    _has_a_number,
)


def named_client(assertion: str) -> str | None:
    """Return the client that an assertion names, unverified, so that its keys can be looked up (RFC 7521 4.2)."""
    segments = assertion.split(".") if len(assertion) <= LONGEST_TOKEN else []
    try:
        _, second, _ = segments
        claims = json.loads(base64.urlsafe_b64decode(second + "=" * (-len(second) % 4)))
    except (ValueError, RecursionError):
        return None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) and subject and subject.isprintable() else None


def verified_claims(system: System, client: Client, assertion: str) -> Mapping[str, Any] | Fault:
    """Return the claims of an assertion that is good but for its number. Not inside a unit of work: keys may be fetched."""
    try:
        claims = claims_of(system, client, assertion, algorithms=_algorithms(client), typ=_TYPES)
    except BadToken as bad:
        return _refused(f"it does not verify ({bad})")
    asked = Asserted(client=client, claims=claims, issuer=system.settings.site.issuer, now=system.now().timestamp())
    wrong = first_broken(CHECKS, asked)
    return claims if wrong is None else _refused(wrong)


def not_the_first(db: Session, client: Client, claims: Mapping[str, Any]) -> Fault | None:
    """Refuse an assertion whose number the client has used before. One statement."""
    until = datetime.fromtimestamp(claims["exp"] + SKEW, UTC)
    return None if is_clients_first(db, client, claims["jti"], until) else _refused("jti has been used before")


def _algorithms(client: Client) -> tuple[str, ...]:
    if client.auth_signing_alg is not None:
        return (client.auth_signing_alg,)
    return FAPI_2_ALGORITHMS if client.fapi else CLIENT_ALGORITHMS


def is_moment(value: object) -> TypeGuard[int | float]:
    """Whether a claim is a NumericDate (RFC 7519 2) that can be reckoned with; JSON can say numbers that no float holds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e11  # noqa: PLR2004 (not in this millennium)


def is_jti(value: object) -> TypeGuard[str]:
    """Whether a claim will do as the number by which we remember a token; half a surrogate, say, cannot be written down."""
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_JTI and value.isprintable()


def _refused(wrong: str) -> Fault:
    return Fault("invalid_client", f"client_assertion: {wrong}.", "client_assertion")
