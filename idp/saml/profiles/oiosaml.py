"""OIOSAML Web SSO Profile 3.0.3: what the public sector's services understand.

Pupils and contacts come as persons. Staff and externals come for their work, so as professionals, and their organisation is named.
What a service asks for beside that is refused: a school vouches for as whom somebody acts, and for nobody's private life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.saml.core_2_3_assertion import Attribute
from idp.saml.profiles.attribute_names import OIOSAML, sent
from idp.saml.profiles.shapes import NO_AUTHN_CONTEXT, REQUEST_DENIED, LoginFacts, Sent, Unmet, Written
from idp.usecases.service_providers import PERSISTENT, TRANSIENT
from policies.assurance import NSIS_LOA
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import ClaimValue

SPEC_VERSION: Final = "https://data.gov.dk/model/core/specVersion"
VERSION: Final = "OIO-SAML-3.0"
PERSON: Final = "https://data.gov.dk/eid/Person"
PROFESSIONAL: Final = "https://data.gov.dk/eid/Professional"

_EID: Final = "https://data.gov.dk/model/core/eid"
_AT_WORK: Final = frozenset({ActorGroup.STAFF, ActorGroup.EXTERNAL})


def kind_of(actor_group: ActorGroup) -> str:
    """Return as what somebody comes: the address by which a RequestedAuthnContext asks for it."""
    return PROFESSIONAL if actor_group in _AT_WORK else PERSON


def written(_: ServiceProvider, released: Mapping[str, ClaimValue], login: LoginFacts) -> Written | Unmet:
    """Return what is said to a public service, or what it would lack."""
    level = released.get(NSIS_LOA)
    if not isinstance(level, str):
        return Unmet(
            second_status=NO_AUTHN_CONTEXT,
            sentence="The login reaches no NSIS level that has been notified here.",
            requirement="OIOSAML 3.0.3, nsis/loa",
        )
    professional = kind_of(login.actor_group) == PROFESSIONAL
    if professional and login.organization is None:
        return Unmet(
            second_status=REQUEST_DENIED,
            sentence="The institution's organisation and its CVR number are not known here.",
            requirement="OIOSAML 3.0.3, professional/cvr",
        )
    own = [Sent(claim=None, attribute=Attribute(name=SPEC_VERSION, values=(VERSION,), friendly="specVersion"))]
    if professional and login.organization is not None:
        own += [
            _of_work("cvr", login.organization.cvr),
            _of_work("orgName", login.organization.name),
        ]
    return Written(
        sent=(*own, *sent(OIOSAML, released)),
        context_class=f"{NSIS_LOA}/{level}",
        name_id_formats=(PERSISTENT, TRANSIENT),
        name_id_prefix=f"{_EID}/{'professional' if professional else 'person'}/uuid/",
    )


def _of_work(name: str, value: str) -> Sent:
    return Sent(claim=None, attribute=Attribute(name=f"{_EID}/professional/{name}", values=(value,), friendly=name))
