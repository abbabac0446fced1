"""The token endpoint as such: which grant types there are, and who may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.oidc.rfc6749_3_2_token_endpoint import GRANT_TYPES
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

pytestmark = one_database


@pytest.mark.spec("RFC 6749", "5.2")
@pytest.mark.parametrize("grant_type", sorted(GRANT_TYPES))
def test_a_client_uses_the_grant_types_that_it_registered_and_no_other(provider: Provider, grant_type: str) -> None:
    provider.another("without", grant_types=[])
    answer = provider.party("without").post_token(grant_type=grant_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.spec("RFC 9700", "2.4")
@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "implicit", "AUTHORIZATION_CODE", "x" * 99])
def test_what_is_not_in_the_registry_is_unsupported_whatever_was_registered(
    provider: Provider, grant_type: str
) -> None:
    provider.another("wishful", grant_types=[grant_type])
    answer = provider.party("wishful").post_token(grant_type=grant_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_stranger_hears_nothing_of_grant_types(provider: Provider) -> None:
    answer = provider.party("nobody").post_token(grant_type="authorization_code")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
