from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.outside import passkeys
from idp.outside.passkeys import Passkey
from tests.opponents.authenticator import Authenticator

ISSUER = "http://localhost:8080"
CHALLENGE, OTHER = b"c" * 32, b"o" * 32


def creation(known: tuple[Passkey, ...] = ()) -> str:
    return passkeys.creation_options(
        ISSUER, site="Skolepas", user=b"u" * 32, username="vigg0001", challenge=CHALLENGE, known=known
    )


def asked() -> str:
    return passkeys.request_options(ISSUER, challenge=CHALLENGE)


def made(device: Authenticator) -> Passkey:
    passkey = passkeys.created(ISSUER, device.create(creation()), challenge=CHALLENGE)
    assert passkey is not None
    return passkey


@pytest.mark.spec("Web Authentication Level 3", "5.4")
def test_the_browser_is_asked_for_a_passkey_that_knows_the_person_and_stays_in_the_device() -> None:
    options = json.loads(creation((Passkey(b"known", b"", 0, ("usb",)),)))
    assert options["rp"] == {"name": "Skolepas", "id": "localhost"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert [one["transports"] for one in options["excludeCredentials"]] == [["usb"]]
    assert json.loads(asked())["userVerification"] == "required"
    assert json.loads(asked())["allowCredentials"] == []


@pytest.mark.spec("Web Authentication Level 3", "7.2")
def test_a_passkey_is_made_and_answers() -> None:
    device = Authenticator()
    passkey = made(device)
    assert passkey.transports == ("internal",)
    assert passkeys.kept(passkey.credential_id, passkey.to_json(), passkey.count) == passkey
    answer = device.get(asked())
    shown = passkeys.presented(answer)
    assert shown is not None
    assert (shown.credential_id, shown.user) == (passkey.credential_id, b"u" * 32)
    assert passkeys.proven(ISSUER, answer, challenge=CHALLENGE, passkey=passkey) == 1


BENT: dict[str, dict[str, Any]] = {
    "another site": {"origin": "http://localhost:9000"},
    "another party": {"rp_id": "example.org"},
    "nobody verified": {"verifies": False},
    "a frame of another site": {"framed": True},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT.keys())
def test_an_answer_that_breaks_one_rule_is_wrong(bent: dict[str, Any]) -> None:
    device = Authenticator()
    passkey = made(device)
    wrong = replace(device, **bent)
    assert passkeys.created(ISSUER, wrong.create(creation()), challenge=CHALLENGE) is None
    assert passkeys.proven(ISSUER, wrong.get(asked()), challenge=CHALLENGE, passkey=passkey) is None


def test_an_answer_to_another_challenge_is_wrong() -> None:
    device = Authenticator()
    passkey = made(device)
    assert passkeys.created(ISSUER, device.create(creation()), challenge=OTHER) is None
    assert passkeys.proven(ISSUER, device.get(asked()), challenge=OTHER, passkey=passkey) is None


def test_an_answer_by_another_key_is_wrong() -> None:
    passkey = made(Authenticator())
    assert passkeys.proven(ISSUER, Authenticator().get(asked()), challenge=CHALLENGE, passkey=passkey) is None


def test_a_count_that_does_not_grow_is_a_copy() -> None:
    device = Authenticator()
    passkey = replace(made(device), count=5)
    assert passkeys.proven(ISSUER, device.get(asked()), challenge=CHALLENGE, passkey=passkey) is None


def test_a_passkey_that_is_shared_between_devices_never_counts() -> None:
    device = Authenticator(counts=False)
    passkey = made(device)
    for _ in range(2):
        assert passkeys.proven(ISSUER, device.get(asked()), challenge=CHALLENGE, passkey=passkey) == 0


def test_an_answer_that_is_too_long_is_not_read() -> None:
    device = Authenticator()
    passkey = made(device)
    answer = json.loads(device.get(asked()))
    longer = json.dumps({**answer, "more": "x" * passkeys.LONGEST_ANSWER})
    assert passkeys.presented(longer) is None
    assert passkeys.proven(ISSUER, longer, challenge=CHALLENGE, passkey=passkey) is None


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["AAAA", "e30", "webauthn.get"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "signature", "x"]
            ),
            inner,
            max_size=6,
        )
    ),
)


@given(HOSTILE.map(json.dumps) | st.text(max_size=40))
def test_what_is_no_answer_is_wrong_and_raises_nothing(answer: str) -> None:
    assert passkeys.created(ISSUER, answer, challenge=CHALLENGE) is None
    assert passkeys.proven(ISSUER, answer, challenge=CHALLENGE, passkey=Passkey(b"x", b"y", 0)) is None
    passkeys.presented(answer)


@given(st.data())
def test_an_answer_of_which_one_part_is_bent_is_wrong_and_raises_nothing(data: st.DataObject) -> None:
    device = Authenticator()
    creating, getting = json.loads(device.create(creation())), json.loads(device.get(asked()))
    passkey = made(device)
    for answer in (creating, getting):
        where = answer["response"]
        name = data.draw(st.sampled_from(sorted(set(where) - {"userHandle", "transports"})))
        where[name] = data.draw(HOSTILE | st.binary(max_size=60).map(lambda some: some.hex()))
    assert passkeys.created(ISSUER, json.dumps(creating), challenge=CHALLENGE) is None
    assert passkeys.proven(ISSUER, json.dumps(getting), challenge=CHALLENGE, passkey=passkey) is None
