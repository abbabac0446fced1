"""As Unilogin's broker speaks to services (STIL, Unilogin's attributes): the level is named ``dk:unilogin:loa:…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.saml.profiles.attribute_names import COMMON, sent
from idp.saml.profiles.shapes import LoginFacts, Written
from idp.usecases.service_providers import EMAIL, PERSISTENT, TRANSIENT, UNSPECIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import ClaimValue

LEVELS: Final = "dk:unilogin:loa:"


def written(_: ServiceProvider, released: Mapping[str, ClaimValue], login: LoginFacts) -> Written:
    """Return what is said to one of Unilogin's services."""
    return Written(
        sent=sent(COMMON, released),
        context_class=f"{LEVELS}{login.assurance.value}",
        name_id_formats=(PERSISTENT, TRANSIENT, UNSPECIFIED, EMAIL),
    )
