"""A classroom: a teacher at a browser, the pupils of two classes, a neighbouring school, and pupils who wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from idp.store.groups import SchoolGroup
from idp.store.login_sessions import SessionFactor
from idp.store.step_up import StepUpRequest
from idp.usecases import lessons, step_up
from policies.lessons import lesson_rule
from policies.vocabulary import ActorGroup, GroupType, Level
from tests import recipes
from tests.admin_ui.office import with_two_factors
from tests.oidc.test_statement_budget import Ledger

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser, Page

WORDS = "hest-banan"


@dataclass
class Classroom:
    """``viggo`` teaches 1a, where ``asta`` and ``bo`` are; ``dina`` is in 2b, ``finn`` at another school.

    ``stranger`` is somebody's whom the school attached by a CPR number, and nobody has confirmed it.
    """

    whole: Whole
    group: int
    other_group: int
    bo: recipes.Someone
    dina: recipes.Someone
    elsewhere: recipes.School
    finn: recipes.Someone
    finns_group: int
    stranger: recipes.Someone
    service_id: int
    browser: Browser

    @property
    def address(self) -> str:
        return f"/elevadgang/{self.group}/"

    def logged_in(self, someone: recipes.Someone) -> Browser:
        """A browser in which somebody has logged in to the administration with two factors."""
        browser = self.whole.browser()
        self.whole.mit(browser, someone)
        with_two_factors(self.whole, someone)
        return browser

    def waits(self, someone: recipes.Someone, *, address: str = "192.0.2.7", known: bool = True) -> int:
        """Let a pupil wait for an adult, and return the number of the request."""
        system = self.whole.system
        with system.database.writing() as db:
            attempt = recipes.an_attempt(db, system, service_id=self.service_id, person_id=someone.id)
            refused = step_up.ask(
                db,
                system,
                attempt_id=attempt,
                person_id=someone.id,
                service_id=self.service_id,
                institution_id=self.whole.school.id,
                browser_digest=str(attempt).encode().rjust(32, b"0"),
                devices=(recipes.a_device(db, system, someone.id),) if known else (),
                address=address,
            )
            assert refused is None
            return step_up.waiting_among(db, system, [someone.id], address=address)[-1].id

    def answer_of(self, request_id: int) -> str | None:
        """What became of a request."""
        with self.whole.system.database.reading() as db:
            found: str | None = db.execute(
                select(StepUpRequest.answer).where(StepUpRequest.id == request_id)
            ).scalar_one()
        return found

    def send(
        self, what: str, *fields: tuple[str, str], browser: Browser | None = None, group: int | None = None
    ) -> Page:
        """Send a form of the class page, with the token of a page that the browser may see."""
        who = browser or self.browser
        return who.post(f"/elevadgang/{group or self.group}/{what}", [("csrf_token", csrf(who, self.address)), *fields])

    def lessons_are_on(self, *networks: str) -> None:
        """Let the school approve lessons beforehand, on these networks."""
        system, rule = self.whole.system, lesson_rule(enabled=True, networks=networks)
        with system.database.writing() as db:
            lessons.set_rule(db, system, institution_id=self.whole.school.id, rule=rule)

    def statements(self, address: str, headers: dict[str, str] | None = None) -> int:
        """How many statements it takes to open a page."""
        with Ledger(self.whole.system.database.engine) as ledger:
            assert self.browser.open(address, headers=headers).status in {200, 304}
        return len(ledger.statements)

    def factors_were_shown(self, *, minutes_ago: int) -> None:
        """Let every second factor have been shown so long ago."""
        system = self.whole.system
        with system.database.writing() as db:
            db.execute(update(SessionFactor).values(proven_at=system.now() - timedelta(minutes=minutes_ago)))


def csrf(browser: Browser, address: str) -> str:
    """The token of forms in this browser, from a page that it may see."""
    found = browser.open(address).soup.select_one("input[name=csrf_token]")
    return str(found["value"]) if found else ""


def a_classroom(whole: Whole) -> Classroom:
    system = whole.system
    with system.database.writing() as db:
        group = db.execute(select(SchoolGroup.id).where(SchoolGroup.institution_id == whole.school.id)).scalar_one()
        other_group = recipes.a_class(db, system, whole.school, "2b", Level.G2)
        bo = recipes.a_pupil(db, system, whole.school, group=group, first_name="Bo", code=WORDS)
        dina = recipes.a_pupil(db, system, whole.school, group=other_group, first_name="Dina")
        elsewhere = recipes.a_school(db, system)
        finns_group = recipes.a_class(db, system, elsewhere, "1a")
        finn = recipes.a_pupil(db, system, elsewhere, group=finns_group, first_name="Finn")
        stranger = recipes.a_pupil(db, system, elsewhere, group=finns_group, first_name="Fremmed")
        recipes.also_attached(
            db, system, stranger, whole.school, ActorGroup.PUPIL, level=Level.G1, group=group, confirmed=False
        )
        service_id = recipes.a_service(db, system)
    browser = whole.browser()
    whole.mit(browser, whole.viggo)
    with_two_factors(whole, whole.viggo)
    return Classroom(whole, group, other_group, bo, dina, elsewhere, finn, finns_group, stranger, service_id, browser)


def a_group(whole: Whole, kind: GroupType, *people: recipes.Someone) -> int:
    """Put a group of another kind in place, with some people in it."""
    system = whole.system
    with system.database.writing() as db:
        group = SchoolGroup(
            institution_id=whole.school.id, source_id=whole.school.source_id, code=f"g-{kind.value}", name=kind.value,
            type=kind, digest=b"0" * 16, valid_from=system.now(),
        )  # fmt: skip
        db.add(group)
        db.flush()
        for someone in people:
            recipes.in_group(db, system, someone, group.id)
        return group.id
