"""Rows that count once, whoever comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from idp.store import consents, device_authorizations, presented_jwts, pushed_requests, registration
from tests import recipes

if TYPE_CHECKING:
    from datetime import datetime

    from idp.usecases.system import System

DIGEST = b"d" * 32


def test_a_signed_statement_counts_once_for_each_who_signs(system: System) -> None:
    until = system.now() + timedelta(minutes=1)
    with system.database.writing() as db:
        seen = [presented_jwts.remember(db, who, "1", until) for who in ("service:1", "service:1", "dpop:k")]
        assert presented_jwts.remember(db, "service:1", "2", until)
    assert seen == [True, False, True]


def test_a_pushed_request_is_opened_by_one_browser_and_used_once(system: System) -> None:
    now, soon = system.now(), system.now() + timedelta(seconds=90)
    with system.database.writing() as db:
        service = recipes.a_service(db, system)
        values = {"digest": DIGEST, "service_id": service, "parameters": "{}", "created_at": now, "expires_at": soon}
        pushed_requests.insert_pushed(db, values)
        found = pushed_requests.pushed_row(db, DIGEST)
        assert found is not None
        assert (found.service_id, found.parameters, found.dpop_jkt, found.used_at) == (service, "{}", None, None)
        one, other = b"1" * 32, b"2" * 32

        def opened(browser: bytes, at: datetime, since: datetime) -> bool:
            about: dict[str, Any] = {"service_id": service, "browser": browser, "now": at, "since": since}
            return pushed_requests.open_pushed(db, DIGEST, **about) is not None

        assert not opened(one, soon, now)
        assert opened(one, now, now)
        assert not opened(other, now, now)
        assert opened(one, soon, now - timedelta(seconds=1))
        assert not opened(one, soon, now)
        used = [pushed_requests.use_pushed(db, DIGEST, now, again_since=since) for since in (now, now)]
        assert used == [True, False]
        assert pushed_requests.use_pushed(db, DIGEST, soon, again_since=now - timedelta(seconds=1))
        assert not opened(one, now, now - timedelta(seconds=1))
        assert pushed_requests.pushed_row(db, b"x" * 32) is None


def test_a_device_is_decided_upon_once_and_its_code_is_used_once(system: System) -> None:
    now = system.now()
    with system.database.writing() as db:
        values = {
            "service_id": recipes.a_service(db, system), "device_code_digest": DIGEST, "user_code_digest": b"u" * 32,
            "scope": "openid", "claims_request": {}, "created_at": now, "expires_at": now + timedelta(minutes=5),
            "interval_seconds": 5,
        }  # fmt: skip
        made = device_authorizations.insert_device(db, values)
        device_authorizations.polled(db, made, now, 10)
        decided = [
            device_authorizations.decide(db, made, now, allowed=allowed, session_id=None, person_id=None)
            for allowed in (False, True)
        ]
        used = [device_authorizations.use_device(db, made, now) for _ in range(2)]
        found = device_authorizations.row_of_user_code(db, b"u" * 32)
        assert found == device_authorizations.row_of_device_code(db, DIGEST)
    assert found is not None
    assert (found.id, found.allowed, found.interval_seconds, found.last_polled_at) == (made, False, 10, now)
    assert (decided, used) == ([True, False], [True, False])


def test_a_token_to_register_with_is_used_so_many_times_until_its_end(system: System) -> None:
    now = system.now()
    values = {"digest": DIGEST, "note": "Forlaget", "created_at": now, "expires_at": now + timedelta(hours=1)}
    with system.database.writing() as db:
        registration.insert_initial_token(db, {**values, "uses_left": 2})
        assert registration.use_initial_token(db, DIGEST, now + timedelta(hours=1)) is None
        assert [registration.use_initial_token(db, DIGEST, now) for _ in range(3)] == ["Forlaget", "Forlaget", None]


def test_a_consent_is_replaced_by_the_next_one_and_ends(system: System) -> None:
    with system.database.writing() as db:
        pupil = recipes.a_pupil(db, system, recipes.a_school(db, system))
        who = {"person_id": pupil.id, "service_id": recipes.a_service(db, system)}
        consents.give(db, **who, scope="openid", claims=[], now=system.now())
        consents.give(db, **who, scope="openid email", claims=["email"], now=system.now())
        found = consents.consent_row(db, **who)
        assert found is not None
        assert (found.scope, found.claims) == ("openid email", ["email"])
        assert [consents.end(db, **who, now=system.now()) for _ in range(2)] == [True, False]
        assert consents.consent_row(db, **who) is None
        consents.give(db, **who, scope="openid", claims=[], now=system.now())
        assert consents.consent_row(db, **who) is not None
