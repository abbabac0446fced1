"""An Issuer with white space around it, or with letters that look alike, is another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from idp.outside.fetch import Answered
from idp.saml.core_3_3_3_response import write_response
from idp.saml.profiles_4_4_by_soap import SoapLogout, enveloped
from idp.usecases import outbox
from idp.usecases.logout_notices import SAML_KIND
from idp.usecases.metadata_sources import Kind
from idp.usecases.outbox import NotSent
from tests.opponents.browser import Browser
from tests.opponents.databases import one_database
from tests.opponents.saml_service import SSO, SamlService, signed_by
from tests.saml.hostile.bounds import attempted
from tests.saml.hostile.places import SERVICE, is_refused, one_entity, take_fetched
from tests.saml.test_core_3_3_read_response import protection, read
from tests.saml.test_profiles_4_4_by_soap import MACHINE, SOAP
from tests.saml.test_profiles_4_4_single_logout import MATHS, PORTAL, SLO, asked_next, logs_in
from tests.saml.written import ISSUER, told

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.opponents.browser import Page
    from tests.saml.provider import Provider

SHAPES = {
    "a space before it": lambda name: f" {name}",
    "a line break after it": lambda name: f"{name}\n",
    "a space that does not break": lambda name: f"{name}\u00a0",
    "a slash after it": lambda name: f"{name}/",
    "capital letters": lambda name: name.replace("https", "HTTPS"),
    "a letter of another alphabet": lambda name: name.replace("a", "\u0430"),
    "nothing wide after it": lambda name: f"{name}\u200b",
    "a letter in percent": lambda name: name.replace("m", "%6d"),
    "nothing": lambda _: "",
}
alike = pytest.mark.parametrize("shape", SHAPES)


def said_alike(service: SamlService, message: str, shape: str) -> str:
    """The message under a name that looks like the service's own."""
    before, after = message.split(f">{service.entity_id}<")
    return f"{before}>{SHAPES[shape](service.entity_id)}<{after}"


def is_nobody(page: Page, status: int = 400) -> bool:
    return (page.status, "There is no such service" in page.body) == (status, True)


@one_database
@alike
@pytest.mark.parametrize("signs", [False, True])
def test_another_name_asks_for_no_login(provider: Provider, shape: str, signs: bool) -> None:  # noqa: FBT001
    service = SamlService(signs=signs)
    provider.register(service)
    message = said_alike(service, service.authn_request(), shape)
    fields, address = service.by_post(message), service.by_redirect(message)
    assert is_nobody(attempted(lambda: Browser(provider.app).post(SSO, fields)))
    assert is_nobody(attempted(lambda: Browser(provider.app).open(address)))


@one_database
@alike
def test_another_name_asks_for_no_logout(provider: Provider, shape: str) -> None:
    provider.register(PORTAL)
    browser = provider.logged_in()
    (said,) = logs_in(provider, browser, PORTAL)
    assert said.name_id is not None

    def message(destination: str) -> str:
        asked = PORTAL.logout_request(said.name_id.value, now=provider.system.now(), destination=destination)  # type: ignore[union-attr]
        return said_alike(PORTAL, asked, shape)

    fields, address = PORTAL.by_post(message(SLO)), PORTAL.by_redirect(message(SLO), at=SLO)
    body = enveloped(signed_by(PORTAL.keys, message(SOAP)).encode())
    assert is_nobody(attempted(lambda: browser.post(SLO, fields)))
    assert is_nobody(attempted(lambda: browser.open(address)))
    assert is_nobody(attempted(lambda: Browser(provider.app).send(SOAP, body, "text/xml")), 500)


@one_database
@alike
def test_another_name_answers_no_logout_of_ours(provider: Provider, shape: str) -> None:
    provider.register(MATHS)
    browser = provider.logged_in()
    logs_in(provider, browser, MATHS)
    _, asked = asked_next(provider, browser.submit(browser.open("/logout")))
    answer = MATHS.logout_response(asked.id, now=provider.system.now(), destination=SLO)
    message = said_alike(MATHS, answer, shape)
    fields = MATHS.by_post(message, parameter="SAMLResponse")
    address = MATHS.by_redirect(message, at=SLO, parameter="SAMLResponse")
    for page in (attempted(lambda: browser.post(SLO, fields)), attempted(lambda: browser.open(address))):
        assert (page.status, "issuer-wrong" in page.body) == (400, True)


@dataclass
class AnswersAs:
    """Stands where the way out to a service's machine is: it answers in its own hand, under a name of the test."""

    system: System
    shape: str | None

    def post(self, _: str, content: bytes, __: str) -> Answered:
        asked = etree.fromstring(content)[0][0].get("ID") or ""
        answer = MACHINE.logout_response(asked, now=self.system.now(), destination="http://localhost:8080")
        answer = answer.replace(' Destination="http://localhost:8080"', "")
        said = answer if self.shape is None else said_alike(MACHINE, answer, self.shape)
        return Answered(200, enveloped(signed_by(MACHINE.keys, said).encode()))


@one_database
@alike
def test_another_name_answers_no_machine_of_ours(provider: Provider, shape: str) -> None:
    provider.register(MACHINE)
    browser = provider.logged_in()
    logs_in(provider, browser, MACHINE)
    browser.submit(browser.open("/logout"))
    with provider.system.database.writing() as db:
        (waiting,) = outbox.take(db, provider.system, {SAML_KIND})

    def send(named: str | None) -> str | None:
        fetcher: Any = AnswersAs(provider.system, named)
        try:
            SoapLogout(replace(provider.system, fetcher=fetcher)).send(waiting.payload)
        except NotSent as fault:
            return str(fault)
        return None

    assert send(None) is None
    assert attempted(lambda: send(shape)) == "another answer"


@alike
@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("response", [False, True])
def test_another_name_vouches_for_nobody(shape: str, response: bool, encrypted: bool) -> None:  # noqa: FBT001
    how = protection(response=response, encrypted=encrypted)
    document = write_response(told(issuer=SHAPES[shape](ISSUER)), how)
    assert is_refused(lambda: read(document))


@alike
def test_another_name_around_a_good_assertion_vouches_for_nobody(shape: str) -> None:
    good = write_response(told(), protection()).decode()
    other = SHAPES[shape](ISSUER)
    document = good.replace(f">{ISSUER}<", f">{other}<", 1).encode()
    read(good.encode())
    assert document != good.encode()
    assert is_refused(lambda: read(document))


@alike
@pytest.mark.parametrize("kind", [Kind.ENTITY, Kind.MDQ])
def test_metadata_of_another_name_is_nobodys(shape: str, kind: Kind) -> None:
    """White space around the value of an attribute counts too; a line break in it is a space to whoever reads XML."""
    document = one_entity(entity_id=SHAPES[shape](SERVICE.entity_id)).encode()
    assert is_refused(lambda: take_fetched(kind)(document))
