"""One module's run: the visitors and clients it uses, what it warns of, and the journey that most modules begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.conformance.clients import CLIENTS, Client, key_of, public
from tests.conformance.party import Party
from tests.conformance.verdict import Failed, expect
from tests.conformance.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from tests.conformance.party import Asked, Key, Tokens
    from tests.conformance.receiving import Inbox
    from tests.conformance.site import Provider
    from tests.conformance.visitor import Page

_DEMANDED: Final = ("response_type", "scope", "redirect_uri")


@dataclass
class Run:
    """What a module is given."""

    provider: Provider
    open_things: ExitStack
    response_mode: str | None = None
    registers: bool = False
    """Whether clients register themselves (:class:`tests.conformance.registry.Plan`)."""
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
        """One of the plans' clients, see :mod:`tests.conformance.clients`; in a plan that registers, one that did so itself."""
        kind = CLIENTS[name]
        if not self.registers:
            return self._party(
                kind, self.provider.client(name, kind.metadata(self.provider)).to_json(), key_of(name), name
            )
        known = self.provider.registered_themselves
        if name not in known:
            known[name] = self._registered(self.register(kind.callback, **kind.own))
        return self._party(kind, known[name], key_of("rsa"), name)

    def register(self, callback: str = "/callback", **metadata: Any) -> httpx.Response:  # noqa: ANN401
        """Register a client at the registration endpoint (RFC 7591 3.1); ``metadata`` replaces or (None) leaves out."""
        whole = {
            **Client(callback=callback).metadata(self.provider),
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [public(key_of("rsa"))]},
            **metadata,
        }
        return self.provider.register({name: value for name, value in whole.items() if value is not None})

    def registered(self, callback: str = "/callback", **metadata: Any) -> Party:  # noqa: ANN401
        """A fresh client that has registered itself."""
        registration = self._registered(self.register(callback, **metadata))
        return self._party(Client(callback=callback), registration, key_of("rsa"), "registered")

    def _registered(self, response: httpx.Response) -> dict[str, Any]:
        expect(
            response.status_code == httpx.codes.CREATED, f"registration answers {response.status_code}: {response.text}"
        )
        expect(
            response.headers["Content-Type"].partition(";")[0] == "application/json",
            "registration does not answer JSON",
        )
        expect(
            "no-store" in response.headers.get("Cache-Control", ""), "the answer with the registration may be cached"
        )
        return dict(response.json())

    def _party(self, kind: Client, registration: dict[str, Any], key: Key, name: str) -> Party:
        party = Party(
            self.provider,
            registration["client_id"],
            registration.get("client_secret"),
            f"{self.provider.rp}{kind.callback}",
            scope=registration.get("scope", "openid") if kind.asks_all_scopes else "openid",
            method=registration["token_endpoint_auth_method"],
            key=key,
            dpop_key=key_of(f"{name}, dpop") if kind.dpop else None,
            metadata=registration,
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

    # ── Pushed authorization requests (RFC 9126) ──

    def push(
        self, party: Party, asked: Asked, *, with_proof: bool = False, assertion: str | None = None
    ) -> httpx.Response:
        """Push a request, with a DPoP proof or another client assertion where that is tested."""
        address = self.discovery.get("pushed_authorization_request_endpoint")
        if address is None:
            raise Failed("discovery names no pushed_authorization_request_endpoint")
        form = {**asked.parameters, **(party.with_assertion(assertion) if assertion else {})}
        if not with_proof:
            return party.post(address, form)
        return party.with_proof("POST", address, lambda shown: party.post(address, form, {"DPoP": shown}))

    def pushed(self, party: Party, asked: Asked, *, with_proof: bool = False) -> str:
        """Push a good request; its ``request_uri``."""
        response = self.push(party, asked, with_proof=with_proof)
        expect(response.status_code == httpx.codes.CREATED, f"pushing answers {response.status_code}: {response.text}")
        expect("no-store" in response.headers.get("Cache-Control", ""), "the answer with the request_uri may be cached")
        answer = response.json()
        expires = answer.get("expires_in")
        expect(isinstance(expires, int) and 5 <= expires < 600, f"expires_in is {expires!r}")
        expect(len(str(answer.get("request_uri", ""))) >= 22, f"request_uri is {answer.get('request_uri')!r}")
        return str(answer["request_uri"])

    def through(self, party: Party, visitor: Visitor, request_uri: str, asked: Asked, **beside: str) -> Page:
        """Go with a ``request_uri``, and beside it what OAuth 2.0 demands, which has no say (RFC 9101 6.3)."""
        demanded = {name: asked.parameters[name] for name in _DEMANDED if name in asked.parameters}
        parameters = {**demanded, **beside, "client_id": party.client_id, "request_uri": request_uri}
        return visitor.arrive(visitor.open(party.address(parameters)))

    def go_pushed(
        self, party: Party, visitor: Visitor, asked: Asked, *, with_proof: bool = False, **beside: str
    ) -> Page:
        """Push a request and go with it."""
        return self.through(party, visitor, self.pushed(party, asked, with_proof=with_proof), asked, **beside)

    def code(
        self, party: Party, visitor: Visitor, *, with_proof: bool = False, **changes: str | None
    ) -> tuple[Asked, str]:
        """The journey of a FAPI client as far as the code."""
        asked = self.ask(party, pkce=True, **changes)
        return asked, party.code(asked, self.go_pushed(party, visitor, asked, with_proof=with_proof))

    def fapi(self, party: Party, visitor: Visitor, **changes: str | None) -> Tokens:
        """The whole journey of a FAPI client."""
        asked, code = self.code(party, visitor, **changes)
        return party.redeem(asked, code)

    def refused_early(self, party: Party, asked: Asked, *errors: str, **beside: str) -> None:
        """Refused when it is pushed; or else at the authorization endpoint."""
        response = self.push(party, asked)
        if response.status_code >= httpx.codes.BAD_REQUEST:
            party.refused(response, *errors)
            return
        page = self.through(party, self.visitor(), response.json()["request_uri"], asked, **beside)
        self.either(page, lambda: party.error(asked, page, *errors))

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
