"""What a service asks of a login, in words that SAML and OpenID Connect share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policies.vocabulary import Assurance, Protocol, Task


@dataclass(frozen=True, kw_only=True)
class LoginRequest:
    """A service's request, read and checked by its protocol.

    =====================  =========================  ==============================
    question               SAML                       OpenID Connect
    =====================  =========================  ==============================
    ``fresh_since``        ForceAuthn                 prompt=login, max_age
    ``silent``             IsPassive                  prompt=none
    ``asks_consent``       Consent                    prompt=consent
    ``assurance``          RequestedAuthnContext      acr_values, claims
    ``expected``           Subject                    login_hint, id_token_hint
    ``reply_to``           ACS URL and binding        redirect URI, mode, state, nonce …
    =====================  =========================  ==============================
    """

    protocol: Protocol
    service_id: int
    fresh_since: datetime | None = None
    """Factors proven before this moment do not count."""
    silent: bool = False
    """No page may be shown."""
    asks_consent: bool = False
    """The person is to be asked whether the service may have what it asks for, whatever they said before; for a service of
    the school's there is nothing to ask."""
    assurance: Assurance | None = None
    """The level that is needed; nothing means EnFaktor."""
    adult_will_do: bool = False
    """The request itself names VoksenVerificeret beside ToFaktor, so either of them answers it."""
    expected: str | None = None
    """A username that is filled in; never trusted."""
    consent: str | None = None
    """What the person must allow before the service is told anything, as scopes; None for a school's own service."""
    consent_claims: tuple[str, ...] | None = None
    """The claims that are asked for in such a case; None for all that may leave."""
    other_screen: str | None = None
    """The code that another screen shows, if the login is for that screen (RFC 8628): the person is always asked."""
    task: Task | None = None
    """What the person comes to do; asked for by our own administration alone."""
    languages: tuple[str, ...] = ()
    """``ui_locales``, in the order of preference."""
    reply_to: dict[str, Any] = field(default_factory=dict)
    """What the protocol needs to answer; strings, numbers, lists and None only. Opaque to everybody else."""

    def to_json(self) -> dict[str, Any]:
        """Return what a login attempt's row keeps."""
        return {
            "protocol": self.protocol.value,
            "service_id": self.service_id,
            "fresh_since": self.fresh_since.isoformat() if self.fresh_since else None,
            "silent": self.silent,
            "asks_consent": self.asks_consent,
            "assurance": self.assurance.value if self.assurance else None,
            "adult_will_do": self.adult_will_do,
            "expected": self.expected,
            "consent": self.consent,
            "consent_claims": None if self.consent_claims is None else list(self.consent_claims),
            "other_screen": self.other_screen,
            "task": self.task.value if self.task else None,
            "languages": list(self.languages),
            "reply_to": self.reply_to,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> LoginRequest:
        """Read what :meth:`to_json` wrote."""
        return cls(
            protocol=Protocol(kept["protocol"]),
            service_id=kept["service_id"],
            fresh_since=datetime.fromisoformat(kept["fresh_since"]) if kept["fresh_since"] else None,
            silent=kept["silent"],
            asks_consent=kept.get("asks_consent", False),
            assurance=Assurance(kept["assurance"]) if kept["assurance"] else None,
            adult_will_do=kept.get("adult_will_do", False),
            expected=kept["expected"],
            consent=kept.get("consent"),
            consent_claims=None if kept.get("consent_claims") is None else tuple(kept["consent_claims"]),
            other_screen=kept.get("other_screen"),
            task=Task(kept["task"]) if kept.get("task") else None,
            languages=tuple(kept["languages"]),
            reply_to=kept["reply_to"],
        )
