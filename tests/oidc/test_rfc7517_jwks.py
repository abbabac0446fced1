"""The published keys, and what lies behind them."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from sqlalchemy import delete, select

from idp.app import create_app
from idp.errors import BrokenSeal
from idp.outside.jose import ALGORITHMS, make_key
from idp.store import keys as store
from idp.store.db import Database
from idp.store.keys import SigningKey
from idp.usecases import rotating_keys, signing_keys
from idp.usecases.signing_keys import ensure_keys, has_keys, key_ring, listed_keys, revoke, rotate
from tests.opponents.relying_party import RelyingParty
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System
    from tests.oidc.conftest import Provider


def statuses(system: System) -> list[tuple[str, str]]:
    with system.database.reading() as db:
        return [(key.algorithm, key.status) for key in listed_keys(db)]


@pytest.mark.spec("RFC 7517", "5")
def test_the_keys_are_public_halves_each_with_its_one_use(provider: Provider) -> None:
    answer = provider.party().http.get("/oidc/jwks")
    keys = answer.json()["keys"]
    assert [key["alg"] for key in keys] == ["RS256", "ES256", "EdDSA"] * 2
    assert {key["use"] for key in keys} == {"sig"}
    assert len({key["kid"] for key in keys}) == 6
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {member for key in keys for member in key}
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_rotating_moves_every_key_one_place_on(provider: Provider) -> None:
    system = provider.system
    with system.database.writing() as db:
        rotate(db, system)
    assert [status for algorithm, status in statuses(system) if algorithm == "RS256"] == ["current", "next"]
    with system.database.writing() as db:
        rotate(db, system)
    with system.database.writing() as db:
        rotate(db, system)
    assert [status for algorithm, status in statuses(system) if algorithm == "RS256"] == [
        "retired", "previous", "current", "next"
    ]  # fmt: skip


def test_a_retired_key_is_no_longer_published(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating_keys, "LOOK_SECONDS", 0.0)
    party = provider.party()
    first = {key.kid for key in party.keys().keys}
    left = []
    for _ in range(3):
        with provider.system.database.writing() as db:
            rotate(db, provider.system)
        published = {key.kid for key in party.keys().keys}
        assert len(published) == 9
        left.append(len(first & published))
    assert left == [6, 3, 0]


def test_two_processes_that_start_together_make_one_set_of_keys(system: System) -> None:
    barrier, made = threading.Barrier(2), []

    def start() -> None:
        barrier.wait()
        with system.database.writing() as db:
            made.append(ensure_keys(db, system))

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, True]
    assert len(statuses(system)) == 6


def test_keys_of_a_unit_of_work_that_failed_are_not_kept_in_memory(provider: Provider) -> None:
    def fail() -> None:
        with provider.system.database.writing() as db:
            signing_keys.key_ring(db, provider.system)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    party = provider.party()
    assert party.claims(*provider.tokens(party))["aud"] == "laeringsportalen"


def test_private_keys_are_sealed_for_their_own_purpose(system: System) -> None:
    with system.database.writing() as db:
        ensure_keys(db, system)
        rows = db.execute(select(SigningKey.kid, SigningKey.private_sealed)).all()
    for kid, sealed in rows:
        assert b"PRIVATE KEY" not in sealed
        assert b"PRIVATE KEY" in system.sealer.open(sealed, purpose=f"signing-key:{kid}")
    with pytest.raises(BrokenSeal):
        system.sealer.open(rows[0][1], purpose=f"signing-key:{rows[1][0]}")


def test_a_key_is_named_by_its_thumbprint_and_prints_nothing_of_itself() -> None:
    key = make_key("ES256")
    assert key.public_jwk["kid"] == key.kid
    assert "PRIVATE" not in repr(key)
    assert "d" not in json.loads(json.dumps(key.public_jwk))


def test_an_installation_that_learns_an_algorithm_makes_its_keys_when_it_may_write(system: System) -> None:
    with system.database.writing() as db:
        ensure_keys(db, system)
        db.execute(delete(SigningKey).where(SigningKey.algorithm == "EdDSA"))
    with system.database.reading() as db:
        assert key_ring(db, system).lacks
        assert not has_keys(db, system)
    with system.database.writing() as db:
        ring = key_ring(db, system)
    assert not ring.lacks
    assert len(ring.published["keys"]) == 6
    with system.database.writing() as db:
        assert key_ring(db, system).version == ring.version


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_login_fails_while_another_process_rotates_the_keys(provider: Provider, algorithm: str) -> None:
    """Two processes, each with its own cache of keys, and a service that read the published ones once, beforehand."""
    here = provider.system
    there = replace(here, database=Database.open(here.settings.database.url))
    provider.another("portal", id_token_signed_response_alg=algorithm)
    party = provider.party("portal")
    elsewhere = RelyingParty(there, create_app(there), client_id="portal", secret=SECRET)
    browser, kept = provider.logged_in(), party.keys()

    def logs_in(at: RelyingParty) -> str:
        begun, answer = provider.ask(browser, party)
        token = at.exchange(begun, answer["code"]).json()["id_token"]
        kid: str = jwt.decode(token, kept, algorithms=[algorithm]).header["kid"]
        return kid

    with ThreadPoolExecutor(2) as pool:
        under_load = [pool.submit(logs_in, at) for at in (party, elsewhere) * 3]
        with there.database.writing() as db:
            rotate(db, there)
        signed_with = {login.result() for login in under_load}
    afterwards = {logs_in(party), logs_in(elsewhere)}
    with here.database.reading() as db:
        (current,) = [key.kid for key in listed_keys(db) if (key.algorithm, key.status) == (algorithm, "current")]
    there.database.close()
    assert afterwards == {current}
    assert signed_with <= {key.kid for key in kept.keys}


def test_keys_that_are_rotated_while_they_are_read_are_read_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = provider.system
    with here.database.writing() as db:
        ensure_keys(db, here)
    fresh = Database.open(here.settings.database.url)
    read = store.keys_for
    turns = iter([True])

    def read_and_rotate(db: Session, use: str) -> Sequence[AnyRow]:
        rows = read(db, use)
        if next(turns, False):
            with here.database.writing() as other:
                rotate(other, here)
        return rows

    with fresh.reading() as db:
        monkeypatch.setattr(store, "keys_for", read_and_rotate)
        key_ring(db, replace(here, database=fresh))
    monkeypatch.undo()
    monkeypatch.setattr(rotating_keys, "LOOK_SECONDS", 0.0)
    with fresh.reading() as db:
        ring = key_ring(db, replace(here, database=fresh))
        (current,) = [key.kid for key in listed_keys(db) if (key.algorithm, key.status) == ("RS256", "current")]
    fresh.close()
    assert ring.signers["RS256"].kid == current


@pytest.mark.parametrize("status", ["current", "next", "previous"])
def test_a_revoked_key_signs_nothing_proves_nothing_and_is_read_by_nobody(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(rotating_keys, "LOOK_SECONDS", 0.0)
    system, party = provider.system, provider.party()
    with system.database.writing() as db:
        rotate(db, system)
        rotate(db, system)
        (kid,) = [key.kid for key in listed_keys(db) if (key.algorithm, key.status) == ("RS256", status)]
        assert revoke(db, system, kid)
        assert not revoke(db, system, kid)
        assert not revoke(db, system, "nothing")
    ring_statuses = sorted(status for algorithm, status in statuses(system) if algorithm == "RS256")
    assert ring_statuses.count("current") == ring_statuses.count("next") == ring_statuses.count("revoked") == 1
    assert kid not in {key.kid for key in party.keys().keys}
    with system.database.reading() as db:
        assert kid not in {key["kid"] for key in key_ring(db, system).ever["keys"]}
    assert party.claims(*provider.tokens(party))["aud"] == "laeringsportalen"
