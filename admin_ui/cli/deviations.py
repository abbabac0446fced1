"""What in the running configuration is other than OIOSAML 3.0.3, saml2int 2.0 and RFC 9700 ask, each with the number of the requirement.

Nothing here is wrong: an operator may have decided so. OIOSAML's rules are named by what they are about, in the place
of their numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.usecases.service_provider_json import read_registration
from idp.usecases.service_providers import REDIRECT, TRANSIENT, Profile, demands_signed_requests
from idp.usecases.services import services
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from idp.settings import Settings
    from idp.usecases.service_providers import PublishedMetadata, SamlOptions
    from idp.usecases.system import System

Deviation = tuple[str, str]
"""(requirement, what is other)."""

_WITH_A_KEY: Final = frozenset({"private_key_jwt"})


def deviations(system: System) -> Iterator[Deviation]:
    """Yield every deviation of the settings and of each service that is not disabled."""
    yield from _of_the_settings(system.settings)
    with system.database.reading() as db:
        every = [one for one in services(db) if one.disabled_at is None and not one.built_in]
    oiosaml = False
    for one in every:
        if one.protocol == Protocol.SAML:
            options, metadata = read_registration(one.registration)
            oiosaml = oiosaml or options.profile is Profile.OIOSAML
            yield from (
                (rule, f"{one.identifier} {what}")
                for rule, what in _of_saml(options, metadata, sourced=one.from_source)
            )
        else:
            yield from ((rule, f"{one.identifier} {what}") for rule, what in _of_oidc(one.registration))
    if oiosaml and not system.settings.login.nsis_notified:
        yield (
            "OIOSAML 3.0.3, nsis/loa",
            "login.nsis_notified names no level: services with the profile oiosaml get no assertion",
        )


def _of_the_settings(settings: Settings) -> Iterator[Deviation]:
    if not settings.site.issuer.startswith("https://"):
        yield "RFC 9700 2.6", "site.issuer is not https"
        yield "saml2int SDP-IDP03", "site.issuer is not https, nor then are logo (SDP-MD10) and errorURL (SDP-MD12)"
    if not settings.saml.technical_contact:
        yield "saml2int SDP-MD11", "saml.technical_contact names nobody"
    if settings.oidc.registration != "closed":
        yield (
            "RFC 9700 4.1",
            f"oidc.registration is {settings.oidc.registration}: whoever has a token names redirect addresses",
        )


def _of_saml(options: SamlOptions, metadata: PublishedMetadata, *, sourced: bool) -> Iterator[Deviation]:
    if not sourced:
        yield "saml2int SDP-MD01", "has metadata from a file, which nobody fetches anew"
    if metadata.valid_until is None:
        yield "saml2int SDP-MD03", "has metadata without validUntil"
    if not any(end.binding == REDIRECT for end in metadata.logout):
        yield "saml2int SDP-IDP24", "takes no LogoutRequest by HTTP-Redirect"
    if any(one.location.startswith("http://") for one in metadata.consumers):
        yield "saml2int SDP-SP09", "takes Responses over http"
    signs = demands_signed_requests(metadata, options)
    if options.profile is Profile.SAML2INT:
        yield from _of_saml2int(options)
    elif options.profile is Profile.OIOSAML:
        yield from _of_oiosaml(options, signs=signs)
    else:
        if options.sign_response is False or (options.sign_response is None and options.profile is Profile.PLAIN):
            yield "saml2int SDP-IDP09", "gets Responses that are not signed as a whole"
        if options.encrypt_assertion is False or not metadata.encryption_keys:
            yield "saml2int SDP-IDP11", "gets assertions that are not encrypted"
        if (options.name_id_format or "") != TRANSIENT:
            yield "saml2int SDP-IDP12", "gets a NameID that is not transient"


def _of_saml2int(options: SamlOptions) -> Iterator[Deviation]:
    if options.sign_response is False:
        yield "saml2int SDP-IDP09", "gets Responses that are not signed as a whole"
    if options.encrypt_assertion is False:
        yield "saml2int SDP-IDP11", "gets assertions that are not encrypted"
    if options.name_id_format not in {None, TRANSIENT}:
        yield "saml2int SDP-IDP12", "gets a NameID that is not transient"


def _of_oiosaml(options: SamlOptions, *, signs: bool) -> Iterator[Deviation]:
    if not signs:
        yield "OIOSAML 3.0.3, AuthnRequest", "need not sign its requests"
    if options.sign_response:
        yield "OIOSAML 3.0.3, Response", "gets Responses that are signed as a whole"
    if options.sign_assertion is False:
        yield "OIOSAML 3.0.3, Assertion", "gets assertions that are not signed themselves"
    if options.encrypt_assertion is False:
        yield "OIOSAML 3.0.3, EncryptedAssertion", "gets assertions that are not encrypted"
    if options.idp_initiated:
        yield "OIOSAML 3.0.3, Response", "takes Responses that it did not ask for"


def _of_oidc(registration: Mapping[str, Any]) -> Iterator[Deviation]:
    if registration.get("require_pkce") is False:
        yield "RFC 9700 2.1.1", "need not use PKCE"
    method = registration.get("token_endpoint_auth_method", "client_secret_basic")
    if method not in _WITH_A_KEY:
        how = "does not authenticate" if method == "none" else "authenticates with a shared secret"
        yield "RFC 9700 2.5", f"{how}, rather than with a key"
    if not registration.get("dpop_bound_access_tokens"):
        yield "RFC 9700 2.2.1", "gets access tokens that are not bound to a key"
    if any(str(uri).startswith("http://") for uri in registration.get("redirect_uris", ())):
        yield "RFC 9700 2.6", "is answered over http"


def numbered(system: System) -> Iterator[str]:
    """Yield each deviation as a line."""
    yield from (f"{rule}: {what}." for rule, what in deviations(system))
