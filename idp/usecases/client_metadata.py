"""Client metadata (RFC 7591 2, OpenID Connect Registration 2): what was asked in, what is registered out.

Every fault is found before anything is said, each under its error code of RFC 7591 3.2.2. Members that we do not know
are ignored, as the RFC demands; those we know and cannot honour are refused, never quietly weakened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.errors import SkolepasError
from idp.usecases.redirect_addresses import fault_of, host_of
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

INVALID_REDIRECT_URI: Final = "invalid_redirect_uri"
INVALID_CLIENT_METADATA: Final = "invalid_client_metadata"

AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "none")
LONGEST_TEXT: Final = 255
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
MOST_ADDRESSES: Final = 50


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the RFC's code, the member, and a sentence."""

    error: str
    member: str
    description: str


class MetadataRefused(SkolepasError):
    """The metadata cannot be registered. ``faults`` names everything that is wrong, the redirect addresses first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Order the faults so that the first gives the answer its code."""
        self.faults = tuple(sorted(faults, key=lambda fault: fault.error != INVALID_REDIRECT_URI))
        super().__init__("; ".join(fault.description for fault in self.faults))

    def to_json(self) -> dict[str, Any]:
        """Return the error response of RFC 7591 3.2.2, with every fault beside it."""
        return {
            "error": self.faults[0].error,
            "error_description": " ".join(fault.description for fault in self.faults),
            "faults": [{"error": f.error, "member": f.member, "description": f.description} for f in self.faults],
        }


@dataclass(frozen=True)
class AcceptedMetadata:
    """What will be registered, and the sector in which the client knows people."""

    registration: dict[str, Any]
    sector: str


def accept(metadata: object) -> AcceptedMetadata:
    """Check client metadata and fill in the defaults. Raises :class:`MetadataRefused`."""
    if not isinstance(metadata, dict):
        raise MetadataRefused([Fault(INVALID_CLIENT_METADATA, "", "The metadata must be one JSON object.")])
    faults: list[Fault] = []
    accepted: dict[str, Any] = {
        "redirect_uris": _addresses(metadata, "redirect_uris", faults, needed=True),
        "post_logout_redirect_uris": _addresses(metadata, "post_logout_redirect_uris", faults, needed=False),
    }
    for member, check in _MEMBERS.items():
        base, marked, _ = member.partition("#")
        given = {
            name: value
            for name, value in metadata.items()
            if name == base or (marked and name.startswith(f"{base}#") and _LANGUAGE.fullmatch(name, len(base) + 1))
        }
        for name, value in given.items():
            wrong = check(value)
            if wrong is None:
                accepted[name] = value
            else:
                faults.append(Fault(INVALID_CLIENT_METADATA, name, f"{name} {wrong}."))
    faults += [
        Fault(INVALID_CLIENT_METADATA, member, f"{member} is not supported.")
        for member in sorted(metadata)
        if member in _REFUSED or member.endswith(("_encrypted_response_alg", "_encrypted_response_enc"))
    ]
    sector = "" if faults else _sector(accepted, faults)
    if accepted.get("token_endpoint_auth_method") == "none" and accepted.get("require_pkce") is False:
        faults.append(
            Fault(INVALID_CLIENT_METADATA, "require_pkce", "A public client always uses PKCE (RFC 9700 2.1.1).")
        )
    if faults:
        raise MetadataRefused(faults)
    return AcceptedMetadata({**_DEFAULTS, **accepted, **_FIXED}, sector)


def _addresses(metadata: Mapping[str, Any], member: str, faults: list[Fault], *, needed: bool) -> list[str]:
    given = metadata.get(member, [])
    if not isinstance(given, list) or len(given) > MOST_ADDRESSES or (needed and not given):
        faults.append(
            Fault(INVALID_REDIRECT_URI, member, f"{member} must be a list of 1 to {MOST_ADDRESSES} addresses.")
        )
        return []
    for number, address in enumerate(given):
        wrong = fault_of(address)
        if wrong is not None:
            faults.append(Fault(INVALID_REDIRECT_URI, member, f"{member}[{number}] {wrong}."))
    return [address for address in given if isinstance(address, str)]


def _sector(accepted: Mapping[str, Any], faults: list[Fault]) -> str:
    """Return the sector identifier (OpenID Connect Core 8.1); a client on several hosts must name one of them.

    The list at that address is not fetched, so nobody may name a host that is not the client's: two clients in one
    sector could compare their subjects.
    """
    named = accepted.get("sector_identifier_uri")
    hosts = sorted({host_of(address) for address in accepted["redirect_uris"]})
    if named is not None and host_of(named) not in hosts:
        faults.append(
            Fault(
                INVALID_CLIENT_METADATA,
                "sector_identifier_uri",
                "sector_identifier_uri must be on a host of one of the redirect addresses.",
            )
        )
    if named is not None:
        return host_of(named)
    if len(hosts) > 1:
        faults.append(
            Fault(
                INVALID_CLIENT_METADATA,
                "sector_identifier_uri",
                "sector_identifier_uri is needed when the redirect addresses lie on several hosts.",
            )
        )
    return hosts[0]


def _text(value: object) -> str | None:
    fine = isinstance(value, str) and value.strip() and len(value) <= LONGEST_TEXT and value.isprintable()
    return None if fine else f"must be a text of 1 to {LONGEST_TEXT} characters"


def _texts(value: object) -> str | None:
    fine = isinstance(value, list) and all(_text(text) is None for text in value)
    return None if fine else "must be a list of texts"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _seconds(value: object) -> str | None:
    fine = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if fine else "must be a whole number of seconds"


def _address(value: object) -> str | None:
    return fault_of(value)


def _one_of(*choices: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        return None if value in choices else f"must be one of: {', '.join(choices)}"

    return check


def _with(needed: str, *also: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        fine = isinstance(value, list) and needed in value and set(value) <= {needed, *also}
        return None if fine else f"must be a list with {needed}" + (f", and at most {', '.join(also)}" if also else "")

    return check


def _scope(value: object) -> str | None:
    return None if isinstance(value, str) and "openid" in value.split(" ") else "must hold openid"


def _levels(value: object) -> str | None:
    known = {assurance.value for assurance in Assurance}
    fine = isinstance(value, list) and all(isinstance(level, str) and level in known for level in value)
    return None if fine else f"must be a list of: {', '.join(sorted(known))}"


_MEMBERS: Final[Mapping[str, Callable[[object], str | None]]] = {
    "client_name#": _text,
    "client_uri#": _address,
    "logo_uri#": _address,
    "policy_uri#": _address,
    "tos_uri#": _address,
    "contacts": _texts,
    "application_type": _one_of("web", "native"),
    "token_endpoint_auth_method": _one_of(*AUTH_METHODS),
    "grant_types": _with("authorization_code", "refresh_token"),
    "response_types": _with("code"),
    "scope": _scope,
    "subject_type": _one_of("pairwise"),
    "sector_identifier_uri": _address,
    "id_token_signed_response_alg": _one_of("RS256", "ES256"),
    "default_max_age": _seconds,
    "require_auth_time": _flag,
    "default_acr_values": _levels,
    "initiate_login_uri": _address,
    "software_id": _text,
    "software_version": _text,
    # Ours: whether PKCE is demanded, what a login must be worth, and the licence (decisions 9 and 12).
    "require_pkce": _flag,
    "least_assurance": _one_of(*(assurance.value for assurance in Assurance)),
    "accepts_adult_as_two": _flag,
    "requires_license": _flag,
    "missing_license_url": _address,
}
"""Member -> what is wrong with its value, or None. A ``#`` says that the member may carry a language (``client_name#da``)."""

_REFUSED: Final = frozenset(
    {
        "userinfo_signed_response_alg",
        "request_object_signing_alg",
        "request_object_encryption_alg",
        "request_object_encryption_enc",
        "require_signed_request_object",
        "require_pushed_authorization_requests",
        "dpop_bound_access_tokens",
        "tls_client_certificate_bound_access_tokens",
        "request_uris",
    }
)

_DEFAULTS: Final[Mapping[str, Any]] = {
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_alg": "RS256",
    "subject_type": "pairwise",
    "application_type": "web",
    "require_pkce": True,
}

_FIXED: Final[Mapping[str, Any]] = {
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "scope": "openid",
}
"""What everybody gets whatever they asked; the answer says so, as RFC 7591 3.2.1 allows."""
