"""The FAPI 2.0 plan, second part: DPoP proofs, and codes that are bound to the key of one (RFC 9449)."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from joserfc.jwk import ECKey

from tests.conformance.fapi2 import PREFIX
from tests.conformance.party import wants_nonce
from tests.conformance.registry import Module, module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.party import Party, Tokens
    from tests.conformance.run import Run

_REFUSED: Final = {400, 401}
_OK: Final = 200
BINDING: Final = ("invalid_request", "invalid_dpop_proof", "invalid_grant")
"""What a proof by another key than the code's may be refused with."""


@module(f"{PREFIX}check-dpop-proof-nbf-exp")
def nbf_and_exp(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    times = {"nbf": party.now, "exp": party.now + 300}
    tokens = party.tokens(party.post_token(party.redeeming(asked, code), **times), nonce=asked.parameters["nonce"])
    party.told(party.userinfo(tokens.access, **times), tokens)


@module(f"{PREFIX}ensure-dpopproof-with-iat-10seconds-before-succeeds")
def iat_10_seconds_before(run: Run) -> None:
    _clock_is_off(run, -10)


@module(f"{PREFIX}ensure-dpopproof-with-iat-10seconds-after-succeeds")
def iat_10_seconds_after(run: Run) -> None:
    _clock_is_off(run, 10)


def _clock_is_off(run: Run, seconds: int) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    response = party.post_token(party.redeeming(asked, code), iat=party.now + seconds)
    tokens = party.tokens(response, nonce=asked.parameters["nonce"])
    party.told(party.userinfo(tokens.access, iat=party.now + seconds), tokens)


@module(f"{PREFIX}ensure-mismatched-dpop-jkt-fails")
def mismatched_jkt(run: Run) -> None:
    """``dpop_jkt`` names another key than the proof that comes with the pushed request."""
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, dpop_jkt=ECKey.generate_key("P-256").thumbprint())
    party.refused(run.push(party, asked, with_proof=True), "invalid_request", "invalid_dpop_proof")


@module(f"{PREFIX}ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt")
def mismatched_proof(run: Run) -> None:
    """The code was asked for with a proof by one key, and is redeemed with a proof by another."""
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor(), with_proof=True)
    response = party.post_token(party.redeeming(asked, code), key=ECKey.generate_key("P-256"))
    party.refused(response, *BINDING)


@module(f"{PREFIX}ensure-token-endpoint-fails-with-mismatched-dpop-jkt")
def mismatched_jkt_at_token(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor(), dpop_jkt=ECKey.generate_key("P-256").thumbprint())
    party.refused(party.post_token(party.redeeming(asked, code)), *BINDING)


@module(f"{PREFIX}ensure-dpopproof-at-par-endpoint-binding-success")
def bound_by_proof(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor(), with_proof=True)
    tokens = party.redeem(asked, code)
    party.told(party.userinfo(tokens.access), tokens)


@module(f"{PREFIX}ensure-dpop-auth-code-binding-success")
def bound_by_jkt(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor(), dpop_jkt=_key_of(party).thumbprint())
    tokens = party.redeem(asked, code)
    party.told(party.userinfo(tokens.access), tokens)


@module(f"{PREFIX}dpop-negative-tests")
def negative(run: Run) -> None:
    """Proofs with one thing wrong, each refused; proofs that are only unusual, each taken."""
    party = run.party("fapi")
    tokens = run.fapi(party, run.visitor())
    party.told(party.userinfo(tokens.access), tokens)
    for what, proofs in _WRONG.items():
        answered = _shown(party, tokens, *proofs(party, tokens))
        expect(answered in _REFUSED, f"a proof with {what} is answered {answered}")
    for what, changes in _UNUSUAL.items():
        answered = _shown(party, tokens, _proof(party, tokens, **changes(party)))
        expect(answered == _OK, f"a proof with {what} is answered {answered}")
    once = _proof(party, tokens)
    expect(_shown(party, tokens, once) == _OK, "a good proof is refused")
    run.warn("a proof works twice", unless=_shown(party, tokens, once) in _REFUSED)
    bearer = party.http.get(
        party.discovery["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens.access}"}
    ).status_code
    expect(bearer in _REFUSED, f"a bound token works as a Bearer token: {bearer}")


def _key_of(party: Party) -> ECKey:
    key = party.dpop_key
    expect(isinstance(key, ECKey), "the client has no key for its proofs")
    return key  # type: ignore[return-value]


def _proof(party: Party, tokens: Tokens, **changes: Any) -> str:  # noqa: ANN401
    return party.dpop("GET", party.discovery["userinfo_endpoint"], **{"access_token": tokens.access, **changes})


def _shown(party: Party, tokens: Tokens, *proofs: str) -> int:
    """The status of userinfo when these proofs come with the token."""
    headers = [("Authorization", f"DPoP {tokens.access}"), *(("DPoP", proof) for proof in proofs)]
    answer = party.http.get(party.discovery["userinfo_endpoint"], headers=headers)
    expect(not wants_nonce(answer), "another nonce is wanted, and nothing else was looked at")
    return answer.status_code


def _changed(**changes: Any) -> Callable[[Party, Tokens], tuple[str, ...]]:  # noqa: ANN401
    return lambda party, tokens: (_proof(party, tokens, **changes),)


def _in_header(**changes: Any) -> Callable[[Party, Tokens], tuple[str, ...]]:  # noqa: ANN401
    return lambda party, tokens: (_proof(party, tokens, header=changes),)


def _without_alg(party: Party, tokens: Tokens) -> tuple[str, ...]:
    return (_with_header(_proof(party, tokens), lambda header: header.pop("alg")),)


def _with_alg_none(party: Party, tokens: Tokens) -> tuple[str, ...]:
    changed = _with_header(_proof(party, tokens), lambda header: header.update(alg="none"))
    return (changed.rpartition(".")[0] + ".",)


def _with_header(proof: str, change: Callable[[dict[str, Any]], object]) -> str:
    header, rest = proof.split(".", 1)
    read = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    change(read)
    return f"{base64.urlsafe_b64encode(json.dumps(read).encode()).rstrip(b'=').decode()}.{rest}"


def _spoilt(party: Party, tokens: Tokens) -> tuple[str, ...]:
    header, claims, signature = _proof(party, tokens).split(".")
    return (f"{header}.{claims}.{signature[:-8]}{'A' * 8}",)


_WRONG: Final = {
    "another one beside it": lambda party, tokens: (_proof(party, tokens), _proof(party, tokens)),
    "a form that is no JWT": lambda party, tokens: (_proof(party, tokens).replace(".", "", 1),),
    "no typ": _in_header(typ=None),
    "another typ": _in_header(typ="dpop"),
    "no alg": _without_alg,
    "alg none": _with_alg_none,
    "no jwk": _in_header(jwk=None),
    "a private jwk": lambda party, tokens: (
        _proof(party, tokens, header={"jwk": _key_of(party).as_dict(private=True)}),
    ),
    "no jti": _changed(jti=None),
    "no htm": _changed(htm=None),
    "no htu": _changed(htu=None),
    "no iat": _changed(iat=None),
    "no ath": _changed(ath=None),
    "a wrong ath": _changed(ath=secrets.token_urlsafe(32)),
    "a wrong htm": _changed(htm="PUT"),
    "a wrong htu": _changed(htu="https://example.com/userinfo"),
    "a spoilt signature": _spoilt,
    "an iat of an hour ago": lambda party, tokens: (_proof(party, tokens, iat=party.now - 3600),),
    "an iat in an hour": lambda party, tokens: (_proof(party, tokens, iat=party.now + 3600),),
    "another key": lambda party, tokens: (_proof(party, tokens, key=ECKey.generate_key("P-256")),),
}
_UNUSUAL: Final[dict[str, Callable[[Party], dict[str, Any]]]] = {
    "a query and a fragment in htu": lambda party: {"htu": f"{party.discovery['userinfo_endpoint']}?a=b#c"},
    "more claims and headers than we know": lambda _party: {"extra": "foo", "header": {"extra": "bar"}},
}

DPOP: Final[tuple[Module, ...]] = (
    nbf_and_exp,
    iat_10_seconds_before,
    iat_10_seconds_after,
    mismatched_jkt,
    mismatched_proof,
    mismatched_jkt_at_token,
    bound_by_proof,
    bound_by_jkt,
)
DPOP_NEGATIVE: Final[tuple[Module, ...]] = (negative,)
