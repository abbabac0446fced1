"""Keys, seals and hashes: what is kept opens only with the right key and for the right purpose."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.errors import BrokenSeal, ConfigurationFault, HashingBusy
from idp.keyring import Keyring, NamedKeys, PepperStep, load_keyring, make_keyring, rotate_pepper, write_keyring
from idp.outside.hashing import CodeHasher
from idp.outside.sealing import Sealer, keyed_digest
from idp.settings import HashingSettings

if TYPE_CHECKING:
    from pathlib import Path

CHEAP = HashingSettings(memory_kib=64, passes=1, queue=1)


def test_the_secrets_file_is_for_its_owner_alone_and_comes_back_whole(tmp_path: Path) -> None:
    file, keyring = tmp_path / "secrets.toml", make_keyring()
    write_keyring(keyring, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_keyring(file) == keyring


def test_a_secrets_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    write_keyring(make_keyring(), file)
    file.chmod(0o640)
    with pytest.raises(ConfigurationFault, match="others may read it"):
        load_keyring(file)


def test_a_secrets_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    write_keyring(make_keyring(), file)
    with pytest.raises(FileExistsError):
        write_keyring(make_keyring(), file)


def test_a_missing_or_short_key_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    write_keyring(make_keyring(), file)
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[lines.index("[pepper]") + 1] = '"1" = "c2hvcnQ="'
    file.write_text("\n".join(lines).replace("[audit]", "[audits]"), encoding="utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load_keyring(file)
    assert [fault.split(": ", 1)[1] for fault in caught.value.faults] == [
        "pepper.1 is not 32 bytes in base64.",
        "[audit] holds no key.",
    ]


def test_a_pepper_is_known_to_all_before_it_is_used(tmp_path: Path) -> None:
    file, keyring = tmp_path / "secrets.toml", make_keyring()
    write_keyring(keyring, file)
    file.write_text(file.read_text(encoding="utf-8") + "# our own note\n[spare]\n", encoding="utf-8")
    assert rotate_pepper(file) == PepperStep("2", in_use=False)
    known = load_keyring(file)
    assert (list(known.pepper.keys), known.pepper.current) == (["2", "1"], keyring.pepper.current)
    assert rotate_pepper(file) == PepperStep("2", in_use=True)
    used = load_keyring(file)
    assert used.pepper.keys == known.pepper.keys
    assert used.pepper.current_name == "2"
    assert replace(used, pepper=keyring.pepper) == keyring
    assert "# our own note\n[spare]" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert rotate_pepper(file) == PepperStep("3", in_use=False)
    assert list(load_keyring(file).pepper.keys) == ["3", "1", "2"]


def test_two_who_rotate_the_pepper_at_once_do_not_lose_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    write_keyring(make_keyring(), file)
    before = file.read_bytes()
    (tmp_path / "secrets.toml.new").touch()
    with pytest.raises(ConfigurationFault, match="somebody else writes it now"):
        rotate_pepper(file)
    assert file.read_bytes() == before


def test_a_pepper_with_a_name_of_its_own_is_rotated_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    write_keyring(replace(make_keyring(), pepper=NamedKeys({"spring": b"s" * 32})), file)
    with pytest.raises(ConfigurationFault, match="rotate it by hand"):
        rotate_pepper(file)


def test_keys_never_print(keyring: Keyring) -> None:
    assert "\\x" not in f"{keyring!r}{keyring.pepper!r}{keyring}"


def test_a_seal_opens_for_its_own_purpose_only(keyring: Keyring) -> None:
    sealer = Sealer(keyring.sealing)
    sealed = sealer.seal(b"1234", purpose="person:cpr")
    assert sealer.open(sealed, purpose="person:cpr") == b"1234"
    with pytest.raises(BrokenSeal):
        sealer.open(sealed, purpose="key:private")


@pytest.mark.parametrize("where", [0, 2, -1])
def test_a_changed_seal_does_not_open(keyring: Keyring, where: int) -> None:
    sealer = Sealer(keyring.sealing)
    sealed = bytearray(sealer.seal(b"1234", purpose="p"))
    sealed[where] ^= 1
    with pytest.raises(BrokenSeal):
        sealer.open(bytes(sealed), purpose="p")


def test_an_older_key_still_opens_what_it_sealed() -> None:
    old = NamedKeys({"1": b"a" * 32})
    both = NamedKeys({"1": b"a" * 32, "2": b"b" * 32})
    sealed = Sealer(old).seal(b"x", purpose="p")
    assert Sealer(both).open(sealed, purpose="p") == b"x"
    assert Sealer(both).seal(b"x", purpose="p").startswith(b"2\x00")


def test_two_lists_of_parts_never_share_a_digest() -> None:
    assert keyed_digest(b"k", "ab", "c") != keyed_digest(b"k", "a", "bc")


def test_the_right_code_is_right_and_another_is_not(keyring: Keyring) -> None:
    hasher = CodeHasher(CHEAP, keyring.pepper)
    verifier = hasher.verifier_of("house sun cat key")
    assert hasher.check(verifier, "house sun cat key").right
    assert not hasher.check(verifier, "sun house cat key").right
    assert not hasher.check(None, "house sun cat key").right


def test_a_stolen_verifier_is_worth_nothing_without_the_pepper(keyring: Keyring) -> None:
    verifier = CodeHasher(CHEAP, keyring.pepper).verifier_of("sol")
    assert not CodeHasher(CHEAP, NamedKeys({"1": b"z" * 32})).check(verifier, "sol").right
    assert not CodeHasher(CHEAP, NamedKeys({"9": b"z" * 32})).check(verifier, "sol").right


def test_a_code_under_an_old_pepper_or_old_parameters_asks_to_be_made_anew(keyring: Keyring) -> None:
    verifier = CodeHasher(CHEAP, keyring.pepper).verifier_of("sol")
    rotated = NamedKeys({**keyring.pepper.keys, "2": b"y" * 32})
    assert not CodeHasher(CHEAP, keyring.pepper).check(verifier, "sol").outdated
    assert CodeHasher(CHEAP, rotated).check(verifier, "sol").outdated
    assert CodeHasher(replace(CHEAP, passes=2), keyring.pepper).check(verifier, "sol").outdated


def test_past_the_bound_of_the_queue_people_are_told_to_wait(keyring: Keyring) -> None:
    hasher = CodeHasher(HashingSettings(memory_kib=65536, passes=4, queue=1), keyring.pepper)
    together = threading.Barrier(4)

    def outcome(_number: int) -> str:
        together.wait()
        try:
            hasher.check(None, "x")
        except HashingBusy:
            return "wait"
        return "checked"

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(outcome, range(4))) == {"wait", "checked"}
