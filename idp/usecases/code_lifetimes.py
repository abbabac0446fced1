"""When codes are outgrown: noted where a person comes under another stage's rule, so that the days of grace run from then.

Whatever changes who governs a code tells :func:`settle`: an import, a confirmed attachment, a forced stage. What passes by
the calendar alone, the end of a forced stage, the worker notes (:func:`settle_lapsed`).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from idp.store.code_stages import codes_under_lapsed_stages, stage_left, standings
from idp.usecases.people import governing_stage, heard
from policies.codes import code_rule, outgrown
from policies.vocabulary import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System


def settle(db: Session, system: System, people: Iterable[int], *, left_at: datetime | None = None) -> int:
    """Note for each person whether the live code is outgrown, since ``left_at`` (now), and say how many notes changed.

    Whose code fits again loses the note; one that stands keeps its time. People without a code or an attachment have none.
    """
    now = system.now()
    outgrown_now: list[int] = []
    fits_again: list[int] = []
    for _, rows_of_one in groupby(standings(db, people, now), key=lambda row: row.code_id):
        rows = list(rows_of_one)
        first, stage = rows[0], governing_stage(heard(rows))
        if stage is None:
            continue
        is_outgrown = outgrown(code_rule(system.rules, Stage(first.code_stage)), code_rule(system.rules, stage))
        if is_outgrown and first.stage_left_at is None:
            outgrown_now.append(first.code_id)
        elif not is_outgrown and first.stage_left_at is not None:
            fits_again.append(first.code_id)
    stage_left(db, outgrown_now, left_at or now)
    stage_left(db, fits_again, None)
    return len(outgrown_now) + len(fits_again)


def settle_lapsed(db: Session, system: System) -> int:
    """Note the codes that a forced stage kept until it ended, from that moment on; say how many."""
    lapsed = codes_under_lapsed_stages(db, system.now())
    return sum(settle(db, system, [row.person_id], left_at=row.valid_to) for row in lapsed)
