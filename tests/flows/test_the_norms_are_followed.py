"""The same login by the norms: six pictures, and codes that no birthday ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.policy_files import policy_rules
from idp.settings import PolicySettings
from idp.usecases.windows import open_window
from policies.vocabulary import WindowPurpose
from tests.opponents.school_day import arrived

if TYPE_CHECKING:
    from idp.settings import Settings
    from tests.opponents.school_day import SchoolDay


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return the settings of the other tests, and one word more."""
    return replace(settings, policy=PolicySettings(follow="norm"))


def test_a_pupil_is_given_six_pictures_and_logs_in_with_them(day: SchoolDay) -> None:
    assert day.system.rules == policy_rules(PolicySettings(follow="norm"))
    with day.system.database.writing() as db:
        window = open_window(db, day.system, person_id=day.carl.id, opened_by=None, purpose=WindowPurpose.FIRST_CODE)
    browser = day.browser()
    page = browser.open(day.code_page(browser, day.carl.username).link("tegn"))
    page = browser.pick_sign(page, window.sign)
    sources = [str(image["src"]) for image in page.soup.select(".new-pictures img")]
    code = " ".join(source.rpartition("/")[2].partition(".")[0] for source in sources)
    assert len(code.split()) == 6
    assert arrived(browser.tap(browser.submit(page), code))["who"] == day.carl.uniid
    elsewhere = day.browser()
    page = day.code_page(elsewhere, day.carl.username)
    assert len(page.soup.select("fieldset")) == 6
    assert arrived(elsewhere.tap(page, code))["who"] == day.carl.uniid
