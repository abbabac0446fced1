"""The operator's settings: every fault is named at once, and nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from idp.errors import ConfigurationFault
from idp.settings import load_settings, masked, read_settings

if TYPE_CHECKING:
    from pathlib import Path


def faults_of(tree: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationFault) as caught:
        read_settings(tree)
    return caught.value.faults


def test_yesterdays_empty_file_still_works() -> None:
    assert read_settings({}).site.default_language == "da"


def test_every_fault_is_reported_together() -> None:
    assert faults_of({"site": {"issuer": 7, "colour": "blue"}, "weather": {}}) == (
        "site.issuer must be of type str, not int.",
        "site.colour is not a known setting.",
        "[weather] is not a known table.",
    )


@pytest.mark.parametrize(
    ("section", "name", "value", "complaint"),
    [
        ("site", "issuer", "http://skole.example", "site.issuer must be https, except on localhost."),
        ("site", "issuer", "https://skole.example/x", "site.issuer must have no path, query or fragment."),
        ("site", "issuer", "skole.example", "site.issuer must be an http(s) address."),
        ("policy", "follow", "nobody", "policy.follow must be national or norm."),
        ("site", "default_language", "se", "site.default_language must be da or en."),
        ("database", "url", "mysql://x", "database.url must begin with sqlite:/// or postgresql+psycopg://."),
        ("oidc", "code_seconds", 61, "oidc.code_seconds must be at most 60 (ASVS 10.4.3)."),
        ("oidc", "token_seconds", 0, "oidc.token_seconds must be at least 1."),
        ("site", "trusted_proxies", -1, "site.trusted_proxies must be 0 or more."),
    ],
)
def test_a_dangerous_or_impossible_value_is_refused(section: str, name: str, value: object, complaint: str) -> None:
    assert complaint in faults_of({section: {name: value}})


def test_the_clock_cannot_be_steered_on_a_public_site() -> None:
    tree = {"site": {"issuer": "https://skole.example"}, "proving": {"clock_file": "clock"}}
    assert faults_of(tree) == ("proving.clock_file is for demos and tests on localhost only.",)


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "skolepas.toml"
    file.write_text('[database]\nurl = "sqlite:///a.sqlite3"\n[secrets]\nfile = "s.toml"\n', encoding="utf-8")
    settings = load_settings(file)
    assert settings.database.url == f"sqlite:///{tmp_path}/a.sqlite3"
    assert settings.secrets.file == f"{tmp_path}/s.toml"


def test_without_a_file_the_defaults_lie_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKOLEPAS_SETTINGS", raising=False)
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.database.url == f"sqlite:///{tmp_path}/var/skolepas.sqlite3"
    assert settings.secrets.file == f"{tmp_path}/var/secrets.toml"


def test_a_torn_file_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / "skolepas.toml"
    file.write_text("[site\nissuer", encoding="utf-8")
    with pytest.raises(ConfigurationFault, match="not TOML"):
        load_settings(file)


def test_a_password_in_the_database_address_is_not_shown() -> None:
    settings = read_settings({"database": {"url": "postgresql+psycopg://a:hemmelig@db/skolepas"}})
    assert masked(settings)["database"]["url"] == "postgresql+psycopg://a:***@db/skolepas"
