"""What leaves by the Redirect and the POST binding."""

from __future__ import annotations

import pytest

from idp.saml.bindings_3_4_send_redirect import redirect_to
from tests.opponents.saml_reader import NotBelieved, read_query
from tests.saml.written import keys

MESSAGE = b'<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"></samlp:LogoutRequest>'


@pytest.mark.spec("SAML Bindings", "3.4.4.1")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
@pytest.mark.parametrize("relay_state", [None, "", "https://portal.example/?a=1&b=2 +%20æ", "x" * 80])
@pytest.mark.parametrize("address", ["https://portal.example/slo", "https://portal.example/slo?tenant=1"])
def test_a_message_in_an_address_is_signed_with_its_relay_state(
    algorithm: str, relay_state: str | None, address: str
) -> None:
    by = keys(algorithm)
    sent = redirect_to(address, "SAMLRequest", MESSAGE, relay_state=relay_state, signer=by.signer)
    assert sent.startswith(address)
    read = read_query(sent, certificates=[by.certificate])
    assert (read.parameter, read.message, read.relay_state, read.signed) == ("SAMLRequest", MESSAGE, relay_state, True)
    with pytest.raises(NotBelieved):
        read_query(sent.replace("SAMLRequest=", "SAMLRequest=%20"), certificates=[by.certificate])


def test_a_message_in_an_address_need_not_be_signed() -> None:
    sent = redirect_to("https://idp.example/sso", "SAMLRequest", MESSAGE, relay_state=None, signer=None)
    assert "Sig" not in sent
    assert read_query(sent).signed is False


@pytest.mark.spec("SAML Bindings", "3.4.3")
def test_a_relay_state_goes_back_byte_for_byte() -> None:
    sent = redirect_to("https://portal.example/slo", "SAMLResponse", MESSAGE, relay_state=b"\xff\xfe", signer=None)
    assert sent.endswith("&RelayState=%FF%FE")
