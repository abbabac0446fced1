"""A school with a pupil who is logged in, and a service that wants to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from idp.app import create_app
from idp.outside.jose import ALGORITHMS, make_key
from idp.usecases import signing_keys
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Factor, ReleasePackage
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.relying_party import Begun, RelyingParty, told

if TYPE_CHECKING:
    from flask import Flask

    from idp.outside.jose import MadeKey
    from idp.usecases.system import System


@dataclass
class Provider:
    """The provider over HTTP, with one school, one pupil and the service ``laeringsportalen`` (small agreement)."""

    system: System
    app: Flask
    school: recipes.School
    asta: recipes.Someone
    service_id: int

    def party(self, client_id: str = "laeringsportalen", **about: Any) -> RelyingParty:  # noqa: ANN401
        return RelyingParty(self.system, self.app, **{"client_id": client_id, "secret": recipes.SECRET, **about})

    def another(self, client_id: str, **about: Any) -> int:  # noqa: ANN401
        with self.system.database.writing() as db:
            return recipes.a_service(db, self.system, client_id=client_id, **about)

    def notified(self, nsis: str) -> Provider:
        """The same where the operator says that an NSIS level was notified."""
        settings = self.system.settings
        login = replace(settings.login, nsis_notified=nsis)
        system = replace(self.system, settings=replace(settings, login=login))
        return replace(self, system=system, app=create_app(system))

    def browser(self) -> Browser:
        return Browser(self.app)

    def logged_in(
        self, someone: recipes.Someone | None = None, *, factor: Factor = Factor.PICTURES, also: tuple[Factor, ...] = ()
    ) -> Browser:
        """A browser whose person logged in just now."""
        browser = self.browser()
        with self.system.database.writing() as db:
            begun = begin_session(
                db,
                self.system,
                person_id=(someone or self.asta).id,
                factors=[ProvenFactor(each, self.system.now()) for each in (factor, *also)],
                browser="Firefox, Windows",
            )
        browser.set_cookie("skolepas", begun.token)
        return browser

    def ask(self, browser: Browser, party: RelyingParty, **parameters: str) -> tuple[Begun, dict[str, str]]:
        """Send the browser with an authorization request; return what it carries back to the service."""
        begun = party.begin(**parameters)
        page = browser.open(begun.address)
        assert page.address.startswith(party.redirect_uri), f"{page.status} {page.address} {page.heading} {page.error}"
        return begun, told(page.address)

    def code(self, party: RelyingParty | None = None, **parameters: str) -> tuple[Begun, str]:
        begun, answer = self.ask(self.logged_in(), party or self.party(), **parameters)
        return begun, answer["code"]

    def tokens(self, party: RelyingParty, **parameters: str) -> tuple[Begun, dict[str, Any]]:
        begun, answer = self.ask(self.logged_in(), party, **parameters)
        return begun, party.redeem(begun, f"{party.redirect_uri}?code={answer['code']}&state={begun.state}")


@pytest.fixture
def provider(system: System) -> Provider:
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        group = recipes.a_class(db, system, school)
        asta = recipes.a_pupil(db, system, school, group=group, code="house sun cat key")
        service_id = recipes.a_service(db, system, package=ReleasePackage.SMALL)
    return Provider(system=system, app=create_app(system), school=school, asta=asta, service_id=service_id)


@pytest.fixture(scope="session")
def made_keys() -> dict[str, list[MadeKey]]:
    """Real keys, made once: RSA keys take a while."""
    return {algorithm: [make_key(algorithm) for _ in range(5)] for algorithm in ALGORITHMS}


@pytest.fixture(autouse=True)
def keys_at_hand(made_keys: dict[str, list[MadeKey]], monkeypatch: pytest.MonkeyPatch) -> None:
    rings = {algorithm: cycle(keys) for algorithm, keys in made_keys.items()}
    monkeypatch.setattr(signing_keys, "make_key", lambda algorithm: next(rings[algorithm]))
