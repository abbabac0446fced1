"""The userinfo endpoint (OpenID Connect Core 5.3): the claims that the agreement lets leave, as of this moment.

A token that is bound to a key is taken with a proof of that key and in no other way (RFC 9449 7.1, 7.2): shown as a plain
bearer token it may have been stolen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify

from idp.oidc.core_2_id_token import released_claims
from idp.oidc.parameters import Fault
from idp.oidc.refusals import note_refusal
from idp.oidc.rfc6750_bearer import Carried, carried_token, refused
from idp.oidc.rfc9449_dpop import ProvenKey, not_the_first, read_proof, with_nonce
from idp.usecases.grants import find_token
from idp.usecases.signing_keys import key_ring
from idp.web.site import site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.grants import ShownToken
    from idp.usecases.system import System

_UNKNOWN = Fault("invalid_token", "The access token has expired, was revoked, or never was.", "access_token")


def userinfo() -> Response:
    """Answer GET and POST. A token dies at once with its session, person, service, attachment or grant. One statement."""
    shown = carried_token()
    if isinstance(shown, Fault):
        return refused(shown)
    system = site().system
    key = read_proof(system, access_token=shown.token) if shown.with_key else None
    # A proof counts once, so the one that comes with a token is written down.
    unit = system.database.writing if isinstance(key, ProvenKey) else system.database.reading
    with unit() as db:
        answer = key if isinstance(key, Fault) else _told(db, system, shown, key)
    if isinstance(answer, Fault):
        response = refused(answer, with_key=shown.with_key)
        return with_nonce(system, response, demanded=shown.with_key)
    answer.headers["Cache-Control"] = "no-store"
    return with_nonce(system, answer)


def _told(db: Session, system: System, shown: Carried, key: ProvenKey | None) -> Response | Fault:
    token = find_token(db, system, shown.token)
    if token is None:
        return _UNKNOWN
    fault = _not_the_holder(db, shown, token, key) or _not_for_this(token)
    if fault is not None:
        note_refusal(fault, token.granted.client.client_id)
        return fault
    claims = dict(released_claims(system, token.granted, token.scope, "userinfo"))
    return _answered(db, system, token, claims)


def _not_for_this(token: ShownToken) -> Fault | None:
    if "openid" in token.scope.split():
        return None
    return Fault("insufficient_scope", "The access token is not for openid.", "scope")


def _not_the_holder(db: Session, shown: Carried, token: ShownToken, key: ProvenKey | None) -> Fault | None:
    if token.jkt is None:
        return (
            Fault("invalid_token", "The access token is not bound to a key: it is a Bearer token.", "access_token")
            if shown.with_key
            else None
        )
    if not shown.with_key:
        return Fault(
            "invalid_token", "The access token is bound to a key: it needs the scheme DPoP and a proof.", "access_token"
        )
    if key is None:
        return Fault("invalid_dpop_proof", "DPoP: the proof is missing.", "DPoP")
    if key.jkt != token.jkt:
        return Fault("invalid_token", "The access token is bound to another key.", "access_token")
    return not_the_first(db, key)


def _answered(db: Session, system: System, token: ShownToken, claims: dict[str, Any]) -> Response:
    """Return JSON, or the same signed where the client registered that (5.3.2)."""
    client = token.granted.client
    if client.userinfo_alg is None:
        return jsonify(claims)
    signed = {**claims, "iss": system.settings.site.issuer, "aud": client.client_id}
    return Response(key_ring(db, system).signers[client.userinfo_alg].sign(signed), mimetype="application/jwt")
