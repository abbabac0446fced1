"""A message that inflates without end."""

from __future__ import annotations

import zlib
from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from idp.saml.intake import LARGEST_QUERY, arrived_by_redirect
from idp.saml.refusals import Refused
from tests.opponents.browser import Browser
from tests.opponents.databases import one_database
from tests.opponents.saml_service import SITE, SSO
from tests.saml.hostile.bounds import attempted

if TYPE_CHECKING:
    from tests.saml.provider import Provider

SLO = f"{SITE}/saml/slo"


@cache
def bomb() -> str:
    """Eleven megabytes in as many kilobytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(11)) + packer.flush()
    query = quote(b64encode(packed).decode(), safe="")
    assert len(query) < LARGEST_QUERY - 20
    return query


@pytest.mark.parametrize("kind", ["SAMLRequest", "SAMLResponse"])
def test_a_message_that_inflates_without_end_is_not_inflated(kind: str) -> None:
    def rule() -> str:
        with pytest.raises(Refused) as refused:
            arrived_by_redirect(f"{kind}={bomb()}".encode())
        return refused.value.fault.rule

    assert attempted(rule) == "too-large"


@one_database
@pytest.mark.parametrize("kind", ["SAMLRequest", "SAMLResponse"])
@pytest.mark.parametrize("at", [SSO, SLO])
def test_an_address_of_ours_is_not_kept_busy_by_one(provider: Provider, at: str, kind: str) -> None:
    page = attempted(lambda: Browser(provider.app).open(f"{at}?{kind}={bomb()}"))
    assert (page.status, "too-large" in page.body) == (400, True)
