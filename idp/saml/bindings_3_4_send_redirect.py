"""Sending by HTTP-Redirect (SAML Bindings 3.4): deflated into the query, and the query signed."""

from __future__ import annotations

import zlib
from base64 import b64encode
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from idp.outside.xml_signing import XmlSigner

Parameter = Literal["SAMLRequest", "SAMLResponse"]

_RAW: Final = -15
_LEVEL: Final = 6


def redirect_to(
    address: str, parameter: Parameter, message: bytes, *, relay_state: str | bytes | None, signer: XmlSigner | None
) -> str:
    """Return the address that carries a message, whose own signature must have been left out (Bindings 3.4.4.1).

    What is signed is the very text of the query: message, RelayState where there is one, SigAlg. RelayState goes back byte for
    byte (decision 19).
    """
    members: list[tuple[str, str | bytes]] = [(parameter, deflated(message))]
    if relay_state is not None:
        members.append(("RelayState", relay_state))
    if signer is not None:
        members.append(("SigAlg", signer.algorithm))
    query = urlencode(members, quote_via=quote, safe="")
    if signer is not None:
        query = f"{query}&{urlencode({'Signature': b64encode(signer.sign(query.encode()))}, quote_via=quote, safe='')}"
    return f"{address}{'&' if '?' in address else '?'}{query}"


def deflated(message: bytes) -> str:
    """Return a message in DEFLATE encoding (Bindings 3.4.4.1; RFC 1951), in base64."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return b64encode(packer.compress(message) + packer.flush()).decode()
