"""The RP-initiated logout plan (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from joserfc.jwk import RSAKey

from tests.conformance.basic import NEEDS_A_PAGE
from tests.conformance.clients import AFTER_LOGOUT
from tests.conformance.config import discovered
from tests.conformance.party import unsigned
from tests.conformance.registry import Module, module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from tests.conformance.party import Party, Tokens
    from tests.conformance.run import Run
    from tests.conformance.visitor import Page, Visitor


@dataclass(frozen=True)
class LoggedIn:
    """A person who has logged in at a client and now wants to leave."""

    run: Run
    party: Party
    visitor: Visitor
    tokens: Tokens

    @classmethod
    def at(cls, run: Run, client: str = "basic") -> LoggedIn:
        party, visitor = run.party(client), run.visitor()
        return cls(run, party, visitor, run.log_in(party, visitor))

    @property
    def after(self) -> str:
        """The address that the client registered for afterwards."""
        return f"{self.run.provider.rp}{AFTER_LOGOUT}"

    def leave(self, **changes: str | None) -> tuple[Page, str | None]:
        """Go to the end-session endpoint; where the visitor ends up, and the state that was sent."""
        whole: dict[str, str | None] = {
            "id_token_hint": self.tokens.id_token, "post_logout_redirect_uri": self.after,
            "state": secrets.token_urlsafe(96), **changes,
        }  # fmt: skip
        query = urlencode({name: value for name, value in whole.items() if value is not None})
        address = self.party.discovery["end_session_endpoint"]
        return self.visitor.open(f"{address}?{query}" if query else address), whole["state"]

    def go_on(self, page: Page) -> Page:
        """From a page that tells what was logged out, on to the registered address, as the page itself goes on."""
        return page if page.sent is not None else self.visitor.go_on(page, self.after)

    def came_back(self, page: Page, state: str | None) -> None:
        """The visitor is at the registered address, with the state and nothing else."""
        if page.sent is None:
            expect(False, f"not sent on: {page.said}")
        expect(page.address.partition("?")[0] == self.after, f"sent on to {page.address}")
        expect(page.sent == ({"state": state} if state else {}), f"carried back: {page.sent}")

    def is_out(self) -> None:
        """A request without a page finds nobody logged in."""
        asked = self.run.ask(self.party, prompt="none")
        self.party.error(asked, self.run.go(self.party, self.visitor, asked), *NEEDS_A_PAGE)

    def stays_here(self, page: Page) -> None:
        """Nobody is sent on: the person reads what is wrong, or is asked."""
        expect(page.sent is None, f"the visitor was sent on to {page.address}")
        expect(page.status < 500, f"{page.said}")
        if page.status != 200:
            return
        form = page.form_with("csrf_token") or next(iter(page.forms), None)
        done = form is None or self.visitor.submit(page, form).sent is None
        expect(done, "after saying yes the visitor is sent on")


@module("oidcc-rp-initiated-logout-discovery-endpoint-verification")
def discovery(run: Run) -> None:
    metadata = discovered(run)
    expect(str(metadata.get("end_session_endpoint", "")).startswith("https://"), "end_session_endpoint is missing")


@module("oidcc-rp-initiated-logout")
def logout(run: Run) -> None:
    person = LoggedIn.at(run)
    person.came_back(*person.leave())
    person.is_out()


@module("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri")
def bad_address(run: Run) -> None:
    person = LoggedIn.at(run)
    person.stays_here(person.leave(post_logout_redirect_uri=f"{person.after}/{secrets.token_hex(4)}")[0])


@module("oidcc-rp-initiated-logout-modified-id-token-hint")
def modified_hint(run: Run) -> None:
    """The same claims, without a signature."""
    person = LoggedIn.at(run)
    person.stays_here(person.leave(id_token_hint=unsigned(person.tokens.claims))[0])


@module("oidcc-rp-initiated-logout-no-id-token-hint")
def no_hint(run: Run) -> None:
    person = LoggedIn.at(run)
    person.stays_here(person.leave(id_token_hint=None)[0])


@module("oidcc-rp-initiated-logout-no-params")
def no_parameters(run: Run) -> None:
    person = LoggedIn.at(run)
    person.stays_here(person.leave(id_token_hint=None, post_logout_redirect_uri=None, state=None)[0])
    person.is_out()


@module("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")
def no_address(run: Run) -> None:
    person = LoggedIn.at(run)
    person.stays_here(person.leave(post_logout_redirect_uri=None)[0])
    person.is_out()


@module("oidcc-rp-initiated-logout-no-state")
def no_state(run: Run) -> None:
    person = LoggedIn.at(run)
    person.came_back(*person.leave(state=None))
    person.is_out()


@module("oidcc-rp-initiated-logout-only-state")
def only_state(run: Run) -> None:
    person = LoggedIn.at(run)
    person.stays_here(person.leave(id_token_hint=None, post_logout_redirect_uri=None)[0])
    person.is_out()


@module("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri")
def query_added(run: Run) -> None:
    person = LoggedIn.at(run)
    person.stays_here(person.leave(post_logout_redirect_uri=f"{person.after}?foo=bar")[0])


@module("oidcc-rp-initiated-logout-bad-id-token-hint")
def bad_hint(run: Run) -> None:
    """The same claims, signed by somebody else."""
    person = LoggedIn.at(run)
    key = RSAKey.generate_key(2048, {"kid": person.tokens.header["kid"]})
    forged = person.party.signed(person.tokens.claims, algorithm="RS256", key=key)
    person.stays_here(person.leave(id_token_hint=forged)[0])


RP_INITIATED_LOGOUT: Final[tuple[Module, ...]] = (
    discovery,
    logout,
    bad_address,
    modified_hint,
    no_hint,
    no_parameters,
    no_address,
    no_state,
    only_state,
    query_added,
    bad_hint,
)
