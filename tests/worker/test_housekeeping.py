"""What a worker clears away, and what it leaves: everything on record, and whatever still counts."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, update

from admin_ui.cli.worker import sweep
from idp.store.credentials import Guesses
from idp.store.device_authorizations import DeviceAuthorization
from idp.store.grants import AccessToken, Grant, RefreshToken
from idp.store.login_requests import LoginAttempt, SeenMessage
from idp.store.login_sessions import LoginSession
from idp.store.outbox import OutboxMessage
from idp.store.presented_jwts import PresentedJwt
from idp.store.pushed_requests import PushedRequest
from idp.store.registration import InitialAccessToken
from idp.store.saml_logouts import SamlLogout
from idp.store.step_up import StepUpRequest
from idp.usecases import housekeeping, saml_logout
from policies.vocabulary import Level
from tests import recipes

if TYPE_CHECKING:
    from idp.store.base import Base
    from idp.usecases.system import System
    from tests.conftest import StandingClock

_numbers = count(1)


def digest() -> bytes:
    return next(_numbers).to_bytes(32, "big")


def put(system: System, model: type[Base], **values: Any) -> int:  # noqa: ANN401
    with system.database.writing() as db:
        key = model.__table__.primary_key.columns.values()[0]
        return db.execute(insert(model).returning(key), values).scalar_one()


def rows(system: System, model: type[Base]) -> int:
    with system.database.reading() as db:
        return db.execute(select(func.count()).select_from(model)).scalar_one()


def clear(system: System) -> None:
    while sweep(system):
        pass


class Scene:
    """A pupil, a service, and rows of theirs."""

    def __init__(self, system: System) -> None:
        self.system = system
        with system.database.writing() as db:
            school = recipes.a_school(db, system)
            self.school = school.id
            self.pupil = recipes.a_pupil(db, system, school, level=Level.G1)
            self.service = recipes.a_service(db, system)

    def session(self) -> int:
        now = self.system.now()
        return put(
            self.system, LoginSession, token_digest=digest(), person_id=self.pupil.id, actor_group="Elev",
            shared_device=False, browser="Firefox", created_at=now, last_seen_at=now, idle_seconds=60,
            expires_at=now + timedelta(hours=8),
        )  # fmt: skip

    def attempt(self, session_id: int | None = None) -> int:
        now = self.system.now()
        return put(
            self.system, LoginAttempt, handle_digest=digest(), browser_digest=digest(), protocol="oidc",
            service_id=self.service, request={}, state={}, created_at=now, expires_at=now + timedelta(minutes=30),
            session_id=session_id,
        )  # fmt: skip

    def grant(self) -> int:
        now = self.system.now()
        return put(
            self.system, Grant, service_id=self.service, person_id=self.pupil.id, session_id=self.session(),
            subject="s", sid="s", scope="openid", claims_request={}, auth_time=now, assurance="EnFaktor", acr="Low",
            amr=[], created_at=now, code_digest=digest(), code_expires_at=now + timedelta(seconds=60),
        )  # fmt: skip

    def token(self, grant: int, *, hours: int = 1) -> None:
        now = self.system.now()
        put(
            self.system, AccessToken, digest=digest(), grant_id=grant, scope="openid", issued_at=now,
            expires_at=now + timedelta(hours=hours),
        )  # fmt: skip

    def refresh_token(self, grant: int, *, hours: int) -> None:
        now = self.system.now()
        until = now + timedelta(hours=hours)
        put(self.system, RefreshToken, digest=digest(), grant_id=grant, scope="openid", issued_at=now, expires_at=until)

    def guesses(self, scope: str, *, blocked_seconds: int | None = None) -> None:
        now = self.system.now()
        until = None if blocked_seconds is None else now + timedelta(seconds=blocked_seconds)
        put(self.system, Guesses, key=digest(), scope=scope, failures=3, first_at=now, last_at=now, blocked_until=until)


@pytest.fixture
def scene(system: System) -> Scene:
    return Scene(system)


def test_a_login_that_nobody_finished_is_cleared_a_day_after_its_time_was_up(
    scene: Scene, clock: StandingClock
) -> None:
    scene.attempt()
    clock.advance(hours=24)
    clear(scene.system)
    assert rows(scene.system, LoginAttempt) == 1
    clock.advance(minutes=31)
    clear(scene.system)
    assert rows(scene.system, LoginAttempt) == 0


def test_a_login_that_led_to_a_session_stays(scene: Scene, clock: StandingClock) -> None:
    scene.attempt(session_id=scene.session())
    clock.advance(days=400)
    clear(scene.system)
    assert (rows(scene.system, LoginAttempt), rows(scene.system, LoginSession)) == (1, 1)


def test_a_login_for_which_an_adult_was_asked_stays(scene: Scene, clock: StandingClock) -> None:
    now = scene.system.now()
    put(
        scene.system, StepUpRequest, attempt_id=scene.attempt(), person_id=scene.pupil.id, service_id=scene.service,
        institution_id=scene.school, network=b"0" * 32, sign="banana carrot", unusual=[], requested_at=now,
        expires_at=now,
    )  # fmt: skip
    clock.advance(days=400)
    clear(scene.system)
    assert rows(scene.system, LoginAttempt) == 1


def test_codes_and_tokens_are_cleared_a_day_after_they_expired(scene: Scene, clock: StandingClock) -> None:
    scene.token(scene.grant())
    clock.advance(hours=25)
    clear(scene.system)
    assert (rows(scene.system, AccessToken), rows(scene.system, Grant)) == (1, 1)
    clock.advance(seconds=1)
    clear(scene.system)
    assert (rows(scene.system, AccessToken), rows(scene.system, Grant)) == (0, 0)
    assert rows(scene.system, LoginSession) == 1


def test_a_used_refresh_token_is_kept_as_long_as_it_could_come_again(scene: Scene, clock: StandingClock) -> None:
    scene.refresh_token(scene.grant(), hours=12)
    clock.advance(hours=36)
    clear(scene.system)
    assert (rows(scene.system, RefreshToken), rows(scene.system, Grant)) == (1, 1)
    clock.advance(seconds=1)
    clear(scene.system)
    assert (rows(scene.system, RefreshToken), rows(scene.system, Grant)) == (0, 0)


def test_a_grant_stays_as_long_as_a_token_of_it(scene: Scene, clock: StandingClock) -> None:
    grant = scene.grant()
    scene.token(grant, hours=1)
    scene.token(grant, hours=100)
    clock.advance(hours=50)
    clear(scene.system)
    assert (rows(scene.system, AccessToken), rows(scene.system, Grant)) == (1, 1)


def test_the_id_of_a_message_is_forgotten_a_day_after_it_could_come_again(scene: Scene, clock: StandingClock) -> None:
    put(scene.system, SeenMessage, digest=digest(), expires_at=scene.system.now())
    clock.advance(hours=24)
    clear(scene.system)
    assert rows(scene.system, SeenMessage) == 1
    clock.advance(seconds=1)
    clear(scene.system)
    assert rows(scene.system, SeenMessage) == 0


def test_what_openid_leaves_is_cleared_a_day_after_its_time_was_up(scene: Scene, clock: StandingClock) -> None:
    now = scene.system.now()
    put(
        scene.system, PushedRequest, digest=digest(), service_id=scene.service, parameters="{}", created_at=now,
        expires_at=now,
    )  # fmt: skip
    put(
        scene.system, DeviceAuthorization, service_id=scene.service, device_code_digest=digest(),
        user_code_digest=digest(), scope="openid", claims_request={}, created_at=now, expires_at=now, interval_seconds=5,
        grant_id=scene.grant(),
    )  # fmt: skip
    put(scene.system, InitialAccessToken, digest=digest(), note="", created_at=now, expires_at=now, uses_left=1)
    put(scene.system, PresentedJwt, issuer="service:1", digest=digest(), expires_at=now)
    models = (PushedRequest, DeviceAuthorization, InitialAccessToken, Grant, PresentedJwt)
    clear(scene.system)
    assert [rows(scene.system, model) for model in models] == [1, 1, 1, 1, 1]
    clock.advance(hours=24)
    clear(scene.system)
    assert [rows(scene.system, model) for model in models] == [1, 1, 1, 1, 0]
    clock.advance(minutes=2)
    clear(scene.system)
    assert [rows(scene.system, model) for model in models] == [0, 0, 0, 0, 0]


def test_a_logout_through_the_browser_is_cleared_a_day_after_its_time_was_up(
    scene: Scene, clock: StandingClock
) -> None:
    session_id = scene.session()
    with scene.system.database.writing() as db:
        saml_logout.begin(db, scene.system, [session_id], service_id=None, reply_to={"then": "/"})
    clock.advance(hours=24)
    clear(scene.system)
    assert rows(scene.system, SamlLogout) == 1
    clock.advance(minutes=11)
    clear(scene.system)
    assert rows(scene.system, SamlLogout) == 0


@pytest.mark.parametrize(
    ("scope", "hours"), [("name", 48), ("device", 48), ("card", 48), ("scans", 25), ("network", 25)]
)
def test_wrong_codes_are_forgotten_a_day_after_their_window(
    scene: Scene, clock: StandingClock, scope: str, hours: int
) -> None:
    scene.guesses(scope)
    clock.advance(hours=hours)
    clear(scene.system)
    assert rows(scene.system, Guesses) == 1
    clock.advance(seconds=1)
    clear(scene.system)
    assert rows(scene.system, Guesses) == 0


def test_a_counter_that_blocks_somebody_stays(scene: Scene, clock: StandingClock) -> None:
    scene.guesses("network", blocked_seconds=1_000_000)
    clock.advance(days=3)
    clear(scene.system)
    assert rows(scene.system, Guesses) == 1


def test_each_transaction_clears_only_some(scene: Scene, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "AT_MOST", 2)
    for _ in range(5):
        scene.attempt()
    clock.advance(days=2)
    assert [sweep(scene.system) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nobody_is_waited_for(scene: Scene, clock: StandingClock) -> None:
    first, _ = scene.attempt(), scene.attempt()
    clock.advance(days=2)
    with scene.system.database.writing() as somebody:
        somebody.execute(select(LoginAttempt.id).where(LoginAttempt.id == first).with_for_update())
        assert sweep(scene.system) == 1
    assert sweep(scene.system) == 1


def test_messages_that_were_sent_or_given_up_are_cleared_after_a_week_and_others_wait(
    scene: Scene, clock: StandingClock
) -> None:
    now = scene.system.now()
    about = {"kind": "nobody sends this", "payload": {}, "created_at": now, "due_at": now, "attempts": 1}
    put(scene.system, OutboxMessage, **about, done_at=now)
    put(scene.system, OutboxMessage, **about, given_up_at=now)
    waiting = put(scene.system, OutboxMessage, **about)
    clock.advance(days=7)
    clear(scene.system)
    assert rows(scene.system, OutboxMessage) == 3
    clock.advance(seconds=1)
    clear(scene.system)
    with scene.system.database.reading() as db:
        assert db.execute(select(OutboxMessage.id)).scalars().all() == [waiting]


def test_a_session_whose_time_is_up_is_ended_on_a_shared_device_alone(scene: Scene, clock: StandingClock) -> None:
    own, shared = scene.session(), scene.session()
    with scene.system.database.writing() as db:
        db.execute(update(LoginSession).where(LoginSession.id == shared).values(shared_device=True))
    clock.advance(hours=7)
    clear(scene.system)
    clock.advance(hours=1)
    with scene.system.database.reading() as db:
        assert db.execute(select(LoginSession.ended_why)).scalars().all() == [None, None]
    clear(scene.system)
    with scene.system.database.reading() as db:
        ended = dict(db.execute(select(LoginSession.id, LoginSession.ended_why)).all())
    assert ended == {own: None, shared: "lapsed"}
