"""Learning services that speak OpenID Connect: register one, find one, disable one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.outside.sealing import keyed_digest, new_token, same
from idp.store import services as store
from idp.usecases import agreements
from idp.usecases.client_metadata import INVALID_CLIENT_METADATA, Fault, MetadataRefused, accept
from idp.usecases.client_metadata_members import SECRET_METHODS
from idp.usecases.client_metadata_rules import scopes_of
from policies.vocabulary import Assurance, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.client_metadata import AcceptedMetadata
    from idp.usecases.system import System
    from policies.vocabulary import ReleasePackage


NO_SECRET: Final[Mapping[str, Any]] = {
    "secret_digest": None,
    "previous_secret_digest": None,
    "previous_secret_until": None,
}
"""The columns of a service that proves who it is in another way."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Client:
    """An OpenID Connect client, as its endpoints need it. ``disabled`` is looked at by whoever found it."""

    id: int
    client_id: str
    name_da: str
    name_en: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    auth_method: str
    algorithm: str
    requires_pkce: bool
    grant_types: tuple[str, ...]
    default_max_age: int | None
    default_acr_values: tuple[str, ...]
    sector: str
    secret_digest: bytes | None
    previous_secret_digest: bytes | None = None
    previous_secret_until: datetime | None = None
    built_in: bool
    requires_licence: bool
    missing_licence_url: str | None
    least_assurance: Assurance | None
    disabled: bool
    scope: tuple[str, ...] = ("openid",)
    """The scopes it may ask for, of those we know."""
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    auth_signing_alg: str | None = None
    """The one algorithm of its client assertions; None for every one that we take."""
    dpop_bound: bool = False
    requires_par: bool = False
    requires_signed_request: bool = False
    request_object_alg: str | None = None
    userinfo_alg: str | None = None
    """What signs the answer of the userinfo endpoint; None for plain JSON."""
    access_token_format: str = "opaque"
    """``opaque``, or ``jwt`` (RFC 9068)."""
    fapi: bool = False
    """Whether the FAPI 2.0 Security Profile holds for it."""
    needs_consent: bool = False
    backchannel_logout_uri: str | None = None
    frontchannel_logout_uri: str | None = None
    introspects: bool = False
    """Whether it is a resource server that may look at tokens of others."""

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret (RFC 6749 2.1)."""
        return self.auth_method == "none"

    def __repr__(self) -> str:
        """Never show the digest."""
        return f"Client({self.client_id})"


@dataclass(frozen=True, kw_only=True, repr=False)
class Registered:
    """A service just registered. The secret is here once and never again."""

    service_id: int
    client_id: str
    client_secret: str | None
    registration: dict[str, Any]
    issued_at: datetime

    def __repr__(self) -> str:
        """Never show the secret."""
        return f"Registered({self.client_id})"

    def to_json(self) -> dict[str, Any]:
        """Return the client information response of RFC 7591 3.2.1."""
        secret = {"client_secret": self.client_secret, "client_secret_expires_at": 0} if self.client_secret else {}
        return {
            "client_id": self.client_id,
            **secret,
            "client_id_issued_at": int(self.issued_at.timestamp()),
            **self.registration,
        }


@dataclass(frozen=True, kw_only=True)
class ListedService:
    """A service as an operator sees it."""

    id: int
    protocol: str
    identifier: str
    name_da: str
    name_en: str
    sector: str
    built_in: bool
    registered_at: datetime
    disabled_at: datetime | None
    registration: dict[str, Any]
    from_source: bool = False
    """Whether its metadata is fetched, again and again."""


def register_oidc(
    db: Session,
    system: System,
    metadata: object,
    *,
    package: ReleasePackage | None = None,
    built_in: bool = False,
    client_id: str | None = None,
    listed: tuple[str, ...] | None = None,
    invited: str | None = None,
) -> Registered:
    """Register a client from RFC 7591 metadata; with ``package``, agree on it on behalf of every institution.

    ``client_id`` is drawn unless it is given; ``listed`` are the addresses that its sector names, and
    ``invited`` is the note of the token with which it registers itself. Raises :class:`MetadataRefused`.
    """
    accepted = accept(metadata, listed)
    registration = accepted.registration
    identifier = client_id or f"service-{secrets.token_urlsafe(12)}"
    if client_id and store.client_row(db, client_id):
        raise MetadataRefused([Fault(INVALID_CLIENT_METADATA, "client_id", f"{client_id} is registered already.")])
    secret = new_token() if registration["token_endpoint_auth_method"] in SECRET_METHODS else None
    service_id = store.insert_service(
        db,
        {
            "protocol": Protocol.OIDC,
            "identifier": identifier,
            "secret_digest": secret_digest(system, secret) if secret else None,
            "built_in": built_in,
            "registered_at": system.now(),
            **columns_of(accepted, identifier),
        },
    )
    system.record(
        db,
        AuditEvent.SERVICE_REGISTERED,
        service_id=service_id,
        facts={"client_id": identifier, "by": "operator" if invited is None else "itself"},
        texts={"invited": invited} if invited else {},
    )
    if package is not None:
        agreements.approve(db, system, service_id=service_id, institution_id=None, package=package)
    return Registered(
        service_id=service_id,
        client_id=identifier,
        client_secret=secret,
        registration=registration,
        issued_at=system.now(),
    )


def change_oidc(
    db: Session, system: System, client: Client, metadata: object, *, listed: tuple[str, ...] | None = None
) -> Registered:
    """Put new metadata in the place of all there were. A secret stays, or is made where none was needed before.

    Raises :class:`MetadataRefused`.
    """
    accepted = accept(metadata, listed)
    needs_secret = accepted.registration["token_endpoint_auth_method"] in SECRET_METHODS
    secret = new_token() if needs_secret and client.secret_digest is None else None
    kept: Mapping[str, Any] = {} if needs_secret else NO_SECRET
    store.update_service(
        db,
        client.client_id,
        {
            **columns_of(accepted, client.client_id),
            **kept,
            **({"secret_digest": secret_digest(system, secret)} if secret else {}),
        },
    )
    system.record(db, AuditEvent.SERVICE_CHANGED, service_id=client.id, facts={"secret": secret is not None})
    return Registered(
        service_id=client.id,
        client_id=client.client_id,
        client_secret=secret,
        registration=accepted.registration,
        issued_at=system.now(),
    )


def columns_of(accepted: AcceptedMetadata, identifier: str) -> dict[str, Any]:
    """Return what the row of a service says that comes from its metadata."""
    registration = accepted.registration
    name = registration.get("client_name", identifier)
    return {
        "name_da": registration.get("client_name#da", name),
        "name_en": registration.get("client_name#en", name),
        "registration": registration,
        "sector": accepted.sector or f"client:{identifier}",
        "requires_licence": registration.get("requires_license", False),
        "missing_licence_url": registration.get("missing_license_url"),
        "least_assurance": registration.get("least_assurance"),
        "accepts_adult_as_two": registration.get("accepts_adult_as_two", False),
    }


def find_client(db: Session, client_id: str) -> Client | None:
    """Return the OpenID Connect client of this id, disabled or not. One statement."""
    row = store.client_row(db, client_id)
    return client_of(row) if row is not None and row.protocol == Protocol.OIDC else None


def client_with_id(db: Session, service_id: int) -> Client | None:
    """Return an OpenID Connect client by the id of its row, disabled or not. One statement."""
    row = store.client_row_by_id(db, service_id)
    return client_of(row) if row is not None and row.protocol == Protocol.OIDC else None


def client_of(row: AnyRow) -> Client:
    """Read the columns of :data:`idp.store.services.CLIENT_COLUMNS`."""
    registration = row.registration
    return Client(
        id=row.service_id,
        client_id=row.identifier,
        name_da=row.name_da,
        name_en=row.name_en,
        redirect_uris=tuple(registration["redirect_uris"]),
        post_logout_redirect_uris=tuple(registration.get("post_logout_redirect_uris", ())),
        auth_method=registration["token_endpoint_auth_method"],
        algorithm=registration.get("id_token_signed_response_alg", "RS256"),
        requires_pkce=registration["token_endpoint_auth_method"] == "none" or registration.get("require_pkce", True),
        grant_types=tuple(registration.get("grant_types", ("authorization_code",))),
        default_max_age=registration.get("default_max_age"),
        default_acr_values=tuple(registration.get("default_acr_values", ())),
        sector=row.sector,
        secret_digest=row.secret_digest,
        previous_secret_digest=row.previous_secret_digest,
        previous_secret_until=row.previous_secret_until,
        built_in=row.built_in,
        requires_licence=row.requires_licence,
        missing_licence_url=row.missing_licence_url,
        least_assurance=Assurance(row.least_assurance) if row.least_assurance else None,
        disabled=row.disabled_at is not None,
        scope=scopes_of(registration),
        jwks=registration.get("jwks"),
        jwks_uri=registration.get("jwks_uri"),
        auth_signing_alg=registration.get("token_endpoint_auth_signing_alg"),
        dpop_bound=registration.get("dpop_bound_access_tokens", False),
        requires_par=registration.get("require_pushed_authorization_requests", False),
        requires_signed_request=registration.get("require_signed_request_object", False),
        request_object_alg=registration.get("request_object_signing_alg"),
        userinfo_alg=registration.get("userinfo_signed_response_alg"),
        access_token_format=registration.get("access_token_format", "opaque"),
        fapi=registration.get("fapi_2_profile", False),
        needs_consent=registration.get("needs_consent", False),
        backchannel_logout_uri=registration.get("backchannel_logout_uri"),
        frontchannel_logout_uri=registration.get("frontchannel_logout_uri"),
        introspects=registration.get("may_introspect", False),
    )


def secret_is_right(system: System, client: Client, secret: str) -> bool:
    """Compare a client secret with its HMAC under any key we have had. The secret is long, so no slow hash is needed."""
    until = client.previous_secret_until
    previous = client.previous_secret_digest if until is not None and system.now() < until else None
    tries = [
        known is not None and same(keyed_digest(key, secret), known)
        for key in system.keyring.tokens.keys.values()
        for known in (client.secret_digest, previous)
    ]
    return any(tries)


def services(db: Session) -> tuple[ListedService, ...]:
    """Return every service, in the order they were registered."""
    return tuple(
        ListedService(
            id=row.service_id,
            protocol=Protocol(row.protocol).value,
            identifier=row.identifier,
            name_da=row.name_da,
            name_en=row.name_en,
            sector=row.sector,
            built_in=row.built_in,
            registered_at=row.registered_at,
            disabled_at=row.disabled_at,
            registration=row.registration,
            from_source=row.metadata_source_id is not None,
        )
        for row in store.service_rows(db)
    )


def disable(db: Session, system: System, service_id: int, *, why: str) -> bool:
    """Disable a service; its codes and tokens are worth nothing from this moment. False when it was disabled already."""
    if not store.disable_service(db, service_id, system.now(), why):
        return False
    system.record(db, AuditEvent.SERVICE_DISABLED, service_id=service_id, texts={"why": why})
    return True


def service_id_of(db: Session, identifier: str) -> int | None:
    """Return the id of the service with this ``client_id``, entityID or number."""
    row = store.client_row(db, identifier)
    if row is not None:
        return int(row.service_id)
    return next((s.id for s in services(db) if str(s.id) == identifier), None)


def new_secret(db: Session, system: System, client: Client, *, keep: timedelta) -> str:
    """Give a service a new secret; the one it has counts for so long beside it."""
    secret = new_token()
    store.change_secret(db, client.id, secret_digest(system, secret), previous_until=system.now() + keep)
    system.record(
        db, AuditEvent.SECRET_CHANGED, service_id=client.id, facts={"kept_seconds": int(keep.total_seconds())}
    )
    return secret


def secret_digest(system: System, secret: str) -> bytes:
    """Return what is kept of a client secret."""
    return keyed_digest(system.keyring.tokens.current, secret)
