"""Logging in at a strong identification of adults as its client (OpenID Connect Core 3.1, decision 20)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from idp.login.vouch import NotVouched, Vouch
from idp.outside.upstream_oidc import BegunLogin, UpstreamFault, UpstreamProvider
from idp.outside.upstream_oidc import Upstream as Party
from idp.web.login_elsewhere import CALLBACK
from idp.web.site import UpstreamDoor, site
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.login.request import LoginRequest
    from idp.usecases.upstreams import Upstream


def begin(db: Session, upstream: Upstream, handle: str, asked: LoginRequest) -> tuple[str, dict[str, Any]]:
    """Return the address of an authorization request, and what is kept of it."""
    del db
    strong = " ".join(said for said, level in upstream.levels.items() if level is Assurance.TO_FAKTOR)
    more = {
        **({"prompt": "login", "max_age": "0"} if asked.fresh_since is not None else {}),
        **({"acr_values": strong} if strong and asked.assurance is Assurance.TO_FAKTOR else {}),
    }
    begun = _party(upstream).begin(state_prefix=handle, **more)
    return begun.url, {"oidc": begun.to_json(), "fresh": asked.fresh_since is not None}


def finish(upstream: Upstream, kept: Mapping[str, Any], answer: Mapping[str, str]) -> Vouch:
    """Redeem the code and return what the ID Token vouches for. Raises :class:`NotVouched`."""
    now = site().system.now()
    try:
        login = _party(upstream).finish(BegunLogin(**kept["oidc"]), answer, now=now)
    except UpstreamFault as fault:
        raise NotVouched(fault.error) from None
    name = login.claims.get(upstream.attribute) if upstream.attribute is not None else login.subject
    if not isinstance(name, str) or not name:
        raise NotVouched("claim-missing")
    if kept.get("fresh") and login.auth_time is None:  # required in the answer to max_age (OpenID Connect Core 2)
        raise NotVouched("auth-time-missing")
    acr = login.claims.get("acr")
    return Vouch(name=name, said_level=acr if isinstance(acr, str) else None, at=login.auth_time or now)


def _party(upstream: Upstream) -> Party:
    told = upstream.registration
    return party_at(
        UpstreamProvider(
            issuer=upstream.identifier,
            client_id=told["client_id"],
            client_secret=upstream.secret or "",
            redirect_uri=f"{site().system.settings.site.issuer}{CALLBACK}",
            authorization_endpoint=told["address"],
            token_endpoint=told["token_endpoint"],
            userinfo_endpoint=told.get("userinfo_endpoint", ""),
            jwks_uri=told["jwks_uri"],
            end_session_endpoint=told.get("end_session_endpoint", ""),
            token_endpoint_auth_method=told.get("token_endpoint_auth_method", "client_secret_basic"),
            algorithm=told.get("algorithm", "RS256"),
            scope=told.get("scope", "openid"),
            names_itself=told.get("names_itself", False),
        )
    )


@lru_cache(maxsize=64)
def party_at(provider: UpstreamProvider) -> Party:
    """Return the party of a provider, with the keys that it has read; another registration is another party."""
    return Party(provider)


DOOR: Final = UpstreamDoor(begin=begin, finish=finish)
