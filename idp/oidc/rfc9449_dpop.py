"""Tokens that are of use to one key alone, DPoP (RFC 9449).

A proof is read and verified before anything is looked up (:func:`read_proof`); that its number is new is looked at in the
request's own transaction (:func:`not_the_first`). A proof must carry a nonce of ours (8): it is a moment under a MAC, kept
nowhere, and makes proofs worthless that somebody had made in advance.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import request

from idp.oidc.parameters import Fault, first_broken
from idp.oidc.rfc7523_client_assertion import LONGEST_JTI, is_jti, is_moment
from idp.outside.client_jose import proven
from idp.outside.jose import BadToken
from idp.outside.sealing import keyed_digest, same
from idp.usecases.client_metadata_rules import FAPI_2_ALGORITHMS
from idp.usecases.presented_jwts import is_keys_first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System

HEADER: Final = "DPoP"
NONCE_HEADER: Final = "DPoP-Nonce"
WINDOW: Final = 60
"""Seconds by which ``iat`` may lie before or after our time (11.1)."""
_MAC_BYTES: Final = 16
_TIME_BYTES: Final = 8
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ProvenKey:
    """A key whose holder sent this request; ``jkt`` is its thumbprint (6)."""

    jkt: str
    alg: str
    jti: str
    issued_at: int


@dataclass(frozen=True, kw_only=True, repr=False)
class Shown:
    """What a proof says, and what it must say."""

    system: System
    claims: Mapping[str, Any]
    method: str
    address: str
    access_token: str | None

    def __repr__(self) -> str:
        """Never show the token."""
        return "Shown(***)"


def _method_is_this(shown: Shown) -> str | None:
    return None if shown.claims.get("htm") == shown.method else f"htm must be {shown.method}"


def _address_is_this(shown: Shown) -> str | None:
    named = shown.claims.get("htu")
    fine = isinstance(named, str) and _normal(named) == _normal(shown.address)
    return None if fine else f"htu must be {shown.address}"


def _moment_is_now(shown: Shown) -> str | None:
    issued = shown.claims.get("iat")
    if not is_moment(issued):
        return "iat is missing, or no number"
    if abs(shown.system.now().timestamp() - issued) <= WINDOW:
        return None
    return f"iat must be at most {WINDOW} seconds away"


def _has_a_number(shown: Shown) -> str | None:
    jti = shown.claims.get("jti")
    return None if is_jti(jti) else f"jti must be a text of 1 to {LONGEST_JTI} characters"


def _token_is_this(shown: Shown) -> str | None:
    if shown.access_token is None:
        return None
    digest = hashlib.sha256(shown.access_token.encode()).digest()
    return None if shown.claims.get("ath") == _encoded(digest) else "ath is not the hash of the access token"


CHECKS: Final[tuple[Callable[[Shown], str | None], ...]] = (
    _method_is_this,
    _address_is_this,
    _moment_is_now,
    _has_a_number,
    _token_is_this,
)
"""4.3, after the signature; the nonce comes last, for what else is wrong a new one would not mend."""


def read_proof(system: System, *, access_token: str | None = None) -> ProvenKey | Fault | None:
    """Return the key behind the proof of this request, what is wrong with it, or None when there is no proof.

    ``access_token`` is what the request carries at a resource.
    """
    headers = request.headers.getlist(HEADER)
    if not headers:
        return None
    try:
        (header,) = headers
        proof = proven(header, typ="dpop+jwt")
    except ValueError:
        return _refused("the header comes more than once")
    except BadToken as bad:
        return _refused(f"the proof does not verify ({bad})")
    shown = Shown(
        system=system,
        claims=proof.claims,
        method=request.method,
        address=f"{system.settings.site.issuer}{request.path}",
        access_token=access_token,
    )
    wrong = first_broken(CHECKS, shown)
    if wrong is not None:
        return _refused(wrong)
    if system.settings.oidc.dpop_nonce_seconds and not _is_fresh(system, proof.claims.get("nonce")):
        return Fault("use_dpop_nonce", f"The proof must carry the nonce of {NONCE_HEADER}.", HEADER)
    return ProvenKey(jkt=proof.jkt, alg=proof.alg, jti=proof.claims["jti"], issued_at=int(proof.claims["iat"]))


def not_for_client(client: Client, key: ProvenKey | None) -> Fault | None:
    """Check what a client registered of itself: that it always brings a proof (5.2), or keeps to FAPI 2.0 (5.4.1)."""
    if key is None:
        wrong = "the client registered dpop_bound_access_tokens, so a proof is needed"
        return _refused(wrong) if client.dpop_bound else None
    if client.fapi and key.alg not in FAPI_2_ALGORITHMS:
        return _refused(f"the client registered FAPI 2.0, so alg must be {' or '.join(FAPI_2_ALGORITHMS)}")
    return None


def not_the_first(db: Session, key: ProvenKey) -> Fault | None:
    """Refuse a proof whose number the key has used before (11.1). One statement."""
    until = datetime.fromtimestamp(key.issued_at + WINDOW + 1, UTC)
    return None if is_keys_first(db, key.jkt, key.jti, until) else _refused("jti has been used before")


def with_nonce(system: System, response: Response, *, demanded: bool = False) -> Response:
    """Give whoever sent a proof, or must send one, the nonce of the next (8.2)."""
    if system.settings.oidc.dpop_nonce_seconds and (demanded or HEADER in request.headers):
        response.headers[NONCE_HEADER] = new_nonce(system)
    return response


def new_nonce(system: System) -> str:
    """Return a nonce that is good for some minutes: our time and a MAC over it."""
    moment = int(system.now().timestamp()).to_bytes(_TIME_BYTES, "big")
    return _encoded(moment + _mac(system.keyring.tokens.current, moment))


def _is_fresh(system: System, nonce: object) -> bool:
    try:
        raw = base64.b64decode(nonce + "==", altchars=b"-_", validate=True) if isinstance(nonce, str) else b""
    except (ValueError, binascii.Error):
        return False
    moment, mac = raw[:_TIME_BYTES], raw[_TIME_BYTES:]
    made_here = [same(mac, _mac(key, moment)) for key in system.keyring.tokens.keys.values()]
    age = system.now().timestamp() - int.from_bytes(moment, "big")
    return any(made_here) and age <= system.settings.oidc.dpop_nonce_seconds


def _mac(key: bytes, moment: bytes) -> bytes:
    return keyed_digest(key, "dpop-nonce", moment)[:_MAC_BYTES]


def _normal(address: str) -> tuple[str, str | None, int | None, str] | None:
    """Return the parts of an address that count (4.3): no query, no fragment, and a port that goes without saying."""
    try:
        parts = urlsplit(address)
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, parts.hostname, port, parts.path


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refused(wrong: str) -> Fault:
    return Fault("invalid_dpop_proof", f"DPoP: {wrong}.", HEADER)
