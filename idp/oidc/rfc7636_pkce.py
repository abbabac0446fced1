"""Proof Key for Code Exchange (RFC 7636), with S256 alone.

Every client uses it unless its registration says otherwise, and a public client always. Who sends no challenge may send
no verifier, and the other way round, so that nobody is talked down to less (RFC 9700 4.8.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idp.oidc.parameters import Fault
from idp.outside.sealing import same

if TYPE_CHECKING:
    from idp.oidc.parameters import Parameters
    from idp.usecases.services import Client

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


def wrong_challenge(parameters: Parameters, client: Client) -> Fault | None:
    """Check ``code_challenge`` and ``code_challenge_method`` of an authorization request (4.3, 4.4.1)."""
    challenge, method = parameters["code_challenge"], parameters["code_challenge_method"]
    if challenge is None:
        if method is not None or client.requires_pkce:
            return Fault("invalid_request", "code_challenge is missing: PKCE is required.", "code_challenge")
        return None
    if method != "S256":
        # Left out it means plain (4.3), which protects nobody who can read the request.
        return Fault("invalid_request", "code_challenge_method must be S256.", "code_challenge_method")
    if _CHALLENGE.fullmatch(challenge) is None:
        return Fault("invalid_request", "code_challenge must be 43 characters of base64url.", "code_challenge")
    return None


def wrong_verifier(verifier: str | None, challenge: str | None) -> Fault | None:
    """Check ``code_verifier`` of a token request against the challenge that the code was asked for with (4.6)."""
    if challenge is None:
        if verifier is None:
            return None
        return Fault("invalid_grant", "The code was asked for without code_challenge.", "code_verifier")
    if verifier is None:
        return Fault("invalid_grant", "code_verifier is missing.", "code_verifier")
    if _VERIFIER.fullmatch(verifier) is None:
        return Fault("invalid_grant", "code_verifier must be 43 to 128 unreserved characters.", "code_verifier")
    shown: str = create_s256_code_challenge(verifier)  # type: ignore[no-untyped-call]
    if not same(shown.encode(), challenge.encode()):
        return Fault("invalid_grant", "code_verifier does not fit the code_challenge.", "code_verifier")
    return None
