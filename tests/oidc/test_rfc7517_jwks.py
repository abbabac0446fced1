"""The published keys, and what lies behind them."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.errors import BrokenSeal
from idp.outside.jose import make_key
from idp.store.keys import SigningKey
from idp.usecases import signing_keys
from idp.usecases.signing_keys import ensure_keys, listed_keys, rotate

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.oidc.conftest import Provider


def statuses(system: System) -> list[tuple[str, str]]:
    with system.database.reading() as db:
        return [(key.algorithm, key.status) for key in listed_keys(db)]


@pytest.mark.spec("RFC 7517", "5")
def test_the_keys_are_public_halves_each_with_its_one_use(provider: Provider) -> None:
    answer = provider.party().http.get("/oidc/jwks")
    keys = answer.json()["keys"]
    assert [key["alg"] for key in keys] == ["RS256", "ES256", "RS256", "ES256"]
    assert {key["use"] for key in keys} == {"sig"}
    assert len({key["kid"] for key in keys}) == 4
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
    monkeypatch.setattr(signing_keys, "LOOK_SECONDS", 0.0)
    party = provider.party()
    first = {key.kid for key in party.keys().keys}
    left = []
    for _ in range(3):
        with provider.system.database.writing() as db:
            rotate(db, provider.system)
        published = {key.kid for key in party.keys().keys}
        assert len(published) == 6
        left.append(len(first & published))
    assert left == [4, 2, 0]


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
    assert len(statuses(system)) == 4


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
