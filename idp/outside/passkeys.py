"""Passkeys (Web Authentication Level 3): what the browser is asked, and whether its answer is right.

The authenticator must know the person (user verification) and keep the passkey itself (resident key), so that a login
needs no username and one passkey is two factors. We ask for no attestation: which maker's key it is decides nothing.
Every check that is not the library's is here: no other site may frame us, and the answer must be short.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_ANSWER: Final = 16_384
"""Characters. An answer without attestation has some hundreds; a chain of certificates may come along."""
MILLISECONDS: Final = 300_000
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_WRONG: Final = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
)
"""What the library and its readers raise over an answer that is not one."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of a passkey: all of it public."""

    credential_id: bytes
    key: bytes
    """The public key, in COSE's form."""
    count: int
    """The authenticator's count of signatures; 0 for ever where the passkey is shared between devices."""
    transports: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what the row keeps beside the credential's id and the count."""
        return {"key": urlsafe_b64encode(self.key).decode(), "transports": list(self.transports)}


@dataclass(frozen=True, slots=True)
class Presented:
    """Which passkey answers, and for whom it was made; nothing of it is proven yet."""

    credential_id: bytes
    user: bytes = field(repr=False)


def kept(credential_id: bytes, public: dict[str, Any], count: int | None) -> Passkey:
    """Read what :meth:`Passkey.to_json` wrote."""
    return Passkey(credential_id, urlsafe_b64decode(public["key"]), count or 0, tuple(public.get("transports", ())))


def creation_options(
    issuer: str, *, site: str, user: bytes, username: str, challenge: bytes, known: Iterable[Passkey] = ()
) -> str:
    """Return what ``navigator.credentials.create`` is asked, as JSON. ``known`` are not to be made once more."""
    options = generate_registration_options(
        rp_id=_rp_id(issuer),
        rp_name=site,
        user_id=user,
        user_name=username,
        challenge=challenge,
        timeout=MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return options_to_json(options)


def request_options(issuer: str, *, challenge: bytes, known: Iterable[Passkey] = ()) -> str:
    """Return what ``navigator.credentials.get`` is asked, as JSON. Without ``known``, any passkey of this site answers."""
    options = generate_authentication_options(
        rp_id=_rp_id(issuer),
        challenge=challenge,
        timeout=MILLISECONDS,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def created(issuer: str, answer: str, *, challenge: bytes) -> Passkey | None:
    """Return the passkey that the browser made, None when the answer is wrong in any way."""
    try:
        sent = _read(answer)
        verified = verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(issuer),
            expected_origin=_origin(issuer),
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
        transports = [AuthenticatorTransport(name).value for name in sent["response"].get("transports") or ()]
    except _WRONG:
        return None
    return Passkey(verified.credential_id, verified.credential_public_key, verified.sign_count, tuple(transports))


def presented(answer: str) -> Presented | None:
    """Return which passkey the browser says it used, None when the answer cannot be read."""
    try:
        sent = _read(answer)
        return Presented(_bytes(sent["rawId"]), _bytes(sent["response"].get("userHandle") or ""))
    except _WRONG:
        return None


def proven(issuer: str, answer: str, *, challenge: bytes, passkey: Passkey) -> int | None:
    """Return the new count of signatures when the answer is right, else None. A count that does not grow is wrong."""
    try:
        verified = verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=_rp_id(issuer),
            expected_origin=_origin(issuer),
            credential_public_key=passkey.key,
            credential_current_sign_count=passkey.count,
            require_user_verification=True,
        )
    except _WRONG:
        return None
    return verified.new_sign_count if verified.credential_id == passkey.credential_id else None


def _read(answer: str) -> dict[str, Any]:
    """Read the browser's answer. Raises ValueError when it is too long, or was given inside another site's frame."""
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("too long")
    sent = json.loads(answer)
    if not isinstance(sent, dict):
        raise ValueError("no object")  # noqa: TRY004 (told apart from nothing)
    if parse_client_data_json(_bytes(sent["response"]["clientDataJSON"])).cross_origin:
        raise ValueError("inside a frame of another site")
    return sent


def _descriptors(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id, transports=[AuthenticatorTransport(name) for name in passkey.transports]
        )
        for passkey in known
    ]


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _rp_id(issuer: str) -> str:
    return urlsplit(issuer).hostname or ""


def _origin(issuer: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}"
