"""What a single sign-on with a live session costs: at most one RSA signature and eight SQL statements, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest
from sqlalchemy import event

from idp.usecases.signing_keys import key_ring

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

MOST_STATEMENTS = 8
"""From the authorization request to the tokens. Userinfo, which few services ask for, is one more."""
MOST_SIGNATURES = 1
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK")
KEEPING = 3
"""Keeping a refusal for the service's owner, so many times a minute: whose it is, the row, the oldest one out."""


@dataclass
class Ledger:
    """Every statement that reached the database, by the request that sent it."""

    engine: Any
    statements: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.upper().startswith(TRANSACTION):
            self.statements.append(" ".join(statement.split()))


class CountingKey:
    """The real private key with a counter in front."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self.key, self.signatures = key, 0

    def sign(self, *what: Any) -> bytes:  # noqa: ANN401
        self.signatures += 1
        return self.key.sign(*what)

    def public_key(self) -> object:
        return self.key.public_key()


@pytest.fixture
def counted(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> CountingKey:
    """Put a counter in front of the key that the provider signs with."""
    with provider.system.database.writing() as db:
        signer = key_ring(db, provider.system).signers["RS256"]
    joserfc_key = signer._key
    counting = CountingKey(joserfc_key.private_key)  # type: ignore[arg-type]
    monkeypatch.setattr(joserfc_key, "get_op_key", lambda _operation: counting, raising=False)
    return counting


@pytest.mark.parametrize(
    "minutes", [0, 2], ids=["at once", "after two minutes, when the session notes that it was seen"]
)
def test_single_sign_on_stays_within_its_budget(
    provider: Provider, counted: CountingKey, clock: StandingClock, minutes: int
) -> None:
    provider.another("first")
    browser = provider.logged_in()
    warm_up, party = provider.party("first"), provider.party()
    begun, answer = provider.ask(browser, warm_up)
    warm_up.exchange(begun, answer["code"])
    clock.advance(minutes=minutes)
    counted.signatures = 0
    with Ledger(provider.system.database.engine) as authorize:
        begun, answer = provider.ask(browser, party)
    with Ledger(provider.system.database.engine) as token:
        tokens = party.exchange(begun, answer["code"]).json()
    with Ledger(provider.system.database.engine) as userinfo:
        assert party.userinfo(tokens["access_token"]).json()["uniid"] == provider.asta.uniid
    spent = {"authorize": authorize.statements, "token": token.statements, "userinfo": userinfo.statements}
    figures = {name: len(statements) for name, statements in spent.items()}
    assert counted.signatures == MOST_SIGNATURES
    assert figures["authorize"] + figures["token"] <= MOST_STATEMENTS, spent
    assert figures == {"authorize": 2 + (minutes > 1), "token": 5, "userinfo": 1}, spent


def test_a_second_visit_and_what_is_refused_cost_no_more(provider: Provider, counted: CountingKey) -> None:
    party, browser = provider.party(), provider.logged_in()
    for _ in range(2):
        with Ledger(provider.system.database.engine) as ledger:
            begun, answer = provider.ask(browser, party)
            party.exchange(begun, answer["code"])
    assert len(ledger.statements) <= 7
    with Ledger(provider.system.database.engine) as ledger:
        party.exchange(begun, "x" * 43)
    assert len(ledger.statements) == 1 + KEEPING
    with Ledger(provider.system.database.engine) as ledger:
        assert party.userinfo("x" * 43).status_code == 401
    assert len(ledger.statements) == 1
    assert counted.signatures == 2


def test_a_refresh_and_an_introspection_are_small(provider: Provider, counted: CountingKey) -> None:
    provider.another("refreshing", grant_types=["authorization_code", "refresh_token"])
    party = provider.party("refreshing")
    _, tokens = provider.tokens(party)
    counted.signatures = 0
    with Ledger(provider.system.database.engine) as ledger:
        tokens = party.post_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert (len(ledger.statements), counted.signatures) == (4, 1), ledger.statements
    with Ledger(provider.system.database.engine) as ledger:
        form = {"token": tokens["access_token"]}
        answer = party.http.post("/oidc/introspect", data=form, auth=(party.client_id, party.secret or ""))
    assert (answer.json()["active"], len(ledger.statements)) == (True, 2)
