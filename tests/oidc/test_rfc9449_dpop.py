"""DPoP: tokens that are of use to one key alone, with a proof for each request."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from idp.store.grants import Grant
from idp.usecases.failed_requests import failures
from idp.usecases.services import service_id_of
from tests.opponents.databases import one_database
from tests.opponents.key_holder import TOKEN, KeyHolder
from tests.opponents.relying_party import SITE

if TYPE_CHECKING:
    import httpx

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.relying_party import Begun, RelyingParty

USERINFO = f"{SITE}/oidc/userinfo"
BOUND = {"dpop_bound_access_tokens": True, "grant_types": ["authorization_code", "refresh_token"]}


@pytest.fixture
def holder(clock: StandingClock) -> KeyHolder:
    return KeyHolder(clock)


class BoundParty:
    """A service that uses a key, and learns the nonce as clients do."""

    def __init__(self, provider: Provider, holder: KeyHolder, client_id: str = "bound", **about: Any) -> None:  # noqa: ANN401
        provider.another(client_id, **{**BOUND, **about})
        public = about.get("confidential") is False
        self.party: RelyingParty = provider.party(client_id, **({"secret": None, "method": "none"} if public else {}))
        self.provider, self.holder = provider, holder
        self.named = {"client_id": client_id} if public else {}
        self.nonce: str | None = None

    def post(self, proof: str | None, **form: str) -> httpx.Response:
        auth = None if self.named else (self.party.client_id, self.party.secret or "")
        headers = {} if proof is None else {"DPoP": proof}
        answer = self.party.http.post("/oidc/token", data={**self.named, **form}, headers=headers, auth=auth)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer

    def proof(self, **claims: Any) -> str:  # noqa: ANN401
        if self.nonce is None:
            self.post(self.holder.proof(), grant_type="none-such")
        return self.holder.proof(**{"nonce": self.nonce, **claims})

    def form(self, begun: Begun, code: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.party.redirect_uri,
            "code_verifier": begun.verifier,
        }  # fmt: skip

    def tokens(self) -> dict[str, Any]:
        answer = self.post(self.proof(), **self.form(*self.provider.code(self.party)))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def refreshed(self, token: str, proof: str | None) -> httpx.Response:
        return self.post(proof, grant_type="refresh_token", refresh_token=token)

    def userinfo(self, token: str, proof: str | None, *, scheme: str = "DPoP") -> httpx.Response:
        headers = {"Authorization": f"{scheme} {token}", **({} if proof is None else {"DPoP": proof})}
        return self.party.http.get("/oidc/userinfo", headers=headers)

    def proof_at_userinfo(self, token: str | None, **claims: Any) -> str:  # noqa: ANN401
        return self.proof(method="GET", url=USERINFO, access_token=token, **claims)


@pytest.mark.spec("RFC 9449", "5")
@pytest.mark.spec("RFC 9449", "8")
def test_a_bound_client_is_told_the_nonce_and_gets_a_token_for_its_key(provider: Provider, holder: KeyHolder) -> None:
    bound = BoundParty(provider, holder)
    form = bound.form(*provider.code(bound.party))
    first = bound.post(holder.proof(), **form)
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    answer = bound.post(holder.proof(nonce=first.headers["DPoP-Nonce"]), **form)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
    assert answer.headers["DPoP-Nonce"]
    token = answer.json()["access_token"]
    told = bound.userinfo(token, bound.proof_at_userinfo(token))
    assert (told.status_code, told.json()["uniid"]) == (200, provider.asta.uniid)
    assert told.headers["DPoP-Nonce"]


@one_database
def test_a_bound_client_must_bring_a_proof_and_any_other_may(provider: Provider, holder: KeyHolder) -> None:
    bound = BoundParty(provider, holder)
    form = bound.form(*provider.code(bound.party))
    answer = bound.post(None, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert bound.post(bound.proof(), **form).status_code == 200
    free = BoundParty(provider, holder, "free", dpop_bound_access_tokens=False)
    assert free.tokens()["token_type"] == "DPoP"


def moment(holder: KeyHolder, seconds: int) -> dict[str, Any]:
    return {"iat": holder.now + seconds}


BAD: dict[str, dict[str, Any]] = {
    "another type": {"header": {"typ": "JWT"}},
    "no type": {"header": {"typ": None}},
    "no algorithm": {"header": {"alg": "none"}},
    "a symmetric algorithm": {"header": {"alg": "HS256"}},
    "no key": {"header": {"jwk": None}},
    "a symmetric key": {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}},
    "something critical": {"header": {"crit": ["htm"]}},
    "another method": {"htm": "GET"},
    "no method": {"htm": None},
    "a method in small letters": {"htm": "post"},
    "another address": {"htu": f"{SITE}/oidc/userinfo"},
    "another host": {"htu": "http://evil.example/oidc/token"},
    "another port": {"htu": "http://localhost:8081/oidc/token"},
    "another scheme": {"htu": "https://localhost:8080/oidc/token"},
    "an address with a name": {"htu": "http://evil@localhost:8080/oidc/token"},
    "an address in capitals": {"htu": f"{SITE}/OIDC/TOKEN"},
    "a broken address": {"htu": "http://[::1/oidc/token"},
    "no address": {"htu": None},
    "a number for an address": {"htu": 7},
    "no number": {"jti": None},
    "an empty number": {"jti": ""},
    "a long number": {"jti": "x" * 256},
    "no moment": {"iat": None},
    "a moment in words": {"iat": "now"},
}
GOOD: dict[str, dict[str, Any]] = {
    "a query and a fragment": {"htu": f"{TOKEN}?x=1#y"},
    "capitals where they do not count": {"htu": "HTTP://LOCALHOST:8080/oidc/token"},
}


@one_database
@pytest.mark.spec("RFC 9449", "4.3")
def test_what_a_proof_must_say(provider: Provider, holder: KeyHolder, clock: StandingClock) -> None:
    bound = BoundParty(provider, holder)
    form = bound.form(*provider.code(bound.party))
    private = {"header": {"jwk": holder.key.as_dict(private=True)}}
    of_another = {"header": {"jwk": KeyHolder(clock).jwk}}
    late, early = moment(holder, -61), moment(holder, 61)
    for what, said in {**BAD, "private": private, "another's": of_another, "late": late, "early": early}.items():
        answer = bound.post(bound.proof(**said), **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), what
    for junk in ("", "x", "a.b.c", "x" * 20_000, f"{bound.proof()},{bound.proof()}"):
        answer = bound.post(junk, **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), junk[:20]
    for what, said in {**GOOD, "late": moment(holder, -60), "early": moment(holder, 60)}.items():
        answer = bound.post(bound.proof(**said), grant_type="none-such")
        assert answer.json()["error"] == "unsupported_grant_type", what
    assert bound.post(bound.proof(), **form).status_code == 200, "none of them used the code up"


@one_database
@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256", "EdDSA"])
def test_every_asymmetric_algorithm_will_do(provider: Provider, clock: StandingClock, alg: str) -> None:
    assert BoundParty(provider, KeyHolder(clock, alg=alg)).tokens()["token_type"] == "DPoP"


@one_database
@pytest.mark.spec("FAPI 2.0 SP", "5.4.1")
def test_a_fapi_client_signs_its_proofs_well(provider: Provider, clock: StandingClock) -> None:
    holder = KeyHolder(clock, alg="RS256")
    bound = BoundParty(provider, holder, fapi_2_profile=True)
    assert bound.post(bound.proof(), grant_type="refresh_token").json()["error"] == "invalid_dpop_proof"
    holder.alg = "PS256"
    assert bound.tokens()["token_type"] == "DPoP"


@pytest.mark.spec("RFC 9449", "11.1")
def test_a_proof_counts_once(provider: Provider, holder: KeyHolder) -> None:
    bound = BoundParty(provider, holder)
    proof, barrier, answers = bound.proof(), threading.Barrier(2), []
    parties = [bound, BoundParty(provider, holder, "other")]

    def post(party: BoundParty) -> None:
        barrier.wait()
        answers.append(party.post(proof, grant_type="refresh_token", refresh_token="x").json()["error"])

    threads = [threading.Thread(target=post, args=(party,)) for party in parties]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["invalid_dpop_proof", "invalid_grant"]


@one_database
@pytest.mark.spec("RFC 9449", "11.2")
def test_proofs_that_were_made_in_advance_die(provider: Provider, holder: KeyHolder, clock: StandingClock) -> None:
    bound = BoundParty(provider, holder)
    nonce = (bound.proof(), bound.nonce)[1]
    clock.advance(seconds=300)
    assert bound.post(holder.proof(nonce=nonce), grant_type="x").json()["error"] == "unsupported_grant_type"
    clock.advance(seconds=1)
    for old in (nonce, "x", "x" * 32, "ÆØÅ", 7, None):
        answer = bound.post(holder.proof(nonce=old), grant_type="x")
        assert (answer.status_code, answer.json()["error"]) == (400, "use_dpop_nonce"), old
        assert answer.headers["DPoP-Nonce"] != nonce
    assert bound.tokens()


@one_database
@pytest.mark.spec("RFC 9449", "7.1")
def test_a_bound_token_is_of_no_use_without_its_key(
    provider: Provider, holder: KeyHolder, clock: StandingClock
) -> None:
    bound = BoundParty(provider, holder)
    token = bound.tokens()["access_token"]
    thief = KeyHolder(clock)
    ath = {"access_token": token, "method": "GET", "url": USERINFO}
    cases = {
        "as a bearer token": (bound.userinfo(token, None, scheme="Bearer"), "invalid_token", "Bearer "),
        "as a bearer token with a proof": (
            bound.userinfo(token, bound.proof_at_userinfo(token), scheme="Bearer"), "invalid_token", "Bearer ",
        ),
        "without a proof": (bound.userinfo(token, None), "invalid_dpop_proof", "DPoP "),
        "with another key": (bound.userinfo(token, thief.proof(nonce=bound.nonce, **ath)), "invalid_token", "DPoP "),
        "without the token's hash": (
            bound.userinfo(token, bound.proof_at_userinfo(None)), "invalid_dpop_proof", "DPoP ",
        ),
        "with another token's hash": (
            bound.userinfo(token, bound.proof_at_userinfo("x")), "invalid_dpop_proof", "DPoP ",
        ),
        "with a proof for the token endpoint": (bound.userinfo(token, bound.proof()), "invalid_dpop_proof", "DPoP "),
        "without a nonce": (bound.userinfo(token, bound.proof_at_userinfo(token, nonce=None)), "use_dpop_nonce", "DPoP "),
    }  # fmt: skip
    for what, (answer, error, scheme) in cases.items():
        assert (answer.status_code, answer.json()["error"]) == (401, error), what
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith(scheme), what
        assert f'error="{error}"' in challenge, what
        assert ('algs="' in challenge) is (scheme == "DPoP "), what
        assert ("DPoP-Nonce" in answer.headers) is (scheme == "DPoP " or "with a proof" in what), what
    posted = bound.party.http.post("/oidc/userinfo", data={"access_token": token})
    assert (posted.status_code, posted.json()["error"]) == (401, "invalid_token")
    proof = bound.proof_at_userinfo(token)
    assert bound.userinfo(token, proof).status_code == 200
    assert bound.userinfo(token, proof).json()["error"] == "invalid_dpop_proof"


@one_database
def test_a_bound_token_without_its_key_is_told_to_the_services_owner(provider: Provider, holder: KeyHolder) -> None:
    bound = BoundParty(provider, holder)
    bound.userinfo(bound.tokens()["access_token"], None, scheme="Bearer")
    with provider.system.database.reading() as db:
        kept = failures(db, service_id_of(db, "bound") or 0)
    assert [(one.endpoint, one.error, one.proven) for one in kept] == [("userinfo", "invalid_token", False)]


@one_database
def test_a_bearer_token_does_not_become_a_bound_one(provider: Provider, holder: KeyHolder) -> None:
    _, tokens = provider.tokens(provider.party())
    bound = BoundParty(provider, holder)
    token = tokens["access_token"]
    answer = bound.userinfo(token, bound.proof_at_userinfo(token))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


@one_database
@pytest.mark.spec("RFC 9449", "10")
def test_a_code_that_is_bound_to_a_key_is_redeemed_with_it(
    provider: Provider, holder: KeyHolder, clock: StandingClock
) -> None:
    free = BoundParty(provider, holder, dpop_bound_access_tokens=False)
    form = free.form(*provider.code(free.party))
    with provider.system.database.writing() as db:
        db.execute(update(Grant).where(Grant.code_used_at.is_(None)).values(dpop_jkt=holder.jkt))
    assert free.post(None, **form).json()["error"] == "invalid_grant"
    free.proof()
    assert free.post(KeyHolder(clock).proof(nonce=free.nonce), **form).json()["error"] == "invalid_grant"
    assert free.post(free.proof(), **form).status_code == 200


@one_database
@pytest.mark.spec("RFC 9449", "5")
def test_the_refresh_tokens_of_a_public_client_are_bound_and_rotate(
    provider: Provider, holder: KeyHolder, clock: StandingClock
) -> None:
    public = BoundParty(provider, holder, confidential=False)
    tokens = public.tokens()
    thief = KeyHolder(clock)
    assert public.refreshed(tokens["refresh_token"], thief.proof(nonce=public.nonce)).json()["error"] == "invalid_grant"
    answer = public.refreshed(tokens["refresh_token"], public.proof())
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
    assert answer.json()["refresh_token"] != tokens["refresh_token"]
    assert public.refreshed(tokens["refresh_token"], public.proof()).json()["error"] == "invalid_grant"


@pytest.mark.spec("FAPI 2.0 SP", "5.3.2.1")
def test_the_refresh_token_of_a_confidential_client_with_a_key_stays(
    provider: Provider, holder: KeyHolder, clock: StandingClock
) -> None:
    bound = BoundParty(provider, holder)
    tokens = bound.tokens()
    for _ in range(3):
        clock.advance(minutes=20)
        bound.nonce = None
        answer = bound.refreshed(tokens["refresh_token"], bound.proof())
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()
    bound.holder = KeyHolder(clock)  # its own authentication binds it, and the new access token gets the new key
    token = bound.refreshed(tokens["refresh_token"], bound.proof()).json()["access_token"]
    assert bound.userinfo(token, bound.proof_at_userinfo(token)).status_code == 200
    clock.advance(minutes=30)
    bound.nonce = None
    assert bound.refreshed(tokens["refresh_token"], bound.proof()).json()["error"] == "invalid_grant"
