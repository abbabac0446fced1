from __future__ import annotations

import pytest

from policies.tables import DATA_FILES, PolicyFault, Rules, load_rules
from policies.vocabulary import ActorGroup, CodeKind, Follow, Reason, ReleasePackage, Stage


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


def test_a_session_on_a_shared_device_lasts_a_lesson(rules: Rules) -> None:
    assert rules.shared_session.max_seconds == 3600
    assert rules.shared_session.idle_seconds == 900


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
        ("codes.toml", "chosen_length = [8, 128]", "chosen_length = [6, 128]", "must begin at 8 or above"),
        ("codes.toml", "chosen_length = [8, 128]", "chosen_length = [8, 24]", "and end between 64 and 256"),
        ("codes.toml", "chosen_signs = []", 'chosen_signs = ["digit"]', "what an assigned code lacks: digit"),
        ("codes.toml", "chosen_signs = []", 'chosen_signs = ["emoji"]', "none but upper, lower, digit: emoji"),
        ("codes.toml", "self_chosen = true", "self_chosen = false", "chosen_length and chosen_signs must be left out"),
        (
            "codes.toml",
            "self_chosen = false",
            "self_chosen = true\nchosen_length = [8, 64]\nchosen_signs = []",
            "a picture code is always assigned",
        ),
        ("codes.toml", '"passkey", "totp"', '"passkey", "card"', "may hold passkey and totp, not card"),
        ("codes.toml", '"passkey", "totp"', '"passkey", "passkey"', "must be a list of different names"),
        ("codes.toml", "warn_days = [30, 14, 7, 1]", "warn_days = [30, 7, 14, 1]", "warn_days must count down"),
        (
            "codes.toml",
            'shape = "two-words-two-digits"',
            'shape = "pictures"',
            "the shape of udskoling must not be weaker than that of mellemtrin",
        ),
        ("chosen.toml", '"forår"', '"vår"', "calendar must hold no word under 4 letters: vår"),
        ("chosen.toml", '"january",', '"january", "kanin",', "'kanin' of words.txt is refused here"),
        ("chosen.toml", '"june",', '"june", "måne",', "'måne' of words.txt is refused here"),
        ("chosen.toml", "school_words", "school_word", "school_word is not known here"),
        ("sessions.toml", "max_seconds = 3600", "max_seconds = 30000", "[shared] must not last longer than [Elev]"),
        ("sessions.toml", "[shared]", "[common]", "the table [shared] is missing"),
        ("codes.toml", "length = [4, 4]", "length = [4, 5]", "length must be [4, 4], as [pictures] says"),
        ("codes.toml", "length = [8, 24]", "length = [24, 8]", "the smaller first"),
        ("codes.toml", "length = [8, 24]", "length = [8, 12]", "length must hold what is assigned, 9 to 17"),
        ("codes.toml", "validity_days = 365", "validity_days = 20", "grace_days must not be longer"),
        ("codes.toml", "warn_days = [30, 14", "warn_days = [31, 14", "warn_days must not begin earlier than 30"),
        ("codes.toml", "validity_days = 365", "valid_days = 365", "valid_days is not known here"),
        ("codes.toml", "[stages.personale]", "[stages.staff]", "the table [personale] is missing"),
        ("codes.toml", "[stages.personale]", "[stages.staff]", "staff is not known here"),
        ("codes.toml", 'shape = "two-words"', 'shape = "symbols"', "shape must be one of pictures, two-words"),
        ("codes.toml", "least_words = 2000", "least_words = 9000", "words.txt: 2121 words"),
        ("lockout.toml", "[60, 300, 900, 3600]", "[60, 30]", "and never shrink"),
        ("lockout.toml", "[60, 300, 900, 3600]", "[]", "at least one delay"),
        ("lockout.toml", "[60, 300, 900, 3600]", "[60, 86401]", "must not be longer than window_seconds"),
        ("lockout.toml", "code_space = 1000", "code_space = 10", "must be a whole number of at least 1000"),
        ("lockout.toml", "code_space = 1000", "code_space = 50000", "leaves no try in a day"),
        ("lockout.toml", "failures_least = 300", "failures_least = 15", "must leave each of the parts one"),
        ("lockout.toml", "one_network = 100", "one_network = 300", "must be less than free_failures_least"),
        ("lockout.toml", "[10, 30, 60, 120, 300]", "[10, 3601]", "must not be longer than window_seconds"),
        ("sessions.toml", "idle_seconds = 3600", "idle_seconds = 36000", "[Elev]: idle_seconds must not be longer"),
        ("sessions.toml", "[Ekstern]", "[Guest]", "the table [Ekstern] is missing"),
        ("windows.toml", '"rocket"', '"house"', "signs must not be pictures of codes: house"),
        ("windows.toml", '"rocket"', '"kite"', "signs must be a list of different names"),
        ("windows.toml", '"rocket", "umbrella", "crown", "guitar",', "", "signs must be at least 9"),
        ("release.toml", '"uniid"', '"sub"', "small names again what a smaller package has: sub"),
        ("release.toml", '"uniid"', '"cpr"', "names claims that nobody can fill: cpr"),
        ("release.toml", '"sub", ', "", "none must hold sub"),
        ("release.toml", 'consent = ["name"', 'consent = ["cpr"', "consent names claims that nobody can fill: cpr"),
        ("release.toml", 'consent = ["name"', 'consent = ["uniid"', "what lets services put people together: uniid"),
        ("release.toml", "from_age = 13", "from_age = 12", "consent_from_age must be a whole number of at least 13"),
        ("lifetimes.toml", "warn_days = 30", "warn_days = 365", "warn_days must be less than"),
        ("lifetimes.toml", "token_kept_days = 1", "token_kept_days = 0", "token_kept_days must be a whole number"),
        ("sync_limits.toml", "0.10", "0", "ends_share must be a number above 0"),
        ("sync_limits.toml", "= false", '= "no"', "hold_new_school_year must be true or false"),
        ("sync_limits.toml", "ends_free = 5", "ends_free = true", "ends_free must be a whole number"),
        ("cards.toml", '"indskoling"', '"infants"', "cards.toml: stages that there are not: infants"),
        ("cards.toml", 'closes = "17:00"', 'closes = "06:00"', "[usual]: cards must stop working later than 07:00"),
        ("cards.toml", "days = [1, 2", "days = [8, 2", "[usual]: days are 1 (Monday) to 7 (Sunday), not 8"),
        (
            "cards.toml",
            "budget = 20",
            "budget = 44",
            "[guesses]: budget must be a whole number of at least 1 and at most 43",
        ),
        ("cards.toml", "free_failures = 5", "free_failures = 21", "free_failures must not be above the budget"),
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
        "card",
        "code",
        "factor",
        "power",
        "step-up",
        "substitute",
        "stop",
        "consent",
        "service",
        "sync",
    }


NATIONAL_AND_NORM = [
    # stage, pictures, days of validity, signs that a self-chosen code must have: by the country, by the norms
    (Stage.DAYCARE, (4, None, ""), (6, None, "")),
    (Stage.INDSKOLING, (4, None, ""), (6, None, "")),
    (Stage.MELLEMTRIN, (None, None, ""), (None, None, "")),
    (Stage.UDSKOLING, (None, 365, "upper lower digit"), (None, None, "")),
    (Stage.YOUTH, (None, 365, "upper lower digit"), (None, None, "")),
    (Stage.STAFF, (None, 365, "upper lower digit"), (None, None, "")),
    (Stage.PARENT, (None, 365, "upper lower digit"), (None, None, "")),
]


@pytest.mark.parametrize(("stage", "national", "norm"), NATIONAL_AND_NORM)
@pytest.mark.parametrize("follow", Follow)
def test_one_setting_switches_to_the_norms(
    texts: dict[str, str],
    follow: Follow,
    stage: Stage,
    national: tuple[int | None, int | None, str],
    norm: tuple[int | None, int | None, str],
) -> None:
    rule = load_rules(texts, follow).codes[stage]
    pictures, validity_days, signs = national if follow is Follow.NATIONAL else norm
    assert rule.validity_days == validity_days
    assert rule.chosen_signs == set(signs.split())
    if rule.kind is CodeKind.PICTURES:
        assert rule.min_length == rule.max_length == pictures


def test_the_norms_are_not_heeded_by_default(texts: dict[str, str], rules: Rules) -> None:
    assert load_rules(texts) == rules == load_rules(texts | {"norm.toml": ""}, Follow.NORM)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("\n[codes.pictures]", "\n[kodes.pictures]", "norm.toml: [kodes] names no file"),
        ("\n[codes.pictures]", "\n[codes.picture]", "norm.toml: [codes] changes picture, which is not there"),
        ("[codes.stages.personale]", "[codes.stages.staff]", "norm.toml: [codes.stages] changes staff"),
        ("chosen_signs", "chosen_sign", "norm.toml: [codes.stages.udskoling] changes chosen_sign"),
        ("length = 6", "length = 7", "length must be [7, 7], as [pictures] says"),
        ("length = 6", "length = 3", "codes.toml [pictures]: length must be"),
        ("\n[codes.pictures]", "\n[codes.pictures", "norm.toml: not TOML"),
    ],
)
def test_a_fault_of_the_norms_file_is_named(texts: dict[str, str], old: str, new: str, fault: str) -> None:
    assert old in texts["norm.toml"]
    with pytest.raises(PolicyFault) as raised:
        load_rules(texts | {"norm.toml": texts["norm.toml"].replace(old, new, 1)}, Follow.NORM)
    assert any(fault in found for found in raised.value.faults)
