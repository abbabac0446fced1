"""A code for an access token and an ID Token (RFC 6749 4.1.3, OpenID Connect Core 3.1.3).

One look-up finds client, code and facts; the checks below are its order; then the code is burned by one update. A code
that comes twice revokes everything it ever gave (RFC 6749 4.1.2, 10.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.oidc.core_2_id_token import id_token
from idp.oidc.grant_types import GrantType, TokenAnswer, TokenRequest
from idp.oidc.parameters import Fault, Parameters, first_broken
from idp.oidc.rfc6749_5_1_success import success
from idp.oidc.rfc7636_pkce import wrong_verifier
from idp.oidc.rfc9068_access_token import new_access_token
from idp.usecases import grants, refresh
from idp.usecases.grants import Presented
from idp.usecases.signing_keys import key_ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from idp.usecases.grants import Granted
    from idp.usecases.system import System

Redemption = TokenRequest[Presented]


def _code_is_there(asked: Redemption) -> Fault | None:
    if asked.parameters["code"] is None:
        return Fault("invalid_request", "code is missing.", "code")
    return None


def _code_is_this_clients(asked: Redemption) -> Fault | None:
    granted = asked.found.granted
    if granted is None or granted.service_id != asked.client.id:
        return Fault("invalid_grant", "The code is not one of this client's.", "code")
    return None


def _code_is_fresh(asked: Redemption) -> Fault | None:
    granted = asked.found.granted
    if granted is None or granted.code_expires_at is None or granted.code_expires_at <= asked.system.now():
        return Fault("invalid_grant", "The code has expired.", "code")
    return None


def _redirect_uri_is_the_same(asked: Redemption) -> Fault | None:
    granted = asked.found.granted
    if granted is not None and granted.redirect_uri is None:  # a device code, which has a grant type of its own
        return Fault("invalid_grant", "The code was not given through a browser.", "grant_type")
    if granted is None or asked.parameters["redirect_uri"] != granted.redirect_uri:
        return Fault("invalid_grant", "redirect_uri is another than in the authorization request.", "redirect_uri")
    return None


def _redirect_uri_is_still_registered(asked: Redemption) -> Fault | None:
    """A registration can have changed since, for instance because an address got into wrong hands."""
    granted = asked.found.granted
    if granted is None or granted.redirect_uri not in asked.client.redirect_uris:
        return Fault("invalid_grant", "redirect_uri is not registered any more.", "redirect_uri")
    return None


def _verifier_fits(asked: Redemption) -> Fault | None:
    challenge = asked.found.granted.code_challenge if asked.found.granted else None
    return wrong_verifier(asked.parameters["code_verifier"], challenge)


def _key_is_the_same(asked: Redemption) -> Fault | None:
    """A code may be bound to a key from the start (RFC 9449 10)."""
    bound = asked.found.granted.dpop_jkt if asked.found.granted else None
    if bound is not None and asked.jkt != bound:
        return Fault("invalid_grant", "The code is bound to another DPoP key.", "DPoP")
    return None


def login_still_holds(asked: Redemption, parameter: str = "code") -> Fault | None:
    """Look at what lies behind the grant: session, person, attachment (:mod:`idp.usecases.grants`)."""
    granted = asked.found.granted
    if granted is None or not granted.lives or granted.session_over:
        return Fault("invalid_grant", "The login behind the code has ended.", parameter)
    return None


CHECKS: Final[tuple[Callable[[Redemption], Fault | None], ...]] = (
    _code_is_there,
    _code_is_this_clients,
)
"""Whose code it is."""

CODE_CHECKS: Final[tuple[Callable[[Redemption], Fault | None], ...]] = (
    _code_is_fresh,
    _redirect_uri_is_the_same,
    _redirect_uri_is_still_registered,
    _verifier_fits,
    _key_is_the_same,
    login_still_holds,
)
"""Whether the code is good; asked after it has been looked at whether it comes a second time."""


def _find(db: Session, system: System, client_id: str, parameters: Parameters) -> Presented | None:
    return grants.find_code(db, system, client_id=client_id, code=parameters["code"] or "")


def _redeemed(asked: Redemption) -> TokenAnswer:
    fault = first_broken(CHECKS, asked)
    granted = asked.found.granted
    if fault is not None or granted is None:
        return fault or Fault("invalid_grant", "The code is not one of this client's.", "code")
    if granted.code_used:
        return used_twice(asked, granted)
    return first_broken(CODE_CHECKS, asked) or tokens(asked, granted)


def tokens(asked: Redemption, granted: Granted, parameter: str = "code") -> TokenAnswer:
    """Burn the code and give the tokens that it stands for; the last step, after every check."""
    db, system, jkt = asked.db, asked.system, asked.jkt
    keys = key_ring(db, system, version=asked.found.keys_version or 0)
    access_token = new_access_token(system, granted, keys, scope=granted.scope, jkt=jkt)
    refreshes = refresh.is_given_to(asked.client)
    if not grants.redeem(db, system, granted, access_token, jkt=jkt, refreshes=refreshes):
        return used_twice(asked, granted, parameter)
    until = grants.refreshes_until(system, granted)
    refresh_token = refresh.first_refresh_token(db, system, granted, until=until) if refreshes else None
    return success(
        system,
        access_token=access_token,
        refresh_token=refresh_token,
        scope=granted.scope,
        jkt=jkt,
        id_token=id_token(system, granted, keys, access_token=access_token, nonce=granted.nonce),
    )


def used_twice(asked: Redemption, granted: Granted, parameter: str = "code") -> Fault:
    """Revoke everything that a code ever gave, for it comes a second time."""
    grants.revoke(asked.db, asked.system, granted, why="code used twice")
    return Fault("invalid_grant", "The code has been used before; all that it gave is revoked.", parameter)


AUTHORIZATION_CODE: Final = GrantType(_find, _redeemed)
