"""What an assertion says to a service, by the profile that it is registered with.

Claims leave by agreement (:mod:`policies.attribute_release`); a profile gives them names, and says which NameID and which context
class go along. The same is shown before anybody logs in (:mod:`idp.saml.release_preview`). What is signed and encrypted:
:mod:`idp.saml.protection`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.saml.profiles import oiosaml, plain, saml2int, unilogin
from idp.usecases.service_providers import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.saml.profiles.shapes import LoginFacts, Unmet, Written
    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import ClaimValue

_WRITTEN: Final[
    Mapping[Profile, Callable[[ServiceProvider, Mapping[str, ClaimValue], LoginFacts], Written | Unmet]]
] = {
    Profile.PLAIN: plain.written,
    Profile.UNILOGIN: unilogin.written,
    Profile.SAML2INT: saml2int.written,
    Profile.OIOSAML: oiosaml.written,
}


def written_for(service: ServiceProvider, released: Mapping[str, ClaimValue], login: LoginFacts) -> Written | Unmet:
    """Return what is said to ``service`` of the claims that may leave, or why there can be no assertion."""
    return _WRITTEN[service.options.profile](service, released, login)
