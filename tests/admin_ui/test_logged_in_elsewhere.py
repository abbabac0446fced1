"""What the word of another identity provider is not worth: a new code, and power where it was not let in (decision 20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from admin_ui.cli import Operator
from admin_ui.cli.upstreams import upstreams
from idp.usecases.saml_keys import saml_key_ring
from policies.vocabulary import ActorGroup
from tests import recipes
from tests.opponents.saml_upstream import SamlUpstream

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

THERE, MFA, CHOICE = SamlUpstream(), "urn:kommune:mfa", "Jeg logger ind med et andet login"
TWO = ("--level", f"{MFA}=ToFaktor", "--cap", "ToFaktor")


def register(system: System, *more: str) -> None:
    told = ("--metadata", "-", "--name-da", "Kommunens login", "--subject", "user-id", *more)
    done = CliRunner().invoke(upstreams, ["add-saml", *told], input=THERE.metadata(), obj=Operator(None, system))
    assert done.exit_code == 0, done.output


def through(system: System, browser: Browser, page: Page, someone: recipes.Someone) -> Page:
    """Log in at the other provider, with two factors."""
    page = browser.open(page.link(CHOICE))
    page = browser.submit(page, ("upstream", str(page.soup.select("button[name=upstream]")[0]["value"])))
    with system.database.writing() as db:
        ours = tuple(one.certificate for one in saml_key_ring(db, system).published)
    asked = THERE.asked(page.address, ours)
    fields = THERE.answers(asked, someone.uniid, now=system.now(), context_class=MFA)
    return browser.post("/saml/upstream/acs", fields)


def test_a_new_code_takes_the_old_one_whoever_vouches(whole: Whole, clock: StandingClock) -> None:
    register(whole.system, "--institution", whole.school.number, *TWO)
    browser = whole.browser()
    page = through(whole.system, browser, browser.open("/mit/"), whole.viggo)
    assert page.heading == "Viggo Lærersen"
    clock.advance(seconds=40)
    page = browser.open(page.link("Få en ny kode"))
    assert page.step == "username"
    assert CHOICE not in page.body
    picker = browser.open(page.address.replace("username", "elsewhere"))
    offered = picker.soup.select("button[name=upstream]")
    sent = browser.submit(picker, ("upstream", str(offered[0]["value"])))
    assert sent.step == "username"
    page = browser.type_username(sent, whole.viggo.username)
    assert page.step == "password"


def test_it_gives_no_look_at_an_institution_that_it_does_not_vouch_for(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, whole.system, whole.school, code="hest-banan")
        other = recipes.a_school(db, whole.system)
        recipes.also_attached(db, whole.system, sonja, other, ActorGroup.STAFF)
    register(whole.system, "--institution", other.number, *TWO)
    browser = whole.browser()
    through(whole.system, browser, browser.open("/mit/"), sonja)
    assert browser.open("/brugeradministration/").status == 403
    page = browser.open(f"/brugeradministration/{whole.school.number}/people/{whole.asta.id}")
    assert (page.status, "Asta" in page.body) == (403, False)


def test_who_administers_only_where_it_vouches_does_so_with_its_two_factors(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, whole.system, whole.school, code="hest-banan")
    register(whole.system, "--institution", whole.school.number, *TWO)
    browser = whole.browser()
    through(whole.system, browser, browser.open("/mit/"), sonja)
    page = browser.open(f"/brugeradministration/{whole.school.number}/people/{whole.asta.id}")
    assert (page.status, "Asta" in page.body) == (200, True)
