from __future__ import annotations

from datetime import date

import pytest

from policies import forced_stage, written_reason
from policies.decision import Allow, Deny
from policies.vocabulary import Reason, Stage

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("stage", "last_day", "expected"),
    [
        (Stage.INDSKOLING, date(2027, 6, 25), Allow()),
        (Stage.MELLEMTRIN, TODAY, Allow()),
        (Stage.UDSKOLING, date(2028, 11, 23), Allow()),
        (Stage.UDSKOLING, date(2028, 11, 24), Deny(Reason.LAST_DAY_TOO_FAR)),
        (Stage.UDSKOLING, date(9999, 12, 31), Deny(Reason.LAST_DAY_TOO_FAR)),
        (Stage.INDSKOLING, date(2026, 11, 22), Deny(Reason.LAST_DAY_PAST)),
        (Stage.INDSKOLING, date(1, 1, 1), Deny(Reason.LAST_DAY_PAST)),
        (Stage.STAFF, date(2027, 6, 25), Deny(Reason.STAGE_NOT_FOR_PUPILS)),
        (Stage.PARENT, date(2027, 6, 25), Deny(Reason.STAGE_NOT_FOR_PUPILS)),
    ],
)
def test_a_pupils_stage_may_be_forced_from_today_to_two_years_ahead(
    stage: Stage, last_day: date, expected: Allow | Deny
) -> None:
    assert forced_stage.is_good(stage, last_day, today=TODAY) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Går i specialklasse", Allow()),
        ("  på \n to linjer ", Allow()),
        ("👍🏽 aftalt med 👩‍👧", Allow()),
        ("مرحبا", Allow()),
        ("x" * 255, Allow()),
        ("x" * 256, Deny(Reason.REASON_TOO_LONG)),
        ("", Deny(Reason.REASON_MISSING)),
        (" \t\n", Deny(Reason.REASON_MISSING)),
        ("nul\0", Deny(Reason.REASON_UNREADABLE)),
        ("turned \u202e round", Deny(Reason.REASON_UNREADABLE)),
        ("half a sign \ud83d", Deny(Reason.REASON_UNREADABLE)),
    ],
)
def test_a_reason_is_there_and_can_be_read(written: str, expected: Allow | Deny) -> None:
    assert written_reason.is_good(written_reason.tidy(written)) == expected
