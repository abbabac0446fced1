"""All plans, in the Foundation's order, and the modules of each; then those that are not offered at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.basic import FIRST, LOGINS
from tests.conformance.basic_requests import LAST
from tests.conformance.basic_scopes import SCOPES
from tests.conformance.channels import BACK, FRONT
from tests.conformance.config import discovery
from tests.conformance.dynamic import DYNAMIC
from tests.conformance.fapi2 import WELL_BEHAVED
from tests.conformance.fapi2_assertions import ASSERTIONS
from tests.conformance.fapi2_dpop import DPOP, DPOP_NEGATIVE
from tests.conformance.fapi2_pushed import PUSHED
from tests.conformance.fapi2_tokens import TOKENS
from tests.conformance.registry import Plan, not_offered
from tests.conformance.rp_logout import RP_INITIATED_LOGOUT

if TYPE_CHECKING:
    from tests.conformance.registry import Module

BASIC: Final[tuple[Module, ...]] = (*FIRST, *SCOPES, *LOGINS, *LAST)

FAPI2: Final[tuple[Module, ...]] = (*WELL_BEHAVED, *DPOP, *TOKENS, *ASSERTIONS, *DPOP_NEGATIVE, *PUSHED)

_NO_FRAME: Final = (
    "its frame needs third-party cookies, which browsers no longer send; back-channel logout does its work"
)
_SERVICES_BEGIN: Final = "a login begins at the service; nothing here sends a person to a service to begin one"

PLANS: Final[tuple[Plan, ...]] = (
    Plan("oidcc-config-certification-test-plan", "Config OP", (discovery,)),
    Plan("oidcc-basic-certification-test-plan", "Basic OP", BASIC),
    Plan(
        "oidcc-formpost-basic-certification-test-plan",
        "Form Post Basic OP",
        BASIC,
        response_mode="form_post",
        about="The modules of Basic OP, each with `response_mode=form_post`.",
    ),
    Plan("oidcc-rp-initiated-logout-certification-test-plan", "RP-Initiated Logout OP", RP_INITIATED_LOGOUT),
    Plan("oidcc-backchannel-rp-initiated-logout-certification-test-plan", "Back-Channel OP", BACK),
    Plan("oidcc-frontchannel-rp-initiated-logout-certification-test-plan", "Front-Channel OP", FRONT),
    Plan(
        "oidcc-dynamic-certification-test-plan",
        "Dynamic OP",
        DYNAMIC,
        registers=True,
        about="Every client registers itself, with an initial access token, and authenticates with `private_key_jwt`.",
    ),
    Plan(
        "fapi2-security-profile-final-test-plan",
        "FAPI 2.0 Security Profile",
        FAPI2,
        about="In the variant OpenID Connect, `private_key_jwt`, DPoP, plain FAPI. Modules of the other variants (mutual TLS, "
        "signed request objects, national profiles, grant management) do not belong to it.",
    ),
    Plan(
        "oidcc-session-management-certification-test-plan",
        "Session OP",
        (
            not_offered("oidcc-session-management-discovery-endpoint-verification", _NO_FRAME),
            not_offered("oidcc-session-management-rp-initiated-logout", _NO_FRAME),
        ),
    ),
    Plan(
        "oidcc-3rdparty-init-login-certification-test-plan",
        "3rd-Party-Init OP",
        (
            not_offered("oidcc-3rd_party-init-login", _SERVICES_BEGIN),
            not_offered("oidcc-3rd_party-init-login-nohttps", _SERVICES_BEGIN),
        ),
    ),
)

_NO_IMPLICIT: Final = "tokens do not travel in addresses (RFC 9700 2.1.2, OWASP ASVS 5.0 10.4.4)"

NOT_OFFERED: Final[tuple[tuple[str, str], ...]] = (
    ("oidcc-implicit-certification-test-plan", _NO_IMPLICIT),
    ("oidcc-hybrid-certification-test-plan", _NO_IMPLICIT),
    ("oidcc-formpost-implicit-certification-test-plan", _NO_IMPLICIT),
    ("oidcc-formpost-hybrid-certification-test-plan", _NO_IMPLICIT),
    ("fapi2-message-signing-final-test-plan", "answers are not signed (JARM)"),
    ("fapi-ciba-id1-test-plan", "a login begins in a browser; a service cannot begin one on a person's telephone"),
    ("openid-federation-deployed-entity-test-plan", "services are registered, not found through trust chains"),
    (
        "openid-federation-entity-joined-to-test-federation-op-test-plan",
        "services are registered, not found through trust chains",
    ),
)
"""Plan -> why none of its modules is offered."""
