from __future__ import annotations

import pytest

from policies.tables import DATA_FILES, PolicyFault, Rules, load_rules
from policies.vocabulary import ActorGroup, Reason, ReleasePackage, Stage


def _faults(texts: dict[str, str], file: str, old: str, new: str) -> tuple[str, ...]:
    assert old in texts[file], "the text to break must be there"
    with pytest.raises(PolicyFault) as raised:
        load_rules(texts | {file: texts[file].replace(old, new, 1)})
    return raised.value.faults


def test_the_shipped_rules_load_and_cover_everyone(rules: Rules) -> None:
    assert set(rules.codes) == set(Stage)
    assert set(rules.sessions) == set(ActorGroup)
    assert set(rules.release.claims) == {None, *ReleasePackage}


@pytest.mark.parametrize(
    ("group", "hours", "idle_minutes"),
    [
        (ActorGroup.PUPIL, 8, 60),
        (ActorGroup.STAFF, 8, 30),
        (ActorGroup.EXTERNAL, 8, 30),
        (ActorGroup.CONTACT, 8, 30),
    ],
)
def test_sessions_last_a_school_day(rules: Rules, group: ActorGroup, hours: int, idle_minutes: int) -> None:
    rule = rules.sessions[group]
    assert (rule.max_seconds, rule.idle_seconds) == (hours * 3600, idle_minutes * 60)


def test_a_window_is_open_five_minutes_and_has_nine_signs_or_more(rules: Rules) -> None:
    assert rules.window.activation_seconds == 300
    assert len(set(rules.window.signs)) >= 9


def test_the_rules_cannot_be_changed_after_loading(rules: Rules) -> None:
    with pytest.raises(TypeError):
        rules.codes[Stage.STAFF] = rules.codes[Stage.INDSKOLING]  # type: ignore[index]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("codes.toml", "alphabet = 16", "alphabet = 8", "codes.toml [pictures]: alphabet must be"),
        ("codes.toml", "alphabet = 16", "alphabet = 17", "codes.toml [pictures]: alphabet must be"),
        ("codes.toml", "length = 4\n", "length = 3\n", "codes.toml [pictures]: length must be"),
        ("codes.toml", "length = [4, 4]", "length = [4, 5]", "length must be [4, 4], as [pictures] says"),
        ("codes.toml", "length = [8, 24]", "length = [24, 8]", "the smaller first"),
        ("codes.toml", "length = [8, 24]", "length = [8, 12]", "length must hold what is assigned, 9 to 17"),
        ("codes.toml", "self_chosen = false", "self_chosen = true", "a picture code is always assigned"),
        ("codes.toml", "validity_days = 365", "validity_days = 20", "grace_days must not be longer"),
        ("codes.toml", "warn_days = [30, 14", "warn_days = [31, 14", "warn_days must not begin earlier than 30"),
        ("codes.toml", "validity_days = 365", "valid_days = 365", "valid_days is not known here"),
        ("codes.toml", "[stages.personale]", "[stages.staff]", "the table [personale] is missing"),
        ("codes.toml", "[stages.personale]", "[stages.staff]", "staff is not known here"),
        ("codes.toml", 'shape = "two-words"', 'shape = "symbols"', "shape must be one of pictures, two-words"),
        ("codes.toml", "least_words = 2000", "least_words = 9000", "words.txt: 2288 words"),
        ("lockout.toml", "[60, 300, 900, 3600]", "[60, 30]", "and never shrink"),
        ("lockout.toml", "[60, 300, 900, 3600]", "[]", "at least one delay"),
        ("lockout.toml", "[60, 300, 900, 3600]", "[60, 86401]", "must not be longer than window_seconds"),
        ("lockout.toml", "code_space = 1000", "code_space = 10", "must be a whole number of at least 1000"),
        ("lockout.toml", "budget_most = 100", "budget_most = 4", "budget_least must not be above budget_most"),
        ("sessions.toml", "idle_seconds = 3600", "idle_seconds = 36000", "[Elev]: idle_seconds must not be longer"),
        ("sessions.toml", "[Ekstern]", "[Guest]", "the table [Ekstern] is missing"),
        ("windows.toml", '"rocket"', '"house"', "signs must not be pictures of codes: house"),
        ("windows.toml", '"rocket"', '"kite"', "signs must be a list of different names"),
        ("windows.toml", '"rocket", "umbrella", "crown", "guitar",', "", "signs must be at least 9"),
        ("release.toml", '"uniid"', '"sub"', "small names again what a smaller package has: sub"),
        ("release.toml", '"uniid"', '"cpr"', "names claims that nobody can fill: cpr"),
        ("release.toml", '"sub", ', "", "none must hold sub"),
        ("lifetimes.toml", "warn_days = 30", "warn_days = 365", "warn_days must be less than"),
        ("lifetimes.toml", "token_kept_days = 1", "token_kept_days = 0", "token_kept_days must be a whole number"),
        ("sync_limits.toml", "0.10", "0", "ends_share must be a number above 0"),
        ("sync_limits.toml", "= false", '= "no"', "hold_new_school_year must be true or false"),
        ("sync_limits.toml", "ends_free = 5", "ends_free = true", "ends_free must be a whole number"),
        ("words.txt", "kanin", "hest", "words.txt: 'hest' stands 2 times"),
        ("codes.toml", "[pictures]", "[pictures", "codes.toml: not TOML"),
    ],
)
def test_a_contradiction_is_refused_and_named(texts: dict[str, str], file: str, old: str, new: str, fault: str) -> None:
    assert any(fault in found for found in _faults(texts, file, old, new))


def test_all_faults_are_reported_together(texts: dict[str, str]) -> None:
    broken = texts | {
        "sessions.toml": texts["sessions.toml"].replace("idle_seconds = 3600", "idle_seconds = 36000"),
        "windows.toml": texts["windows.toml"].replace('"rocket"', '"house"'),
        "lifetimes.toml": "",
    }
    with pytest.raises(PolicyFault) as raised:
        load_rules(broken)
    named = " ".join(raised.value.faults)
    assert [file for file in DATA_FILES if file in named] == ["sessions.toml", "windows.toml", "lifetimes.toml"]
    assert str(raised.value) == "\n".join(raised.value.faults)


@pytest.mark.parametrize("file", DATA_FILES)
def test_a_missing_file_is_named(texts: dict[str, str], file: str) -> None:
    with pytest.raises(PolicyFault) as raised:
        load_rules({name: text for name, text in texts.items() if name != file})
    assert raised.value.faults == (f"{file}: the file is missing",)


def test_a_file_that_nobody_reads_is_named(texts: dict[str, str]) -> None:
    with pytest.raises(PolicyFault, match=r"lokout\.toml: nobody reads this file"):
        load_rules(texts | {"lokout.toml": ""})


def test_every_refusal_names_its_area() -> None:
    assert {reason.partition(":")[0] for reason in Reason} == {
        "any",
        "sign-in",
        "window",
        "code",
        "factor",
        "power",
        "service",
        "sync",
    }
