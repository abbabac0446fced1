"""Five hundred pupils who wait for an adult, and thirty teachers whose class page lies open: what their asking costs."""

from __future__ import annotations

import heapq
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.client import HTTPConnection
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from idp.login.attempt import begin
from idp.login.request import LoginRequest
from idp.outside.sealing import new_token, token_digest
from idp.store.administration_sessions import add
from idp.store.login_requests import LoginAttempt
from idp.store.login_sessions import SessionFactor
from idp.store.step_up import StepUpRequest
from idp.usecases import step_up
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Assurance, Factor, Protocol
from tests import recipes
from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.site import CALLBACK, CLIENT, a_site, serving

if TYPE_CHECKING:
    from tests.benchmarks.plan import Plan
    from tests.benchmarks.site import Site

PUPILS: Final = 500
TEACHERS: Final = 30
HANDS: Final = 8
WAITS_SECONDS: Final = 600
"""As long as a request is open: the pupils have come at any moment of that time."""
TEACHER_SECONDS: Final = 3.0


def interval_of_pupil(waited: float) -> float:
    """How long the page lets pass before it asks again, as ``idp/static/step_up.js`` has it."""
    return 2.0 if waited < 45 else 4.0 if waited < 180 else 6.0


def waiting(plan: Plan) -> Result:
    """Measure the server's CPU for each second of such a morning, and for each of the two questions."""
    site = a_site(plan.databases, "waiting", workers=plan.workers)
    pupils, teachers = _prepared(site)
    with serving(site) as server:
        per_pupil = _each(site, server, pupils[: PUPILS // 5])
        per_teacher = _each(site, server, [one for one in teachers for _ in range(5)])
        shares = tuple(_morning(site, server, pupils, teachers, plan.seconds * 3) for _ in range(plan.repetitions))
    return Result(
        "waiting",
        f"{PUPILS} pupils wait for an adult and {TEACHERS} teachers look on",
        (
            Figure("the server, of one core", "%", shares),
            Figure("a pupil's page asks", "ms CPU", (per_pupil,)),
            Figure("a teacher's page asks", "ms CPU", (per_teacher,)),
        ),
        notes=("goal: under 20 % of one core",),
    )


Question = tuple[str, dict[str, str]]
"""An address, and the headers that the page sends."""


def _prepared(site: Site) -> tuple[list[Question], list[Question]]:
    system = site.system()
    with closing(system.database), system.database.writing() as db:
        now = system.now()
        school = recipes.a_school(db, system)
        service = recipes.a_service(db, system, client_id=CLIENT, redirect_uri=CALLBACK)
        groups = [recipes.a_class(db, system, school, f"k{number}") for number in range(TEACHERS)]
        asked = LoginRequest(protocol=Protocol.OIDC, service_id=service, assurance=Assurance.VOKSEN_VERIFICERET)
        pupils: list[Question] = []
        for number in range(PUPILS):
            pupil = recipes.a_pupil(db, system, school, group=groups[number % TEACHERS])
            secret = new_token()
            handle = begin(db, system, asked, secret, str(number).encode())
            attempt = db.execute(
                select(LoginAttempt.id).where(LoginAttempt.handle_digest == token_digest(handle))
            ).scalar_one()
            step_up.ask(
                db, system, attempt_id=attempt, person_id=pupil.id, service_id=service, institution_id=school.id,
                browser_digest=token_digest(secret), devices=(), address="127.0.0.1",
            )  # fmt: skip
            request = db.execute(select(StepUpRequest.id).where(StepUpRequest.attempt_id == attempt)).scalar_one()
            headers = {"Cookie": f"skolepas-browser={secret}", "If-None-Match": f'"{request}-waiting"'}
            pupils.append((f"/login/{handle}/step-up/state", headers))
        db.execute(update(StepUpRequest).values(expires_at=now + timedelta(hours=1)))
        teachers: list[Question] = []
        for group in groups:
            teacher = recipes.a_teacher(db, system, school, of=group)
            factors = [ProvenFactor(Factor.PASSWORD, now)]
            begun = begin_session(db, system, person_id=teacher.id, factors=factors, browser="Firefox")
            db.execute(insert(SessionFactor).values(session_id=begun.session.id, factor=Factor.TOTP, proven_at=now))
            token = new_token()
            add(db, digest=token_digest(token), login_session_id=begun.session.id, person_id=teacher.id, at=now)
            teachers.append((f"/elevadgang/{group}/live", {"Cookie": f"skolepas-administration={token}"}))
    return pupils, teachers


def _ask(connection: HTTPConnection, question: Question) -> int:
    address, headers = question
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status not in {200, 304}:
        raise RuntimeError(f"{address} was answered {answer.status}")
    etag = answer.headers.get("ETag")
    if etag is not None:
        headers["If-None-Match"] = etag
    return answer.status


def _each(site: Site, server: int, questions: list[Question]) -> float:
    """CPU milliseconds of one question, asked one after another and answered with 304; but a new minute has a new page."""
    connection = HTTPConnection("localhost", site.port)
    for question in questions:
        _ask(connection, question)
    before = cpu_seconds(server)
    answers = [_ask(connection, question) for question in questions * 5]
    spent = cpu_seconds(server) - before
    if answers.count(200) > len({address for address, _ in questions}):
        raise RuntimeError(f"{answers.count(200)} of {len(answers)} pages had changed")
    return spent * 1000 / (len(questions) * 5)


@dataclass(order=True)
class Asks:
    """When a page asks next, and how long it lets pass from then on."""

    at: float
    question: Question = field(compare=False)
    usual: float = field(compare=False)
    spread: float = field(compare=False)

    def again(self, chance: random.Random) -> Asks:
        return replace(self, at=self.at + self.usual * (1 - self.spread + 2 * self.spread * chance.random()))


def _morning(site: Site, server: int, pupils: list[Question], teachers: list[Question], seconds: float) -> float:
    """Let every page ask at its own moments for so many seconds, and return the share of one core in per cent."""
    chance = random.Random(1)  # noqa: S311 (moments of a load)
    usual = [interval_of_pupil(chance.random() * WAITS_SECONDS) for _ in pupils]
    due = [Asks(chance.random() * each, question, each, 0.25) for each, question in zip(usual, pupils, strict=True)]
    due += [Asks(chance.random() * TEACHER_SECONDS, question, TEACHER_SECONDS, 0.2) for question in teachers]
    heapq.heapify(due)
    lock, begun = threading.Lock(), perf_counter()

    def next_one() -> Asks:
        with lock:
            return heapq.heapreplace(due, due[0].again(chance))

    def hand() -> None:
        connection = HTTPConnection("localhost", site.port)
        while (one := next_one()).at < seconds:
            sleep(max(one.at - (perf_counter() - begun), 0))
            _ask(connection, one.question)

    before = cpu_seconds(server)
    with ThreadPoolExecutor(HANDS) as hands:
        for done in [hands.submit(hand) for _ in range(HANDS)]:
            done.result()
    return (cpu_seconds(server) - before) / (perf_counter() - begun) * 100
