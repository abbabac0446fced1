"""What a login gives a service: a grant with a code, an access token for the code, and the claims behind both.

A login with a live session costs the database one insert here; redeeming the code one look-up that finds client, grant,
person, session and facts together, one update that burns the code, and what must be written; userinfo one look-up.
Everything that can end a grant (session, person, service, attachment, a code used twice) is looked at in those look-ups,
so that nothing outlives its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.outside.sealing import keyed_digest, new_token, token_digest
from idp.store import grants as store
from idp.store import releases
from idp.store.login_sessions import insert_participant
from idp.usecases.facts import Knowledge, knowledge_of, school_day
from idp.usecases.services import Client, client_of
from policies.assurance import assurance_of
from policies.identifiers import pairwise_subject
from policies.vocabulary import Assurance, Factor, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.sessions import LiveSession
    from idp.usecases.system import System

_METHODS: Final[Mapping[Factor, str]] = {
    # RFC 8176 has no word for pictures; what they prove is knowledge of a secret, like a password.
    Factor.PICTURES: "pwd",
    Factor.PASSWORD: "pwd",
    Factor.PASSKEY: "hwk",
    Factor.TOTP: "otp",
    Factor.RECOVERY_CODE: "otp",
    # Not in the RFC's registry, which lets parties agree on further values (RFC 8176 2).
    Factor.CARD: "card",
    Factor.ADULT: "adult",
    Factor.UPSTREAM: "fed",
    Factor.UPSTREAM_TWO: "fed",
}
OFFLINE: Final = "offline_access"
_LEAVES_OFFLINE_ACCESS: Final = frozenset({None, "logout", "replaced"})
"""Why a session may have ended so that offline access goes on. A new code, a removed factor or somebody who ended the
session from elsewhere mean that the login is not to be trusted any more (decision 65)."""


@dataclass(frozen=True, kw_only=True)
class CodeRequest:
    """What the authorization request decided about the code it asks for."""

    service_id: int
    sector: str
    redirect_uri: str | None
    """None where no browser carries the code (RFC 8628)."""
    scope: str = "openid"
    nonce: str | None = None
    code_challenge: str | None = None
    claims_request: Mapping[str, Any] = field(default_factory=dict)
    """The ``claims`` parameter as JSON (OpenID Connect Core 5.5): members ``userinfo`` and ``id_token``."""
    dpop_jkt: str | None = None
    """The key that alone may redeem the code (RFC 9449 10)."""
    wanted: Assurance | None = None
    acr_asked: str | None = None
    """The service's own name for ``wanted`` (``To_Faktor``), to be answered in kind."""


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A grant as a code or a token finds it. ``lives`` is False when its reason has ended or it was revoked."""

    id: int
    client: Client
    service_id: int
    person_id: int
    session_id: int | None
    subject: str
    sid: str
    scope: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    nonce: str | None
    redirect_uri: str | None
    code_challenge: str | None
    claims_request: Mapping[str, Any]
    dpop_jkt: str | None
    code_expires_at: datetime | None
    code_used: bool
    expires_at: datetime | None
    """The absolute end of its refresh tokens."""
    session_over: bool
    offline: bool
    """Whether it outlives its session: asked with ``offline_access``, agreed by the school, not on a shared device."""
    lives: bool
    knowledge: Knowledge


@dataclass(frozen=True, kw_only=True)
class ShownToken:
    """An access token that is good now, and what it stands for. ``jkt`` is the key that it is bound to (RFC 9449 6)."""

    granted: Granted
    scope: str
    jkt: str | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Presented:
    """Who redeems a code, and what the code stands for; no grant when nobody was given such a code."""

    client: Client
    granted: Granted | None
    keys_version: int | None


def subject_of(system: System, *, sector: str, uniid: str) -> str:
    """Return the pairwise ``sub`` (OpenID Connect Core 8.1)."""
    return pairwise_subject(system.keyring.pairwise.current, sector, uniid)


def session_name(system: System, session_id: int, service_id: int) -> str:
    """Return the name of a session towards one service: always the same there, of no use elsewhere."""
    return keyed_digest(system.keyring.pairwise.current, "sid", str(session_id), str(service_id)).hex()[:32]


def begin_grant(db: Session, system: System, session: LiveSession, asked: CodeRequest) -> str | None:
    """Grant a code for a live session and return it; None when the service has been disabled. One statement."""
    code = new_token()
    until = system.now() + timedelta(seconds=system.settings.oidc.code_seconds)
    made = begin_grant_of(db, system, session, asked, token_digest(code), until)
    return None if made is None else code


def begin_grant_of(
    db: Session, system: System, session: LiveSession, asked: CodeRequest, code_digest: bytes, until: datetime
) -> int | None:
    """Grant a code that the service has already, of which we keep the digest (RFC 8628); the grant's id."""
    now = system.now()
    factors = [proven.factor for proven in session.factors]
    assurance = assurance_of(factors, asked.wanted) or Assurance.EN_FAKTOR
    return store.insert_grant(
        db,
        asked.service_id,
        {
            "person_id": session.person_id,
            "session_id": session.id,
            "subject": subject_of(system, sector=asked.sector, uniid=session.uniid),
            "sid": session_name(system, session.id, asked.service_id),
            "scope": asked.scope,
            "claims_request": dict(asked.claims_request),
            "auth_time": session.auth_time,
            "assurance": assurance.value,
            "acr": asked.acr_asked if asked.acr_asked and assurance is asked.wanted else assurance.value,
            "amr": _methods(factors, assurance),
            "created_at": now,
            "code_digest": code_digest,
            "redirect_uri": asked.redirect_uri,
            "code_expires_at": until,
            **({"nonce": asked.nonce} if asked.nonce is not None else {}),
            **({"code_challenge": asked.code_challenge} if asked.code_challenge is not None else {}),
            **({"dpop_jkt": asked.dpop_jkt} if asked.dpop_jkt is not None else {}),
        },
    )


def licence_missing(db: Session, system: System, session: LiveSession, service_id: int) -> bool:
    """Whether the service requires a licence that this person's institutions do not have (decision 12). One statement."""
    rows = releases.session_rows(
        db, service_id=service_id, session_id=session.id, now=system.now(), today=school_day(system)
    )
    return not rows or knowledge_of(rows, sub="", assurance=Assurance.EN_FAKTOR).licence_missing


def find_code(db: Session, system: System, *, client_id: str, code: str) -> Presented | None:
    """Find client, code and facts in one statement; None when no client is so called. The code is not used up."""
    now = system.now()
    rows = store.code_rows(db, client_id=client_id, digest=token_digest(code), now=now, today=school_day(system))
    if not rows or rows[0].protocol != Protocol.OIDC:
        return None
    first = rows[0]
    granted = granted_of(rows, now) if first.grant_id is not None else None
    return Presented(client=client_of(first), granted=granted, keys_version=first.keys_version)


def redeem(
    db: Session, system: System, granted: Granted, access_token: str, *, jkt: str | None = None, refreshes: bool = False
) -> bool:
    """Burn the code and keep the access token; False when somebody was quicker. Remembers that the service was told.

    ``jkt`` is the key that the token is bound to, and what a public client refreshes with; ``refreshes`` tells that
    refresh tokens come of it, whose absolute end begins now.
    """
    until = refreshes_until(system, granted) if refreshes else None
    bound = jkt if granted.client.is_public else None
    if not store.burn_code(db, granted.id, system.now(), until=until, jkt=bound):
        return False
    keep_access_token(db, system, granted, access_token, scope=granted.scope, jkt=jkt)
    tell(db, system, granted)
    return True


def refreshes_until(system: System, granted: Granted) -> datetime:
    """Return the absolute end of the refresh tokens of a grant that begins now (RFC 9700 4.14.2, ASVS 10.4.8)."""
    settings = system.settings.oidc
    return system.now() + timedelta(seconds=settings.offline_seconds if granted.offline else settings.refresh_seconds)


def keep_access_token(
    db: Session, system: System, granted: Granted, token: str, *, scope: str, jkt: str | None = None
) -> None:
    """Keep the digest of an access token that is given out now."""
    now = system.now()
    store.insert_access_token(
        db,
        {
            "digest": token_digest(token),
            "grant_id": granted.id,
            "scope": scope,
            "dpop_jkt": jkt,
            "issued_at": now,
            "expires_at": now + timedelta(seconds=system.settings.oidc.token_seconds),
        },
    )


def tell(db: Session, system: System, granted: Granted) -> None:
    """Remember that a service is told of a person, for logout and on the record. Two statements."""
    insert_participant(
        db,
        {
            "session_id": granted.session_id,
            "service_id": granted.service_id,
            "protocol": Protocol.OIDC,
            "subject": granted.subject,
            "session_index": granted.sid,
            "first_told_at": system.now(),
        },
    )
    record_told(db, system, granted)


def record_told(db: Session, system: System, granted: Granted) -> None:
    """Put on record that a service is told of a person."""
    package = granted.knowledge.package
    system.record(
        db,
        AuditEvent.SERVICE_TOLD,
        subject_id=granted.person_id,
        service_id=granted.service_id,
        session_id=granted.session_id,
        facts={"package": package.value if package else None, "grant": granted.id},
    )


def revoke(db: Session, system: System, granted: Granted, *, why: str) -> None:
    """Revoke a grant with every token of its family."""
    if store.revoke_grant(db, granted.id, system.now()):
        system.record(
            db,
            AuditEvent.GRANT_REVOKED,
            subject_id=granted.person_id,
            service_id=granted.service_id,
            session_id=granted.session_id,
            facts={"why": why, "grant": granted.id},
        )


def revoke_access_token(db: Session, system: System, token: str) -> bool:
    """Revoke one access token; False when it was revoked already."""
    return store.revoke_access_token(db, token_digest(token), system.now())


def find_token(db: Session, system: System, token: str) -> ShownToken | None:
    """Return what an access token stands for; None when it is unknown, expired, revoked, or its reason has ended."""
    now = system.now()
    rows = store.token_rows(db, digest=token_digest(token), now=now, today=school_day(system))
    if not rows or rows[0].token_expires_at <= now or rows[0].token_revoked_at is not None:
        return None
    first, granted = rows[0], granted_of(rows, now)
    if not granted.lives or granted.client.disabled:
        return None
    return ShownToken(
        granted=granted,
        scope=first.token_scope,
        jkt=first.token_jkt,
        issued_at=first.token_issued_at,
        expires_at=first.token_expires_at,
    )


def granted_of(rows: Sequence[AnyRow], now: datetime) -> Granted:
    """Read rows of :data:`idp.store.grants.GRANT_COLUMNS`, a client's columns and the facts, all of one grant."""
    first = rows[0]
    assurance, acr, amr = _level_now(first, now)
    knowledge = knowledge_of(rows, sub=first.subject, assurance=assurance)
    session_over = first.session_id is not None and (
        first.session_ended_at is not None or first.session_expires_at <= now
    )
    offline = (
        OFFLINE in first.scope.split()
        and knowledge.package is not None
        and not first.shared_device
        and first.session_ended_why in _LEAVES_OFFLINE_ACCESS
    )
    over = (
        first.revoked_at is not None,
        first.blocked_at is not None,
        first.person_ended_at is not None,
        session_over and not offline,
        first.acting_affiliation_id is not None and not knowledge.attached,
    )
    return Granted(
        id=first.grant_id,
        client=client_of(first),
        service_id=first.grant_service_id,
        person_id=first.person_id,
        session_id=first.session_id,
        subject=first.subject,
        sid=first.sid,
        scope=first.scope,
        auth_time=first.auth_time,
        acr=acr,
        amr=amr,
        nonce=first.nonce,
        redirect_uri=first.redirect_uri,
        code_challenge=first.code_challenge,
        claims_request=first.claims_request or {},
        dpop_jkt=first.dpop_jkt,
        code_expires_at=first.code_expires_at,
        code_used=first.code_used_at is not None,
        expires_at=first.grant_expires_at,
        session_over=session_over,
        offline=offline,
        lives=not any(over),
        knowledge=knowledge,
    )


def _level_now(grant: AnyRow, now: datetime) -> tuple[Assurance, str, tuple[str, ...]]:
    """Return the level of a grant, its ``acr`` and ``amr``: an adult's word that has run out is told no more (decision 9)."""
    assurance, methods = Assurance(grant.assurance), tuple(grant.amr)
    if assurance is not Assurance.VOKSEN_VERIFICERET or (grant.adult_until is not None and grant.adult_until > now):
        return assurance, grant.acr, methods
    own = tuple(method for method in methods if method != _METHODS[Factor.ADULT])
    return Assurance.EN_FAKTOR, Assurance.EN_FAKTOR.value, own


def _methods(factors: list[Factor], assurance: Assurance) -> list[str]:
    """Return ``amr`` (RFC 8176): each method once, and ``mfa`` where two factors are what the level says."""
    methods = list(dict.fromkeys(_METHODS[factor] for factor in reversed(factors)))
    several = len(methods) > 1 or Factor.UPSTREAM_TWO in factors
    return [*methods, "mfa"] if assurance is Assurance.TO_FAKTOR and several else methods
