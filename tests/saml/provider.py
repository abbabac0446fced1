"""The identity provider as a SAML service meets it: a school, a pupil, and services that are registered by their metadata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from idp.app import create_app
from idp.saml.metadata_theirs import read_metadata
from idp.usecases.saml_keys import saml_key_ring, saml_metadata_ring
from idp.usecases.saml_registration import SamlService as Decided
from idp.usecases.saml_registration import register_saml
from idp.usecases.service_provider_json import read_options
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Factor, ReleasePackage
from tests import recipes
from tests.opponents.browser import Browser

if TYPE_CHECKING:
    from flask import Flask

    from idp.usecases.system import System
    from tests.opponents.browser import Page
    from tests.opponents.saml_reader import ReadMessage
    from tests.opponents.saml_service import SamlService


@dataclass(frozen=True)
class Provider:
    """The provider, with one school and the pupil Asta."""

    system: System
    app: Flask
    school: recipes.School
    asta: recipes.Someone

    def register(
        self,
        service: SamlService,
        *,
        package: ReleasePackage | None = ReleasePackage.SMALL,
        decided: dict[str, Any] | None = None,
        document: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> int:
        document = document or service.metadata()
        with self.system.database.writing() as db:
            return register_saml(
                db,
                self.system,
                document,
                read_metadata(document.encode()),
                read_options(options),
                decided=Decided(**(decided or {})),
                package=package,
            )

    def but(self, **login: Any) -> Provider:  # noqa: ANN401
        """The same with other settings of ``[login]``."""
        settings = self.system.settings
        system = replace(self.system, settings=replace(settings, login=replace(settings.login, **login)))
        return replace(self, system=system, app=create_app(system))

    def certificates(self) -> tuple[bytes, ...]:
        with self.system.database.writing() as db:
            return tuple(one.certificate for one in saml_key_ring(db, self.system).published)

    def metadata_certificates(self) -> tuple[bytes, ...]:
        with self.system.database.writing() as db:
            return tuple(one.certificate for one in saml_metadata_ring(db, self.system).published)

    def logged_in(self, someone: recipes.Someone | None = None, *factors: Factor) -> Browser:
        """A browser whose person has just proven these factors, pictures where none is said."""
        browser = Browser(self.app)
        with self.system.database.writing() as db:
            begun = begin_session(
                db,
                self.system,
                person_id=(someone or self.asta).id,
                factors=[ProvenFactor(each, self.system.now()) for each in factors or (Factor.PICTURES,)],
                browser="Firefox, Windows",
            )
        browser.set_cookie("skolepas", begun.token)
        return browser

    def response(self, service: SamlService, page: Page) -> ReadMessage:
        return service.read(page, self.certificates())[0]

    def asked(
        self, service: SamlService, inside: str = "", browser: Browser | None = None, **attributes: str
    ) -> ReadMessage:
        """What a logged-in browser brings back to a service that asks by Redirect."""
        came = browser or self.logged_in()
        message = service.authn_request(inside, now=self.system.now(), **attributes)
        return self.response(service, came.open(service.by_redirect(message)))


def a_provider(system: System) -> Provider:
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        group = recipes.a_class(db, system, school)
        asta = recipes.a_pupil(db, system, school, group=group, code="house sun cat key")
    return Provider(system=system, app=create_app(system), school=school, asta=asta)
