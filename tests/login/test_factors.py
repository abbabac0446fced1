"""Second factors as use cases: kept, proven, forgotten; recovery codes and passes; the operator's commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from admin_ui.cli import Operator
from admin_ui.cli.codes import codes
from admin_ui.cli.factors import factors
from idp.errors import Refused
from idp.outside import one_time_codes, passkeys
from idp.outside.one_time_codes import code_at, step_at
from idp.store.credentials import EnrolledFactor
from idp.usecases import factors as usecase
from idp.usecases.factors import Enrolment, challenge, enrol, factors_of, prove_one_time_code, prove_passkey, remove
from idp.usecases.passes import issue_pass, use_pass
from idp.usecases.recovery_codes import find_candidate, keep_recovery_codes, make_recovery_codes, use_candidate
from idp.usecases.sessions import ProvenFactor, begin_session, live_session
from policies.vocabulary import EnrolThrough, Factor, Reason
from tests.opponents.authenticator import Authenticator

if TYPE_CHECKING:
    from click.testing import Result

    from idp.usecases.recovery_codes import RecoveryCodes
    from tests.conftest import StandingClock
    from tests.opponents.school_day import SchoolDay

SEED = b"a seed of twenty byt"


def app_code(day: SchoolDay, off: int = 0) -> str:
    return code_at(SEED, step_at(day.system.now()) + off)


def has_app(day: SchoolDay, way: EnrolThrough = EnrolThrough.PASS) -> int:
    """Give Bo an app; the code that showed it is of the step before now."""
    with day.system.database.writing() as db:
        match = one_time_codes.match_at_first(SEED, app_code(day, -2), day.system.now())
        found = enrol(db, day.system, day.bo.id, Enrolment(label="My phone", way=way, seed=SEED, match=match))
    assert found is not None
    return found


def has_passkey(day: SchoolDay, device: Authenticator, way: EnrolThrough = EnrolThrough.FACTOR) -> int:
    system, asked = day.system, challenge(day.system, "enrol", "x")
    options = passkeys.creation_options(
        system.settings.site.issuer, site="S", user=usecase.user_handle(system, day.bo.uniid),
        username=day.bo.username, challenge=asked,
    )  # fmt: skip
    made = passkeys.created(system.settings.site.issuer, device.create(options), challenge=asked)
    assert made is not None
    with system.database.writing() as db:
        found = enrol(db, system, day.bo.id, Enrolment(label="Key", way=way, passkey=made))
    assert found is not None
    return found


def has_recovery_codes(day: SchoolDay) -> RecoveryCodes:
    made = make_recovery_codes(day.system)
    with day.system.database.writing() as db:
        keep_recovery_codes(db, day.system, day.bo.id, made, through="pass")
    return made


def is_right(day: SchoolDay, typed: str) -> bool:
    with day.system.database.writing() as db:
        return prove_one_time_code(db, day.system, person_id=day.bo.id, typed=typed) is not None


def events(day: SchoolDay) -> list[str]:
    with day.system.database.reading() as db:
        return list(db.execute(text("SELECT event FROM audit_event ORDER BY id")).scalars())


def test_a_code_from_an_app_is_right_once(day: SchoolDay) -> None:
    has_app(day)
    code = app_code(day)
    assert [is_right(day, code), is_right(day, code)] == [True, False]


def test_no_code_is_right_that_is_older_than_one_that_was_used(day: SchoolDay) -> None:
    has_app(day)
    assert is_right(day, app_code(day, 1))
    assert not is_right(day, app_code(day))


def test_nobody_has_a_code_from_somebody_elses_app(day: SchoolDay) -> None:
    has_app(day)
    with day.system.database.writing() as db:
        assert prove_one_time_code(db, day.system, person_id=day.dina.id, typed=app_code(day)) is None


def test_an_app_that_slowly_drifts_stays_right(day: SchoolDay, clock: StandingClock) -> None:
    has_app(day)
    for month in range(1, 8):
        clock.advance(days=30)
        assert is_right(day, app_code(day, -month)), month


def test_an_app_that_is_far_off_is_repaired_with_two_codes_in_a_row(day: SchoolDay, clock: StandingClock) -> None:
    has_app(day)
    clock.advance(days=1)
    assert not is_right(day, app_code(day, -100))
    with day.system.database.writing() as db:
        repaired = usecase.repair_clock(
            db, day.system, person_id=day.bo.id, first=app_code(day, -100), second=app_code(day, -99)
        )
    assert repaired is not None
    assert is_right(day, app_code(day, -98))
    assert "factor:clock:repaired" in events(day)


def test_a_seed_rests_sealed_and_opens_for_its_person_only(day: SchoolDay) -> None:
    has_app(day)
    with day.system.database.reading() as db:
        kept = db.execute(select(EnrolledFactor.secret_sealed)).scalar_one()
        everything = repr(db.execute(text("SELECT * FROM enrolled_factor")).all())
    assert kept is not None
    assert SEED not in kept
    assert one_time_codes.seed_text(SEED) not in everything
    assert usecase.open_seed(day.system, day.bo.id, kept) == SEED
    with pytest.raises(Exception, match="one-time-codes"):
        usecase.open_seed(day.system, day.dina.id, kept)


def test_a_passkey_proves_who_it_is_once_for_each_count(day: SchoolDay) -> None:
    device, system = Authenticator(), day.system
    factor_id = has_passkey(day, device)
    asked = challenge(system, "login", "one")
    answer = device.get(passkeys.request_options(system.settings.site.issuer, challenge=asked))
    with system.database.writing() as db:
        found = prove_passkey(db, system, answer, challenge=asked)
        assert found is not None
        assert (found.factor_id, found.person_id, found.username) == (factor_id, day.bo.id, day.bo.username)
        assert prove_passkey(db, system, answer, challenge=asked) is None
    assert "factor:factor:refused" in events(day)


def test_a_passkey_of_somebody_else_is_refused_where_one_person_is_asked(day: SchoolDay) -> None:
    device, system = Authenticator(), day.system
    has_passkey(day, device)
    asked = challenge(system, "login", "one")
    answer = device.get(passkeys.request_options(system.settings.site.issuer, challenge=asked))
    with system.database.writing() as db:
        assert prove_passkey(db, system, answer, challenge=asked, person_id=day.dina.id) is None


def test_a_passkey_that_was_made_for_another_person_of_this_site_is_refused(day: SchoolDay) -> None:
    device, system = Authenticator(), day.system
    has_passkey(day, device)
    device.user = usecase.user_handle(system, day.dina.uniid)
    asked = challenge(system, "login", "one")
    answer = device.get(passkeys.request_options(system.settings.site.issuer, challenge=asked))
    with system.database.writing() as db:
        assert prove_passkey(db, system, answer, challenge=asked) is None


def test_a_recovery_code_is_right_once_and_the_count_goes_down(day: SchoolDay) -> None:
    has_app(day)
    made = has_recovery_codes(day)
    typed = made.texts[3].lower().replace("-", " ")
    for expected in (True, False):
        with day.system.database.writing() as db:
            candidate = find_candidate(db, day.bo.id, typed)
            right = day.system.hasher.check(candidate.verifier, candidate.text).right
            assert right is expected
            assert (right and use_candidate(db, day.system, day.bo.id, candidate) is not None) is expected
    with day.system.database.reading() as db:
        assert [one.codes_left for one in factors_of(db, day.bo.id)] == [None, 9]


def test_two_tries_at_once_use_a_recovery_code_once(day: SchoolDay) -> None:
    made = has_recovery_codes(day)
    with day.system.database.writing() as db:
        candidates = [find_candidate(db, day.bo.id, made.texts[0]) for _ in range(2)]
        assert [use_candidate(db, day.system, day.bo.id, one) is not None for one in candidates] == [True, False]


def test_new_recovery_codes_end_the_old_ones(day: SchoolDay) -> None:
    old, new = has_recovery_codes(day), has_recovery_codes(day)
    with day.system.database.reading() as db:
        assert not day.system.hasher.check(find_candidate(db, day.bo.id, old.texts[0]).verifier, old.texts[0]).right
        candidate = find_candidate(db, day.bo.id, new.texts[0])
        assert day.system.hasher.check(candidate.verifier, candidate.text).right


def test_recovery_codes_are_strong_and_kept_nowhere(day: SchoolDay) -> None:
    made = has_recovery_codes(day)
    assert len(set(made.texts)) == 10
    assert all(len(text.replace("-", "")) == 12 for text in made.texts)
    assert 31**11 > 2**50
    with day.system.database.reading() as db:
        kept = repr([db.execute(text(f"SELECT * FROM {table}")).all() for table in ("recovery_code", "audit_event")])  # noqa: S608
    assert not [one for one in made.texts if one in kept or one.replace("-", "") in kept]
    assert made.texts[0] not in repr(made)


def test_a_pass_is_right_once_for_one_person_and_for_minutes(day: SchoolDay, clock: StandingClock) -> None:
    system = day.system
    with system.database.writing() as db:
        given = issue_pass(db, system, person_id=day.bo.id, issued_by=None)
        assert not use_pass(db, system, person_id=day.dina.id, typed=given.text)
        assert use_pass(db, system, person_id=day.bo.id, typed=given.text.lower().replace("-", " "))
        assert not use_pass(db, system, person_id=day.bo.id, typed=given.text)
        late = issue_pass(db, system, person_id=day.bo.id, issued_by=None)
        clock.advance(minutes=10)
        assert not use_pass(db, system, person_id=day.bo.id, typed=late.text)
    assert events(day).count("factor:pass:issued") == 2
    assert events(day).count("factor:pass:used") == 1


def test_a_newer_pass_ends_the_older_one(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        older = issue_pass(db, day.system, person_id=day.bo.id, issued_by=None)
        newer = issue_pass(db, day.system, person_id=day.bo.id, issued_by=None)
        assert not use_pass(db, day.system, person_id=day.bo.id, typed=older.text)
        assert use_pass(db, day.system, person_id=day.bo.id, typed=newer.text)
        kept = repr(db.execute(text("SELECT * FROM one_time_pass")).all())
    assert newer.text not in kept
    assert newer.text not in repr(newer)


def test_nobody_issues_a_pass_without_the_right(day: SchoolDay) -> None:
    with day.system.database.writing() as db, pytest.raises(Refused) as refused:
        issue_pass(db, day.system, person_id=day.bo.id, issued_by=day.dina.id)
    assert refused.value.reason is Reason.RIGHT_MISSING


def test_what_a_removed_factor_proved_counts_no_more_at_once(day: SchoolDay) -> None:
    system = day.system
    app, key = has_app(day), has_passkey(day, Authenticator())
    with system.database.writing() as db:
        code = ProvenFactor(Factor.PASSWORD, system.now())
        by_app = ProvenFactor(Factor.TOTP, system.now(), enrolled_id=app)
        by_key = ProvenFactor(Factor.PASSKEY, system.now(), enrolled_id=key)
        both = begin_session(db, system, person_id=day.bo.id, factors=[code, by_app], browser="")
        alone = begin_session(db, system, person_id=day.bo.id, factors=[by_key], browser="")
        assert remove(db, system, person_id=day.bo.id, factor_id=app, removed_by=None)
        assert remove(db, system, person_id=day.bo.id, factor_id=key, removed_by=None, said=True)
        left = live_session(db, system, both.token)
        assert left is not None
        assert [proven.factor for proven in left.factors] == [Factor.PASSWORD]
        assert live_session(db, system, alone.token) is None
    assert not is_right(day, app_code(day))


def test_recovery_codes_end_with_the_last_factor(day: SchoolDay) -> None:
    app = has_app(day)
    made = has_recovery_codes(day)
    with day.system.database.writing() as db:
        with pytest.raises(Refused) as refused:
            remove(db, day.system, person_id=day.bo.id, factor_id=app, removed_by=None)
        assert refused.value.reason is Reason.FACTOR_LAST
        assert remove(db, day.system, person_id=day.bo.id, factor_id=app, removed_by=None, said=True)
        assert factors_of(db, day.bo.id) == ()
        assert find_candidate(db, day.bo.id, made.texts[0]).verifier is None


def test_a_pass_replaces_what_was_lost(day: SchoolDay) -> None:
    has_app(day)
    has_recovery_codes(day)
    has_passkey(day, Authenticator(), EnrolThrough.PASS)
    with day.system.database.reading() as db:
        assert [one.factor for one in factors_of(db, day.bo.id)] == [Factor.PASSKEY]


def test_nobody_removes_somebody_elses_factor(day: SchoolDay) -> None:
    app = has_app(day)
    with day.system.database.writing() as db:
        assert not remove(db, day.system, person_id=day.dina.id, factor_id=app, removed_by=day.dina.id, said=True)
        assert len(factors_of(db, day.bo.id)) == 1


def command(day: SchoolDay, *arguments: str) -> Result:
    return CliRunner().invoke(factors, arguments, obj=Operator(None, day.system))


def test_the_operator_lists_and_removes_factors(day: SchoolDay) -> None:
    assert "has no second factor" in command(day, "list", day.bo.username).stdout
    app = has_app(day)
    listed = json.loads(command(day, "list", day.bo.username, "--json").stdout)
    assert [(one["id"], one["kind"], one["label"]) for one in listed] == [(app, "totp", "My phone")]
    refused = command(day, "remove", day.bo.username, str(app))
    assert (refused.exit_code, "--last" in refused.stderr) == (2, True)
    assert command(day, "remove", day.bo.username, str(app), "--last").stdout == "Removed.\n"
    assert command(day, "remove", day.bo.username, str(app)).exit_code == 2


def test_the_operator_prints_a_pass_once(day: SchoolDay) -> None:
    said = json.loads(command(day, "pass", day.bo.username, "--json").stdout)
    with day.system.database.writing() as db:
        assert use_pass(db, day.system, person_id=day.bo.id, typed=said["pass"])
    assert command(day, "pass", day.bo.username).stdout.endswith("once, until 09:10:00.\n")
    assert command(day, "pass", "nobody99").stderr == "skolepas: Nobody has the username nobody99.\n"


def test_the_operator_opens_a_window_for_a_factor(day: SchoolDay) -> None:
    arguments = ["open-window", day.bo.username, "--purpose", "enrol-factor"]
    answer = CliRunner().invoke(codes, arguments, obj=Operator(None, day.system))
    assert answer.exit_code == 0
    with day.system.database.reading() as db:
        assert db.execute(text("SELECT purpose FROM activation_window")).scalar_one() == "enrol-factor"
