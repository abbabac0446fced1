"""The policy that the settings ask for: the country's, the norms', and files of the operator's own."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from idp.bootstrap import frequent_codes
from idp.errors import ConfigurationFault
from idp.outside.frequent_codes import published_codes
from idp.policy_files import policy_rules
from idp.settings import PolicySettings, read_settings
from policies.vocabulary import ActorGroup, Stage

if TYPE_CHECKING:
    from pathlib import Path


def _faults(policy: PolicySettings) -> str:
    with pytest.raises(ConfigurationFault) as caught:
        policy_rules(policy)
    return "\n".join(caught.value.faults)


def test_nothing_set_is_the_national_policy() -> None:
    rules = policy_rules(read_settings({}).policy)
    assert rules.codes[Stage.STAFF].validity_days == 365
    assert rules.pictures.length == 4


def test_the_norms_are_one_word_away() -> None:
    rules = policy_rules(read_settings({"policy": {"follow": "norm"}}).policy)
    assert rules.codes[Stage.STAFF].validity_days is None
    assert rules.pictures.length == 6


def test_a_file_of_the_operators_own_replaces_ours_by_name(tmp_path: Path) -> None:
    shipped = (files("policies") / "data" / "sessions.toml").read_text("utf-8")
    (tmp_path / "sessions.toml").write_text(shipped.replace("28800", "14400"), "utf-8")
    (tmp_path / "README.md").write_text("why we do", "utf-8")
    rules = policy_rules(PolicySettings(folder=str(tmp_path)))
    assert rules.sessions[ActorGroup.PUPIL].max_seconds == 14400
    assert rules.codes == policy_rules(PolicySettings()).codes


def test_the_norms_are_laid_over_the_operators_own_files(tmp_path: Path) -> None:
    shipped = (files("policies") / "data" / "codes.toml").read_text("utf-8")
    (tmp_path / "codes.toml").write_text(shipped.replace("history = 5", "history = 8"), "utf-8")
    rule = policy_rules(PolicySettings(follow="norm", folder=str(tmp_path))).codes[Stage.STAFF]
    assert (rule.history, rule.validity_days) == (8, None)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        (
            "lokout.toml",
            b"",
            "lokout.toml: nobody reads this file.\nOf the policy, policy.folder replaces lokout.toml.",
        ),
        ("lockout.toml", b"", "lockout.toml: the table [strangers] is missing"),
        ("words.txt", b"hest kat", "words.txt: 2 words, and at least 2000 are needed"),
        ("codes.toml", b"\xff", "is not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_of_the_operators_own_is_named(
    tmp_path: Path, name: str, content: bytes, fault: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert fault in _faults(PolicySettings(folder=str(tmp_path)))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "there is no folder" in _faults(PolicySettings(folder=str(tmp_path / "gone")))


def test_a_relative_folder_is_relative_to_the_settings_file(tmp_path: Path) -> None:
    policy = read_settings({"policy": {"folder": "policy"}}, folder=tmp_path).policy
    assert policy.folder == str(tmp_path / "policy")


def test_the_frequent_codes_are_tens_of_thousands_and_danish_too() -> None:
    frequent = frequent_codes(policy_rules(PolicySettings()))
    assert len(set(published_codes())) >= 20_000
    assert len(frequent) >= 25_000
    assert all(code in frequent for code in ("password1", "Trustno1", "letmein", "jegelskerdig", "Brøndby64"))
    assert all(code not in frequent for code in ("hest-banan", "Gråand-Kajak47", "tre røde katte"))
