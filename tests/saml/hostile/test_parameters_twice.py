"""A parameter that comes twice, of which one could be verified and the other read."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from idp.saml.intake import arrived_by_post, arrived_by_redirect
from idp.saml.refusals import Refused
from tests.saml.hostile.bounds import attempted
from tests.saml.hostile.places import SERVICE, is_refused, query_of, wherever_a_query_is_signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.saml.intake import Arrived, Kind


@wherever_a_query_is_signed
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("twice", ["message", "RelayState", "Signature", "SigAlg", "SAML%52equest", "SAML%52esponse"])
def test_a_parameter_that_comes_twice_is_refused(
    kind: Kind,
    message: Callable[[], str],
    read: Callable[[Arrived], object],
    twice: str,
    first: bool,  # noqa: FBT001
) -> None:
    good = SERVICE.by_redirect(message(), parameter=kind, relay_state="x", signed=True).partition("?")[2]
    other = query_of(message().replace("emil", "asta"), kind, signed=False).decode().partition("=")[2]
    added = f"{kind if twice == 'message' else twice}={other}"
    read(arrived_by_redirect(good.encode()))
    came = "&".join((added, good) if first else (good, added)).encode()
    assert is_refused(lambda: read(arrived_by_redirect(came)))


@pytest.mark.parametrize("kind", ["SAMLRequest", "SAMLResponse"])
@pytest.mark.parametrize("twice", ["SAMLRequest", "SAMLResponse", "RelayState"])
def test_a_field_that_comes_twice_or_a_second_message_is_refused(kind: str, twice: str) -> None:
    message = b64encode(b"<a/>").decode()
    form = urlencode([(kind, message), ("RelayState", "x"), (twice, message)]).encode()

    def rule() -> str:
        with pytest.raises(Refused) as refused:
            arrived_by_post(form)
        return refused.value.fault.rule

    assert attempted(rule) == ("twice" if twice in {kind, "RelayState"} else "no-message")
