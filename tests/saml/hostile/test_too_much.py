"""More than anybody needs: a message that inflates without end, megabytes of RelayState, parameters twice."""

from __future__ import annotations

import zlib
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from idp.saml.intake import arrived_by_post, arrived_by_redirect
from idp.saml.refusals import Refused
from tests.opponents.browser import Browser
from tests.opponents.saml_service import SSO, SamlService

if TYPE_CHECKING:
    from tests.saml.provider import Provider


def test_a_message_that_inflates_without_end_is_not_inflated() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(11)) + packer.flush()
    packed = quote(b64encode(bomb).decode(), safe="")
    assert len(packed) < 16_384
    with pytest.raises(Refused) as refused:
        arrived_by_redirect(f"SAMLRequest={packed}".encode())
    assert refused.value.fault.rule == "too-large"


def test_megabytes_of_relay_state_are_refused(provider: Provider) -> None:
    service = SamlService()
    provider.register(service)
    fields = service.by_post(service.authn_request(), relay_state="s" * 10_000_000)
    assert Browser(provider.app).post(SSO, fields).status in {400, 413}


@pytest.mark.parametrize("twice", ["SAMLRequest", "RelayState", "Signature", "SigAlg"])
def test_a_parameter_that_comes_twice_is_refused(twice: str) -> None:
    service = SamlService(signs=True)
    query = service.by_redirect(service.authn_request(), relay_state="x").partition("?")[2]
    with pytest.raises(Refused) as refused:
        arrived_by_redirect(f"{query}&{twice}=x".encode())
    assert refused.value.fault.rule == "twice"


def test_a_deep_or_wide_document_ends_soon() -> None:
    for inside in ("<a>" * 5_000 + "</a>" * 5_000, "<a/>" * 20_000):
        document = f"<r>{inside}</r>".encode()
        with pytest.raises(Refused):
            arrived_by_post(b"SAMLRequest=" + quote(b64encode(document), safe="").encode())
