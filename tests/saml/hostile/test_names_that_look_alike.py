"""An Issuer with white space around it, or with letters that look alike, is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.opponents.browser import Browser
from tests.opponents.databases import one_database
from tests.opponents.saml_service import SSO, SamlService

if TYPE_CHECKING:
    from tests.saml.provider import Provider


@one_database
@pytest.mark.parametrize(
    "issuer",
    [
        " https://portal.example/saml",
        "https://portal.example/saml\n",
        "https://portal.example/saml/",
        "HTTPS://portal.example/saml",
        "https://p\u043ertal.example/saml",
        "https://portal.example/saml\u200b",
        "",
    ],
)
def test_another_name_is_nobody(provider: Provider, issuer: str) -> None:
    service = SamlService()
    provider.register(service)
    message = service.authn_request().replace(">https://portal.example/saml<", f">{issuer}<")
    page = Browser(provider.app).post(SSO, service.by_post(message))
    assert page.status == 400
    assert "issuer-unknown" in page.body
