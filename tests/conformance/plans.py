"""All plans, in the Foundation's order, and the modules of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.basic import FIRST, LOGINS
from tests.conformance.basic_requests import LAST
from tests.conformance.basic_scopes import SCOPES
from tests.conformance.config import discovery
from tests.conformance.registry import Plan
from tests.conformance.rp_logout import RP_INITIATED_LOGOUT

if TYPE_CHECKING:
    from tests.conformance.registry import Module

BASIC: Final[tuple[Module, ...]] = (*FIRST, *SCOPES, *LOGINS, *LAST)

PLANS: Final[tuple[Plan, ...]] = (
    Plan("oidcc-config-certification-test-plan", "Config OP", (discovery,)),
    Plan("oidcc-basic-certification-test-plan", "Basic OP", BASIC),
    Plan("oidcc-rp-initiated-logout-certification-test-plan", "RP-Initiated Logout OP", RP_INITIATED_LOGOUT),
)
