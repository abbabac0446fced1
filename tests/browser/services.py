"""Services that a test registers in the running demo: a board without a keyboard, and one that is not the school's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
CHALLENGE: Final = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The one of RFC 7636 Appendix B; nobody redeems the codes."""


@dataclass(frozen=True)
class Board:
    """A board in a classroom."""

    client_id: str

    def ask(self, page: Page) -> dict[str, Any]:
        """Ask for codes, beside the window of ``page``."""
        form = {"client_id": self.client_id, "scope": "openid"}
        codes: dict[str, Any] = page.request.post("/oidc/device_authorization", form=form).json()
        return codes

    def hears(self, page: Page, codes: dict[str, Any]) -> str:
        """Ask whether somebody has decided: ``tokens``, or the error."""
        form = {"client_id": self.client_id, "grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
        answer = page.request.post("/oidc/token", form=form).json()
        return str(answer.get("error", "tokens"))


def a_board(demo: Demonstration) -> Board:
    """Register a board."""
    return Board(
        _registered(
            demo,
            {
                "client_name": "Whiteboard",
                "client_name#da": "Klassens tavle",
                "token_endpoint_auth_method": "none",
                "grant_types": [DEVICE_CODE],
            },
        )
    )


def of_nobodys_school(demo: Demonstration) -> str:
    """Register a service that is not the school's, and return the address of its request."""
    redirect_uri = (
        f"{demo.origin}/laeringsportalen/logged-out"  # a page of its own, for Chromium asks a bare one for an icon
    )
    client_id = _registered(
        demo,
        {
            "client_name": "Chess club",
            "client_name#da": "Skakklubben",
            "redirect_uris": [redirect_uri],
            "needs_consent": True,
        },
    )
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"/oidc/authorize?{urlencode(asked)}"


def _registered(demo: Demonstration, metadata: dict[str, Any]) -> str:
    file = demo.folder / "service.json"
    file.write_text(json.dumps(metadata), encoding="utf-8")
    return str(demo.command("services", "add-oidc", "--metadata", str(file))["client_id"])
