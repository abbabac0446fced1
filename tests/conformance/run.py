"""One module's run: the visitors and clients it uses, what it warns of, and the journey that most modules begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.conformance.clients import CLIENTS, key_of
from tests.conformance.party import Party
from tests.conformance.verdict import expect
from tests.conformance.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from tests.conformance.party import Asked, Tokens
    from tests.conformance.receiving import Inbox
    from tests.conformance.site import Provider
    from tests.conformance.visitor import Page


@dataclass
class Run:
    """What a module is given."""

    provider: Provider
    open_things: ExitStack
    response_mode: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def inbox(self) -> Inbox:
        return self.provider.inbox

    @cached_property
    def discovery(self) -> dict[str, Any]:
        return self.party().discovery

    def warn(self, what: str, *, unless: object = False) -> None:
        """Note what is allowed but not the best, as the suite does."""
        if not unless:
            self.warnings.append(what)

    def wait(self, seconds: float) -> None:
        """Let time pass at the provider."""
        self.provider.clock.wait(seconds)

    def visitor(self, number: int = 0, *, refuses: bool = False) -> Visitor:
        """A browser that was never here; its person is one of the two pupils."""
        visitor = Visitor(self.provider, self.provider.people[number], refuses=refuses)
        self.open_things.callback(visitor.close)
        return visitor

    def party(self, name: str = "basic") -> Party:
        """One of the plans' clients, see :mod:`tests.conformance.clients`."""
        kind = CLIENTS[name]
        registered = self.provider.client(name, kind.metadata(self.provider))
        party = Party(
            self.provider,
            registered.client_id,
            registered.client_secret,
            f"{self.provider.rp}{kind.callback}",
            scope=registered.registration["scope"] if kind.asks_all_scopes else "openid",
            method=registered.registration["token_endpoint_auth_method"],
            key=key_of(name),
            algorithm=kind.algorithm,
            dpop_key=key_of(f"{name}, dpop") if kind.dpop else None,
            metadata=registered.registration,
        )
        self.open_things.callback(party.close)
        return party

    # ── Journeys ──

    def ask(self, party: Party, *, pkce: bool = False, **changes: str | None) -> Asked:
        """An authorization request in the plan's response mode."""
        return party.ask(pkce=pkce, response_mode=self.response_mode, **changes)

    def go(self, party: Party, visitor: Visitor, asked: Asked) -> Page:
        """Send the visitor off with a request, and log in where that is asked."""
        return visitor.arrive(visitor.open(party.address(asked.parameters)))

    def log_in(self, party: Party, visitor: Visitor, *, pkce: bool = False, **changes: str | None) -> Tokens:
        """The whole journey to verified tokens."""
        asked = self.ask(party, pkce=pkce, **changes)
        return party.redeem(asked, party.code(asked, self.go(party, visitor, asked)))

    def again(self, party: Party, visitor: Visitor, *, logs_in: bool, **changes: str | None) -> Tokens:
        """A further journey in the same browser: with a login, or without any page at all."""
        typed, seen = visitor.typed, visitor.seen
        tokens = self.log_in(party, visitor, **changes)
        if logs_in:
            expect(visitor.typed > typed, "the person was not asked to log in again")
        else:
            shown = visitor.seen - seen - (self.response_mode == "form_post")
            expect(visitor.typed == typed and shown == 0, "the person was shown a page")
        return tokens

    def error_page(self, page: Page) -> None:
        """Nobody is sent on: the person reads what is wrong."""
        expect(page.sent is None, f"the visitor was sent on to {page.address}")
        expect(400 <= page.status < 500, f"no error page but {page.said}")

    def either(self, page: Page, at_party: Callable[[], object]) -> None:
        """An error page, or what ``at_party`` finds right at the relying party."""
        if page.sent is None:
            self.error_page(page)
        else:
            at_party()
