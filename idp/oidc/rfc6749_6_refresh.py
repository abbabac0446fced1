"""A refresh token for new tokens (RFC 6749 6, OpenID Connect Core 12, RFC 9700 4.14.2).

One look-up finds client, token, grant and facts as they are now. A token that comes a second time, whoever sends it,
revokes its family: either the sender or who came first is a thief, and we cannot tell which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.oidc.core_2_id_token import id_token
from idp.oidc.grant_types import GrantType, TokenAnswer, TokenRequest
from idp.oidc.parameters import Fault, Parameters, first_broken
from idp.oidc.rfc6749_5_1_success import success
from idp.oidc.rfc9068_access_token import new_access_token
from idp.usecases import grants, refresh
from idp.usecases.refresh import PresentedRefresh
from idp.usecases.signing_keys import key_ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from idp.usecases.grants import Granted
    from idp.usecases.system import System

Refresh = TokenRequest[PresentedRefresh]


def _token_is_there(asked: Refresh) -> Fault | None:
    if asked.parameters["refresh_token"] is None:
        return Fault("invalid_request", "refresh_token is missing.", "refresh_token")
    return None


def _token_is_this_clients(asked: Refresh) -> Fault | None:
    granted = asked.found.granted
    if granted is None or granted.service_id != asked.client.id:
        return Fault("invalid_grant", "The refresh token is not one of this client's.", "refresh_token")
    return None


def _token_is_fresh(asked: Refresh) -> Fault | None:
    expires_at = asked.found.expires_at
    if asked.found.revoked or expires_at is None or expires_at <= asked.system.now():
        return Fault("invalid_grant", "The refresh token has expired, or was revoked.", "refresh_token")
    return None


def _reason_still_holds(asked: Refresh) -> Fault | None:
    granted = asked.found.granted
    if granted is None or not granted.lives:
        return Fault("invalid_grant", "The login behind the refresh token has ended.", "refresh_token")
    return None


def _key_is_the_same(asked: Refresh) -> Fault | None:
    """A public client's refresh tokens are bound to its key (RFC 9449 5)."""
    bound = asked.found.granted.dpop_jkt if asked.found.granted and asked.client.is_public else None
    if bound is not None and asked.jkt != bound:
        return Fault("invalid_grant", "The refresh token is bound to another DPoP key.", "DPoP")
    return None


def _scope_is_no_wider(asked: Refresh) -> Fault | None:
    if set(asked.parameters.words("scope")) <= set(asked.found.scope.split()):
        return None
    return Fault("invalid_scope", "scope may not be wider than what was granted.", "scope")


CHECKS: Final[tuple[Callable[[Refresh], Fault | None], ...]] = (
    _token_is_there,
    _token_is_this_clients,
)
"""Whose token it is."""

TOKEN_CHECKS: Final[tuple[Callable[[Refresh], Fault | None], ...]] = (
    _token_is_fresh,
    _reason_still_holds,
    _key_is_the_same,
    _scope_is_no_wider,
)
"""Whether the token is good; asked after it has been looked at whether it comes a second time."""


def _find(db: Session, system: System, client_id: str, parameters: Parameters) -> PresentedRefresh | None:
    return refresh.find_refresh(db, system, client_id=client_id, token=parameters["refresh_token"] or "")


def _refreshed(asked: Refresh) -> TokenAnswer:
    fault = first_broken(CHECKS, asked)
    granted = asked.found.granted
    if fault is not None or granted is None:
        return fault or Fault("invalid_grant", "The refresh token is not one of this client's.", "refresh_token")
    if asked.found.used:
        return _used_twice(asked, granted)
    return first_broken(TOKEN_CHECKS, asked) or _tokens(asked, granted)


def _tokens(asked: Refresh, granted: Granted) -> TokenAnswer:
    db, system, shown, jkt = asked.db, asked.system, asked.found, asked.jkt
    keys = key_ring(db, system, version=shown.keys_version or 0)
    scope = " ".join(asked.parameters.words("scope")) or shown.scope
    access_token = new_access_token(system, granted, keys, scope=scope, jkt=jkt)
    changed = refresh.change(db, system, shown, granted, access_token, scope=scope, jkt=jkt)
    if changed is None:
        return _used_twice(asked, granted)
    told = id_token(system, granted, keys, access_token=access_token, nonce=None) if "openid" in scope.split() else None
    return success(
        system, access_token=access_token, refresh_token=changed.refresh_token, scope=scope, jkt=jkt, id_token=told
    )


def _used_twice(asked: Refresh, granted: Granted) -> Fault:
    grants.revoke(asked.db, asked.system, granted, why="refresh token used twice")
    return Fault("invalid_grant", "The refresh token has been used before; its family is revoked.", "refresh_token")


REFRESH_TOKEN: Final = GrantType(_find, _refreshed)
