"""What a stolen database is worth, and how codes move to another pepper and to other parameters (decisions 37 and 52)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import text
from structlog.testing import capture_logs

from idp.audit import AuditEvent
from idp.keyring import NamedKeys
from idp.outside.hashing import CodeHasher
from idp.outside.sealing import keyed_digest
from idp.store.audit import events
from idp.usecases.codes import issue_code
from idp.usecases.peppers import peppers_in_use
from policies.pictures import normalised
from tests.opponents.databases import one_database
from tests.opponents.school_day import OTHERS, PICTURES, SchoolDay, a_day
from tests.opponents.small_protocol import small_site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from idp.settings import Settings
    from idp.usecases.system import System


class Dumped(NamedTuple):
    """A row of the table of codes, as a thief of the database has it."""

    phc: str
    pepper: str


def dump(system: System) -> list[Dumped]:
    with system.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT phc, pepper FROM code WHERE ended_at IS NULL ORDER BY person_id"))
        return [Dumped(row.phc, row.pepper) for row in rows]


def matching(row: Dumped, codes: Sequence[str], keyed: Callable[[str], bytes]) -> list[str]:
    """Try every code against a row, on all cores: Argon2 leaves the interpreter to others meanwhile."""
    argon2 = PasswordHasher()

    def fitting(some: Sequence[str]) -> list[str]:
        return [code for code in some if fits(code)]

    def fits(code: str) -> bool:
        try:
            return argon2.verify(row.phc, keyed(code))
        except VerifyMismatchError:
            return False

    with ThreadPoolExecutor() as pool:
        shares = [codes[start : start + 2000] for start in range(0, len(codes), 2000)]
        return [code for found in pool.map(fitting, shares) for code in found]


@one_database
def test_no_picture_code_opens_a_stolen_row_without_the_pepper_and_one_does_with_it(
    system: System, settings: Settings
) -> None:
    allowing = replace(settings, login=replace(settings.login, allow_code_issue=True))
    day = a_day(replace(system, settings=allowing))
    with day.system.database.writing() as db:
        issued = issue_code(db, day.system, day.carl.username)
    row = dump(day.system)[-1]
    codes = [normalised(names) for names in permutations(system.rules.pictures.alphabet, 4)]
    assert len(codes) == len(set(codes)) == 43_680
    assert matching(row, codes, str.encode) == []
    pepper = system.keyring.pepper.keys[row.pepper]
    assert matching(row, codes, lambda code: keyed_digest(pepper, code)) == [issued.text]


def with_peppers(system: System, keys: dict[str, bytes], *, passes: int = 1) -> System:
    """The system after a restart with another secrets file, or with other parameters."""
    hashing = replace(system.settings.hashing, passes=passes)
    keyring = replace(system.keyring, pepper=NamedKeys(keys))
    return replace(system, keyring=keyring, hasher=CodeHasher(hashing, keyring.pepper))


@pytest.fixture
def peppers(system: System) -> dict[str, bytes]:
    return {**system.keyring.pepper.keys, "2": b"y" * 32}


def log_in(day: SchoolDay, system: System) -> None:
    """Asta logs in, in a browser that was never here, after the processes have been restarted as ``system``."""
    restarted = replace(day, system=system, app=small_site(system, day.service_id))
    restarted.log_in(restarted.browser())


def test_a_code_moves_to_the_pepper_in_use_at_the_next_right_login(
    day: SchoolDay, system: System, peppers: dict[str, bytes]
) -> None:
    rotated = with_peppers(system, peppers)
    log_in(day, rotated)
    assert [row.pepper for row in dump(system)] == ["2", "1"]
    with system.database.reading() as db:
        first, second = peppers_in_use(db, rotated)
        assert len(events(db, at_most=9, name=AuditEvent.CODE_REHASHED)) == 1
    assert (first.name, first.in_use, first.live_codes) == ("1", False, 1)
    assert (second.name, second.in_use, second.live_codes) == ("2", True, 1)
    log_in(day, with_peppers(system, {"2": peppers["2"]}))
    with system.database.reading() as db:
        assert len(events(db, at_most=9, name=AuditEvent.CODE_REHASHED)) == 1


def test_a_wrong_code_moves_nothing(day: SchoolDay, system: System, peppers: dict[str, bytes]) -> None:
    before, rotated = dump(system), with_peppers(system, peppers)
    restarted = replace(day, system=rotated, app=small_site(rotated, day.service_id))
    browser = restarted.browser()
    browser.tap(restarted.code_page(browser, day.asta.username), OTHERS)
    assert dump(system) == before


def test_a_process_that_knows_the_next_pepper_checks_codes_under_either(
    day: SchoolDay, system: System, peppers: dict[str, bytes]
) -> None:
    first = {"2": peppers["2"], "1": peppers["1"]}
    log_in(day, with_peppers(system, peppers))
    assert dump(system)[0].pepper == "2"
    log_in(day, with_peppers(system, first))
    assert dump(system)[0].pepper == "1"


def test_a_code_moves_to_todays_parameters_at_the_next_right_login(day: SchoolDay, system: System) -> None:
    assert ",t=1," in dump(system)[0].phc
    log_in(day, with_peppers(system, system.keyring.pepper.keys, passes=2))
    assert [",t=2," in row.phc for row in dump(system)] == [True, False]
    log_in(day, with_peppers(system, system.keyring.pepper.keys, passes=2))


def test_a_code_whose_pepper_is_gone_is_a_wrong_code_and_the_operator_hears_of_it(
    day: SchoolDay, system: System, peppers: dict[str, bytes]
) -> None:
    lost = with_peppers(system, {"2": peppers["2"]})
    restarted = replace(day, system=lost, app=small_site(lost, day.service_id))
    browser = restarted.browser()
    with capture_logs() as said:
        page = browser.tap(restarted.code_page(browser, day.asta.username), PICTURES)
    assert (page.status, page.error) == (200, "Brugernavnet eller koden passede ikke. Prøv igen.")
    assert {"pepper": "1", "event": "pepper is not in the secrets file", "log_level": "error"} in said
    assert PICTURES not in str(said)
    with system.database.reading() as db:
        one, two = sorted(peppers_in_use(db, lost), key=lambda pepper: pepper.name)
    assert (one.is_lost, one.in_file, one.live_codes) == (True, False, 2)
    assert not two.is_lost
    day.log_in(day.browser())
