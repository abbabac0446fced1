from __future__ import annotations

from typing import TYPE_CHECKING

from idp.usecases.sessions import begin_session, end_session, live_session, sessions_of

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.school_day import SchoolDay


def test_a_person_is_asked_and_then_logged_out(day: SchoolDay) -> None:
    browser = day.browser()
    day.log_in(browser)
    token = str(browser.cookie("skolepas"))
    page = browser.open("/logout")
    assert page.heading == "Vil du logge ud?"
    page = browser.submit(page)
    assert page.heading == "Du er logget ud"
    assert browser.cookie("skolepas") is None
    thief = day.browser()
    thief.set_cookie("skolepas", token)
    assert thief.open("/ask").step == "username"


def test_a_look_at_the_page_logs_nobody_out(day: SchoolDay) -> None:
    browser = day.browser()
    day.log_in(browser)
    browser.open("/logout")
    assert browser.open("/ask?state=two&silent=1").address.count("who=") == 1


def test_a_form_on_another_site_logs_nobody_out(day: SchoolDay) -> None:
    browser = day.browser()
    day.log_in(browser)
    for origin in ("https://evil.example", "null", "http://["):
        page = browser.post("/logout", [], headers={"Origin": origin})
        assert (page.status, page.heading) == (403, "Det kom ikke herfra")
        assert browser.open(page.link("Tilbage til siden")).heading == "Vil du logge ud?"
    assert "who=" in browser.open("/ask?state=two&silent=1").address
    browser.post("/logout", [], headers={"Origin": "http://localhost:8080"})
    assert "who=" not in browser.open("/ask?state=three&silent=1").address


def test_a_session_lapses_unused_and_lives_while_used(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    day.log_in(browser)
    for n in range(7):
        clock.advance(minutes=59)
        assert "who=" in browser.open(f"/ask?state=a{n}").address
    clock.advance(minutes=61)
    assert browser.open("/ask?state=b").step == "username"


def test_a_session_lapses_at_its_end_however_much_it_is_used(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    day.log_in(browser)
    for n in range(16):
        clock.advance(minutes=30)
        page = browser.open(f"/ask?state={n}")
    assert page.step == "username"


def test_a_person_sees_the_sessions_and_may_end_one(day: SchoolDay) -> None:
    browser = day.browser(agent="Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0")
    day.log_in(browser)
    with day.system.database.writing() as db:
        (seen,) = sessions_of(db, day.system, day.asta.id)
        assert seen.browser == "Firefox, Windows"
        assert end_session(db, day.system, seen.id, why="elsewhere")
        assert not end_session(db, day.system, seen.id, why="elsewhere")
        assert sessions_of(db, day.system, day.asta.id) == ()


def test_only_the_digest_of_a_session_is_kept(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        begun = begin_session(db, day.system, person_id=day.asta.id, factors=(), browser="")
    with day.system.database.reading() as db:
        assert live_session(db, day.system, begun.token) == begun.session
        assert live_session(db, day.system, begun.token[:-1]) is None
        kept = db.connection().exec_driver_sql("SELECT * FROM login_session").all()
    assert begun.token not in repr(kept)
    assert begun.token not in repr(begun)
