"""A person who is logged in at several services in one browser, and leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import select

from admin_ui.cli.worker import drain, senders_of
from idp.app import create_app
from idp.outside.fetch import Fetcher
from idp.store.login_sessions import LoginSession, SessionParticipant
from idp.store.outbox import OutboxMessage
from idp.store.services import Service

if TYPE_CHECKING:
    from admin_ui.cli.worker import Senders
    from idp.usecases.system import System
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Browser, Page

HOME = "http://localhost:9000/"


def with_private_services(provider: Provider) -> Provider:
    """Return the same school where services may lie on this machine."""
    settings = provider.system.settings
    settings = replace(settings, fetch=replace(settings.fetch, private_networks=True))
    system = replace(provider.system, settings=settings, fetcher=Fetcher(settings.fetch))
    return replace(provider, system=system, app=create_app(system))


@dataclass
class Leaving:
    """One browser, and the ID Token of each service in it."""

    provider: Provider
    browser: Browser
    id_tokens: dict[str, str] = field(default_factory=dict)

    @property
    def system(self) -> System:
        return self.provider.system

    def also_at(self, client_id: str, **registration: Any) -> dict[str, Any]:  # noqa: ANN401
        """Register a service and log in there."""
        self.provider.another(client_id, **registration)
        return self.visits(client_id)

    def visits(self, client_id: str = "laeringsportalen") -> dict[str, Any]:
        """Log in at a service, with the session that the browser has."""
        party = self.provider.party(client_id)
        begun, answer = self.provider.ask(self.browser, party)
        tokens = party.redeem(begun, f"{party.redirect_uri}?code={answer['code']}&state={begun.state}")
        self.id_tokens[client_id] = tokens["id_token"]
        return tokens

    def log_out(self, client_id: str = "laeringsportalen", *, go_on: bool = True, **more: str) -> Page:
        """Log out from a service."""
        asked = {"id_token_hint": self.id_tokens[client_id], **more}
        if go_on:
            asked["post_logout_redirect_uri"] = HOME
        return self.browser.open(f"/oidc/logout?{urlencode(asked)}")

    @cached_property
    def _senders(self) -> Senders:
        return senders_of(self.system)

    def work(self) -> int:
        """Let the worker send what is due."""
        return drain(self.system, self._senders)

    def waiting(self) -> list[str]:
        """The services for which a message was ever written, in order."""
        with self.system.database.reading() as db:
            payloads = db.execute(select(OutboxMessage.payload).order_by(OutboxMessage.id)).scalars().all()
            named = dict(
                db.execute(
                    select(SessionParticipant.id, Service.identifier).join(
                        Service, Service.id == SessionParticipant.service_id
                    )
                ).all()
            )
        return [named[payload["participant"]] for payload in payloads]

    def kept(self, name: str, client_id: str) -> Any:  # noqa: ANN401
        """A column of the row that says how telling a service went."""
        query = select(getattr(SessionParticipant, name)).join(Service, Service.id == SessionParticipant.service_id)
        with self.system.database.reading() as db:
            return db.execute(query.where(Service.identifier == client_id)).scalar_one()

    def session_ids(self) -> list[int]:
        with self.system.database.reading() as db:
            return list(db.execute(select(LoginSession.id).order_by(LoginSession.id)).scalars().all())


def leaving(provider: Provider) -> Leaving:
    """Somebody who is logged in at laeringsportalen."""
    one = Leaving(provider, provider.logged_in())
    one.visits()
    return one


def standings(page: Page) -> dict[str, str]:
    """The services that a page lists: name -> how it stands."""
    return {
        item.strong.get_text(strip=True): str(item["class"][0])
        for item in page.soup.select(".left-services li")
        if item.strong
    }


def frames(page: Page) -> list[tuple[str, dict[str, str]]]:
    """The frames of a page: (address without query, query)."""
    parts = [urlsplit(str(frame["src"])) for frame in page.soup.find_all("iframe")]
    return [
        (f"{part.scheme}://{part.netloc}{part.path}", {name: value for name, (value,) in parse_qs(part.query).items()})
        for part in parts
    ]


def frame_sources(page: Page) -> list[str]:
    """What the CSP of a page lets frames load."""
    rules = [rule.split() for rule in page.headers["Content-Security-Policy"].split(";")]
    return next((sources for name, *sources in rules if name == "frame-src"), [])
