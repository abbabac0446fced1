"""pysaml2's own client, with the program xmlsec1 under it, reads what we write."""

from __future__ import annotations

import shutil
import warnings
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from idp.outside.certificates import pem_of
from idp.outside.xml_encryption import AES_128_GCM, AES_256_GCM, RSA_OAEP_MGF1P, recipient
from idp.saml.core_2_3_assertion import Attribute
from idp.saml.core_3_3_3_response import Protection, write_response
from idp.usecases.service_providers import POST, REDIRECT
from tests.saml.written import ISSUER, SERVICE, keys, told

if TYPE_CHECKING:
    from pathlib import Path

    from idp.saml.core_2_3_assertion import Told

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from saml2.client import Saml2Client
    from saml2.config import SPConfig
    from saml2.sigver import SignatureError

CONSUMER = "https://portal.example/acs"


@pytest.fixture(params=["RS256", "ES256"])
def algorithm(request: pytest.FixtureRequest) -> str:
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed: apt-get install xmlsec1")
    return str(request.param)


def a_client(folder: Path, algorithm: str, **wants: bool) -> Saml2Client:
    """A service that knows our metadata and has a key pair of its own."""
    (folder / "service.key").write_bytes(keys(name="service").private)
    (folder / "service.crt").write_text(pem_of(keys(name="service").certificate))
    metadata = (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}"><IDPSSODescriptor'
        ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo'
        ' xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
        f"{b64encode(keys(algorithm).certificate).decode()}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        f'<SingleSignOnService Binding="{REDIRECT}" Location="https://skolepas.example/saml/sso"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    )
    pair = {"key_file": str(folder / "service.key"), "cert_file": str(folder / "service.crt")}
    return Saml2Client(
        SPConfig().load(
            {
                "entityid": SERVICE,
                "xmlsec_binary": shutil.which("xmlsec1"),
                "metadata": {"inline": [metadata]},
                "encryption_keypairs": [pair],
                "allow_unknown_attributes": True,
                "service": {"sp": {"endpoints": {"assertion_consumer_service": [(CONSUMER, POST)]}, **wants}},
                **pair,
            }
        )
    )


@pytest.mark.parametrize(
    ("block", "response", "assertion"),
    [
        (None, True, False),
        (None, False, True),
        (AES_256_GCM, True, True),
        (AES_256_GCM, False, True),
        (AES_128_GCM, True, False),
    ],
)
def test_pysaml2_believes_and_understands_us(
    algorithm: str,
    block: str | None,
    response: bool,  # noqa: FBT001
    assertion: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    client = a_client(tmp_path, algorithm, want_response_signed=response, want_assertions_signed=assertion)
    to = recipient([(keys(name="service").certificate, (block, RSA_OAEP_MGF1P))]) if block else None
    by = Protection(signer=keys(algorithm).signer, sign_response=response, sign_assertion=assertion, recipient=to)
    read = reads(client, write_response(told_now(), by))
    assert read.ava == {"urn:example:classes": ["1a", "kør & <sang>"]}
    assert read.name_id.text == "6f1c"
    assert read.session_info()["authn_info"][0][0] == "dk:unilogin:loa:EnFaktor"


def test_pysaml2_would_not_believe_another(algorithm: str, tmp_path: Path) -> None:
    client = a_client(tmp_path, algorithm, want_response_signed=True, want_assertions_signed=False)
    another = Protection(signer=keys(algorithm, "another").signer, sign_response=True, sign_assertion=False)
    with pytest.raises(SignatureError):
        reads(client, write_response(told_now(), another))


def reads(client: Saml2Client, document: bytes) -> Any:  # noqa: ANN401
    return client.parse_authn_request_response(b64encode(document).decode(), POST, {"_a-request": "/"})


def told_now() -> Told:
    """Something to tell at the time of the machine, for pysaml2 knows no other."""
    now = datetime.now(UTC)
    return told(
        recipient=CONSUMER,
        attributes=(Attribute(name="urn:example:classes", values=("1a", "kør & <sang>")),),
        issued_at=now, not_before=now, authn_instant=now, not_on_or_after=now + timedelta(minutes=5),
    )  # fmt: skip
