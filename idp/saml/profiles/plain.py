"""No profile in particular: what any conforming service provider understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.saml.profiles.attribute_names import COMMON, sent
from idp.saml.profiles.shapes import LoginFacts, Written
from idp.usecases.service_providers import EMAIL, PERSISTENT, TRANSIENT, UNSPECIFIED
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import ClaimValue

REFEDS_MFA: Final = "https://refeds.org/profile/mfa"
PASSWORD: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

CONTEXTS: Final[Mapping[Assurance, str]] = {
    Assurance.EN_FAKTOR: PASSWORD,
    Assurance.VOKSEN_VERIFICERET: PASSWORD,  # an adult's word is no second factor (decision 9)
    Assurance.TO_FAKTOR: REFEDS_MFA,
}


def written(_: ServiceProvider, released: Mapping[str, ClaimValue], login: LoginFacts) -> Written:
    """Return what is said to a service without a profile."""
    return Written(
        sent=sent(COMMON, released),
        context_class=CONTEXTS[login.assurance],
        name_id_formats=(PERSISTENT, TRANSIENT, UNSPECIFIED, EMAIL),
    )
