"""The authorization endpoint (OpenID Connect Core 3.1.2, RFC 6749 4.1.1): its checks, in their order.

The order is the security. As long as a check of the first tuple may fail, nobody is sent anywhere: the person sees what
is wrong. After them the redirect address is one that the client registered, and every further fault goes to the client.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.login.request import LoginRequest
from idp.oidc.acr_values import adult_will_do, known_levels, unpromised_level, wanted_level
from idp.oidc.core_5_5_claims_parameter import ClaimsRequest, claims_request
from idp.oidc.parameters import Fault, Parameters, first_broken, nothing_twice
from idp.oidc.rfc7636_pkce import wrong_challenge
from idp.oidc.rfc9207_issuer import Target
from policies.requested_claims import requested_anywhere
from policies.vocabulary import Protocol, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.usecases.services import Client

RESPONSE_MODES: Final = ("query", "form_post")
_LONGEST_AGE: Final = 10
"""Digits of ``max_age``: three hundred years of seconds."""
_LONGEST_HINT: Final = 254
_MOST_LANGUAGES: Final = 10
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True)
class Carried:
    """How a request came: pushed by the client, signed by it, or as anybody may have written it."""

    pushed: bool = False
    signed: bool = False
    digest: bytes | None = None
    """Of a pushed request that a browser has opened."""
    dpop_jkt: str | None = None
    """The key that the client proved to have when it pushed the request (RFC 9449 10.1)."""


PLAIN: Final = Carried()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An authorization request, read but not believed. ``hint`` holds the claims of a verified ``id_token_hint``."""

    parameters: Parameters
    client: Client | None
    now: datetime
    nsis: str = ""
    """The highest NSIS level that was notified."""
    hint: Mapping[str, Any] | None = None
    carried: Carried = PLAIN


@dataclass(frozen=True, kw_only=True)
class Trusted:
    """The same after the first checks: the client is known, and the address is the client's own."""

    parameters: Parameters
    client: Client
    redirect_uri: str
    now: datetime
    nsis: str = ""
    hint: Mapping[str, Any] | None = None
    carried: Carried = PLAIN

    @property
    def state(self) -> str | None:
        """``state``, to be echoed as it came."""
        return self.parameters["state"]

    @property
    def target(self) -> Target:
        """Where the answer goes; a ``response_mode`` that we do not know is answered as if it had not been sent."""
        mode = self.parameters["response_mode"]
        return Target(
            redirect_uri=self.redirect_uri, state=self.state, mode=mode if mode in RESPONSE_MODES else "query"
        )


# ── Before the redirect address is trusted ──


def _client_is_named(asked: Asked) -> Fault | None:
    if asked.parameters["client_id"] is None:
        return Fault("invalid_request", "client_id is missing, or comes more than once.", "client_id")
    return None


def _client_is_known(asked: Asked) -> Fault | None:
    return None if asked.client else Fault("invalid_client", "There is no such client.", "client_id")


def _client_is_enabled(asked: Asked) -> Fault | None:
    if asked.client is not None and asked.client.disabled:
        return Fault("unauthorized_client", "The client is disabled.", "client_id")
    return None


def _redirect_uri_is_registered(asked: Asked) -> Fault | None:
    wanted = asked.parameters["redirect_uri"]
    if wanted is None:
        return Fault("invalid_request", "redirect_uri is missing, or comes more than once.", "redirect_uri")
    # Character for character: no pattern, no normalising, no other port (RFC 9700 2.1).
    if asked.client is None or wanted not in asked.client.redirect_uris:
        return Fault("invalid_request", "redirect_uri is not one that the client registered.", "redirect_uri")
    return None


BEFORE_THE_TARGET_IS_TRUSTED: Final[tuple[Callable[[Asked], Fault | None], ...]] = (
    _client_is_named,
    _client_is_known,
    _client_is_enabled,
    _redirect_uri_is_registered,
)


# ── After: the client hears of it ──


def _nothing_comes_twice(asked: Trusted) -> Fault | None:
    return nothing_twice(asked.parameters)


def _nothing_is_left_closed(asked: Trusted) -> Fault | None:
    """What a request object or a pushed request held has been taken out before; nobody registers by the way."""
    for parameter in ("request", "request_uri", "registration"):
        if asked.parameters[parameter] is not None:
            return Fault(f"{parameter}_not_supported", f"{parameter} is not supported.", parameter)
    return None


def _comes_as_the_client_promised(asked: Trusted) -> Fault | None:
    """A client that pushes or signs its requests does so always (RFC 9126 5, RFC 9101 10.5)."""
    if asked.client.requires_par and not asked.carried.pushed:
        return Fault("invalid_request", "The client's requests must be pushed (RFC 9126).", "request_uri")
    if asked.client.requires_signed_request and not asked.carried.signed:
        return Fault("invalid_request", "The client's requests must be signed (RFC 9101).", "request")
    return None


def _response_type_is_code(asked: Trusted) -> Fault | None:
    wanted = asked.parameters["response_type"]
    if wanted is None:
        return Fault("invalid_request", "response_type is missing.", "response_type")
    if wanted != "code":
        return Fault("unsupported_response_type", "response_type must be code.", "response_type")
    return None


def _response_mode_is_offered(asked: Trusted) -> Fault | None:
    if asked.parameters["response_mode"] in {None, *RESPONSE_MODES}:
        return None
    return Fault("invalid_request", "response_mode must be query or form_post.", "response_mode")


def _scope_has_openid(asked: Trusted) -> Fault | None:
    if "openid" in asked.parameters.words("scope"):
        return None
    return Fault("invalid_scope", "scope must hold openid.", "scope")


def _pkce_is_used(asked: Trusted) -> Fault | None:
    return wrong_challenge(asked.parameters, asked.client)


def _code_may_be_bound(asked: Trusted) -> Fault | None:
    """Check ``dpop_jkt``, the thumbprint of the key that alone may redeem the code (RFC 9449 10)."""
    named, proven = asked.parameters["dpop_jkt"], asked.carried.dpop_jkt
    if named is None:
        return None
    if _THUMBPRINT.fullmatch(named) is None:
        return Fault("invalid_request", "dpop_jkt must be the SHA-256 thumbprint of a key.", "dpop_jkt")
    if proven not in {None, named}:
        return Fault("invalid_request", "dpop_jkt is another key's than the DPoP proof.", "dpop_jkt")
    return None


def _none_stands_alone(asked: Trusted) -> Fault | None:
    prompts = asked.parameters.words("prompt")
    if "none" in prompts and len(prompts) > 1:
        return Fault("invalid_request", "prompt=none stands alone.", "prompt")
    return None


def _max_age_is_a_number(asked: Trusted) -> Fault | None:
    age = asked.parameters["max_age"]
    if age is None or (age.isascii() and age.isdigit() and len(age) <= _LONGEST_AGE):
        return None
    return Fault("invalid_request", "max_age must be a whole number of seconds.", "max_age")


def _hint_is_ours(asked: Trusted) -> Fault | None:
    if asked.parameters["id_token_hint"] is None:
        return None
    if asked.hint is None or asked.hint.get("aud") != asked.client.client_id:
        return Fault("invalid_request", "id_token_hint is not an ID Token of ours for this client.", "id_token_hint")
    return None


def _claims_can_be_read(asked: Trusted) -> Fault | None:
    wanted = claims_request(asked.parameters)
    return wanted if isinstance(wanted, Fault) else None


def _one_person_is_expected(asked: Trusted) -> Fault | None:
    named, hinted = _claims(asked).subject, asked.hint.get("sub") if asked.hint else None
    if named is None or hinted in {None, named}:
        return None
    return Fault("invalid_request", "claims names another sub than id_token_hint.", "claims")


def _level_can_be_promised(asked: Trusted) -> Fault | None:
    claims = _claims(asked)
    return unpromised_level(
        _level_names(asked), nsis=asked.nsis, insists=claims.insists, parameter=_says_the_level(claims)
    )


AFTER_THE_TARGET_IS_TRUSTED: Final[tuple[Callable[[Trusted], Fault | None], ...]] = (
    _nothing_comes_twice,
    _nothing_is_left_closed,
    _comes_as_the_client_promised,
    _response_type_is_code,
    _response_mode_is_offered,
    _scope_has_openid,
    _pkce_is_used,
    _code_may_be_bound,
    _none_stands_alone,
    _max_age_is_a_number,
    _hint_is_ours,
    _claims_can_be_read,
    _one_person_is_expected,
    _level_can_be_promised,
)


def untrusted_fault(asked: Asked) -> Fault | None:
    """Return the first fault that the person must see."""
    return first_broken(BEFORE_THE_TARGET_IS_TRUSTED, asked)


def trusted(asked: Asked) -> Trusted:
    """Return the request whose target is trusted. Raises ValueError when :func:`untrusted_fault` has one."""
    redirect_uri = asked.parameters["redirect_uri"]
    if asked.client is None or redirect_uri is None or untrusted_fault(asked) is not None:
        raise ValueError("not to be trusted")
    return Trusted(
        parameters=asked.parameters,
        client=asked.client,
        redirect_uri=redirect_uri,
        now=asked.now,
        nsis=asked.nsis,
        hint=asked.hint,
        carried=asked.carried,
    )


def trusted_fault(asked: Trusted) -> Fault | None:
    """Return the first fault that the client hears of."""
    return first_broken(AFTER_THE_TARGET_IS_TRUSTED, asked)


def login_request(asked: Trusted) -> LoginRequest:
    """Put the request into the words that both protocols share."""
    parameters, client = asked.parameters, asked.client
    wanted, asked_as = wanted_level(_level_names(asked), client, asked.nsis)
    claims = _claims(asked)
    # A scope that the client may not ask for, or that nobody knows, is left out (3.1.2.1); the token's answer says so.
    scope = " ".join(dict.fromkeys(word for word in parameters.words("scope") if word in client.scope))
    return LoginRequest(
        protocol=Protocol.OIDC,
        service_id=client.id,
        fresh_since=_fresh_since(asked),
        silent="none" in parameters.words("prompt"),
        asks_consent="consent" in parameters.words("prompt"),
        assurance=wanted,
        adult_will_do=adult_will_do(_level_names(asked), client, asked.nsis),
        consent=scope if client.needs_consent else None,
        consent_claims=consent_claims(client, scope, claims.kept),
        task=_task(asked),
        expected=(parameters["login_hint"] or "")[:_LONGEST_HINT] or None,
        languages=parameters.words("ui_locales")[:_MOST_LANGUAGES],
        reply_to={
            "client_id": client.client_id,
            "sector": client.sector,
            "redirect_uri": asked.redirect_uri,
            "state": asked.state,
            "response_mode": asked.target.mode,
            "scope": scope,
            "nonce": parameters["nonce"],
            "code_challenge": parameters["code_challenge"],
            "dpop_jkt": asked.carried.dpop_jkt or parameters["dpop_jkt"],
            "pushed": asked.carried.digest.hex() if asked.carried.digest is not None else None,
            "acr_asked": asked_as,
            "level_from": _says_the_level(claims) if _level_names(asked) else None,
            "essential_levels": [level.value for level in known_levels(claims.levels, asked.nsis).values()]
            if claims.insists
            else [],
            "claims_request": claims.kept,
            "subject": asked.hint.get("sub") if asked.hint else claims.subject,
            "requires_licence": client.requires_licence,
            "missing_licence_url": client.missing_licence_url,
        },
    )


def consent_claims(client: Client, scope: str, claims_request: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the claims that the person is asked about, where the service is not the school's; None for all."""
    asked = requested_anywhere(scope.split(), claims_request) if client.needs_consent else None
    return None if asked is None else tuple(sorted(asked))


def _task(asked: Trusted) -> Task | None:
    """Return what our own administration sends the person to do; from any other client it is an unknown parameter."""
    wanted = asked.parameters["skolepas_task"] if asked.client.built_in else None
    return next((task for task in Task if task.value == wanted), None)


def _fresh_since(asked: Trusted) -> datetime | None:
    """Return from when factors count: now for a login that is to be proven again, or as far back as ``max_age`` says."""
    if {"login", "select_account"} & set(asked.parameters.words("prompt")):
        return asked.now
    age = asked.parameters["max_age"]
    seconds = asked.client.default_max_age if age is None else int(age)
    if seconds is None:
        return None
    try:
        return asked.now - timedelta(seconds=seconds)
    except OverflowError:
        return None


def _level_names(asked: Trusted) -> tuple[str, ...]:
    """Return the levels that the request names: those of the ``claims`` parameter, else ``acr_values``."""
    return _claims(asked).levels or asked.parameters.words("acr_values")


def _claims(asked: Trusted) -> ClaimsRequest:
    """Return the ``claims`` parameter of a request in which it can be read."""
    wanted = claims_request(asked.parameters)
    if isinstance(wanted, Fault):
        raise ValueError(wanted.description)  # noqa: TRY004 (a check has looked before)
    return wanted


def _says_the_level(claims: ClaimsRequest) -> str:
    return "claims" if claims.levels else "acr_values"
