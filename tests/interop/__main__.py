"""``./do interop``: other people's clients against the running provider, one line for each client and step."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tests.benchmarks.site import scratch
from tests.ci_strict import IN_CI
from tests.interop.clients import CLIENTS, Kind, Service
from tests.interop.saml import STEPS as SAML_STEPS
from tests.interop.saml import SamlJourney, logout_at_each
from tests.interop.saml_services import SAML_KINDS, SamlKind
from tests.interop.site import Provider, a_provider
from tests.interop.visitor import Lost, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NARROW: Final = {"sub", "uniid", "aktoer_gruppe", "institution_ids", "has_license", "unilogin_loa", "loa", "spec_ver"}
"""What a small agreement lets a service know (docs/federate-oidc.md)."""
TOLD_WITHIN_SECONDS: Final = 20
"""The worker looks after the outbox every now and then."""


@dataclass
class Journey:
    """One person at one service, from the first login to the last logout."""

    provider: Provider
    service: Service
    visitor: Visitor

    def login(self) -> str:
        arrived = self.visitor.open(f"{self.service.here}{self.service.login}")
        expect(arrived.asked == ("username", "password"), f"the code was not asked for: {arrived.said}")
        claims = self.service.claims(self.visitor)
        expect(claims.get("uniid") == self.provider.pupil.uniid, f"{claims or arrived.said}")
        expect(claims.get("iss") == self.provider.issuer, f"iss is {claims.get('iss')}")
        return f"{claims['aktoer_gruppe']} at {claims['acr']}"

    def single_sign_on(self) -> str:
        self.visitor.forget(self.service.here)
        expect(self.service.claims(self.visitor) == {}, "the service still knows")
        arrived = self.visitor.open(f"{self.service.here}{self.service.login}")
        expect(arrived.asked == (), f"asked for {arrived.asked}")
        expect("sub" in self.service.claims(self.visitor), arrived.said)
        return "no code was asked for"

    def userinfo(self) -> str:
        told = self.service.userinfo(self.visitor)
        expect(told.get("sub") == self.service.claims(self.visitor)["sub"], f"{told}")
        expect(set(told) == NARROW, f"{sorted(told)}")
        return f"{len(told)} claims"

    def refresh(self) -> str:
        found = [self.service.refresh(self.visitor) for _ in range(2)]  # the second time with what the first one gave
        self.userinfo()
        return f"twice, {found[-1]}"

    def logout(self) -> str:
        left = self.service.log_out(self.visitor)
        expect(left.address.rstrip("/") == self.service.here, f"not back at the service: {left.said}")
        expect(self.service.claims(self.visitor) == {}, "still logged in at the service")
        again = self.visitor.open(f"{self.service.here}{self.service.login}")
        expect("password" in again.asked, f"the provider still knows who it is: {again.said}")
        return "here and at the provider"

    def nothing_refused(self) -> str:
        refused = self.provider.command("services", "failures", self.service.client_id)
        expect(refused == [], f"{refused}")
        return "no request was refused on the way"


STEPS: Final[tuple[Callable[[Journey], str], ...]] = (
    Journey.login,
    Journey.single_sign_on,
    Journey.userinfo,
    Journey.refresh,
    Journey.logout,
    Journey.nothing_refused,
)


def expect(truth: bool, otherwise: str) -> None:  # noqa: FBT001 (a sentence follows)
    """Raise :class:`Lost` with ``otherwise`` unless ``truth``."""
    if not truth:
        raise Lost(otherwise)


def main() -> int:
    """Return 0 when every step of every client passed, and in CI no client was left out."""
    begun = monotonic()
    with scratch() as folder, a_provider(folder) as provider, ExitStack() as stack:
        there = [kind for kind in CLIENTS if _is_there(kind)]
        failed = (len(CLIENTS) - len(there)) * IN_CI
        services = {kind.name: stack.enter_context(kind.running(provider, folder / kind.name)) for kind in there}
        for name, service in services.items():
            with _a_visitor(provider) as visitor:
                journey = Journey(provider, service, visitor)
                wrong = sum(_step(name, partial(step, journey), step.__name__) for step in STEPS)
            if wrong:
                print(service.log.read_text(encoding="utf-8")[-4000:])
            failed += wrong
        failed += _saml(provider, folder, stack)
        failed += _step("all of them", partial(_logout_elsewhere, provider, services), "logout elsewhere")
        failed += _step("any of them", partial(_wrong_request, provider, services), "wrong request")
        if failed:
            print((folder / "log").read_text(encoding="utf-8")[-4000:])
    print(f"{'Failed' if failed else 'All passed'} after {monotonic() - begun:.0f} s.")
    return 1 if failed else 0


def _saml(provider: Provider, folder: Path, stack: ExitStack) -> int:
    """Return how many steps of the SAML services failed."""
    there = [kind for kind in SAML_KINDS if _is_there(kind)]
    failed = (len(SAML_KINDS) - len(there)) * IN_CI
    services = {kind.name: stack.enter_context(kind.running(provider, folder / kind.name)) for kind in there}
    for name, service in services.items():
        with _a_visitor(provider) as visitor:
            journey = SamlJourney(provider, service, visitor)
            wrong = sum(_step(name, partial(step, journey), step.__name__) for step in SAML_STEPS)
        if wrong:
            print(service.log.read_text(encoding="utf-8", errors="replace")[-6000:])
        failed += wrong
    return failed + _step(
        "SAML, all of them", partial(logout_at_each, partial(_a_visitor, provider), services), "single logout"
    )


def _is_there(kind: Kind | SamlKind) -> bool:
    missing = kind.missing()
    if missing is not None:
        _line(kind.name, "", "FAILED" if IN_CI else "skipped", missing)
    return missing is None


def _a_visitor(provider: Provider) -> Visitor:
    return Visitor(provider.pupil, provider.authority.trusting, provider.issuer)


def _logout_elsewhere(provider: Provider, services: Mapping[str, Service]) -> str:
    """One person at all services logs out at each in turn; the others are told (Back-Channel Logout 1.0)."""
    for leaving in services.values():
        with _a_visitor(provider) as visitor:
            for service in services.values():
                visitor.open(f"{service.here}{service.login}")
                expect("sub" in service.claims(visitor), f"nobody is logged in at {service.here}")
            leaving.log_out(visitor)
            for name, service in services.items():
                _until(lambda told=service: told.claims(visitor) == {}, f"{name} was not told")
    return "the others were told each time, by the back channel"


def _wrong_request(provider: Provider, services: Mapping[str, Service]) -> str:
    """A request that breaks a rule: the page's reference leads its developer to the rule."""
    service = next(iter(services.values()))
    asked = urlencode({"client_id": service.client_id, "redirect_uri": f"{service.here}/elsewhere"})
    with _a_visitor(provider) as visitor:
        page = visitor.open(f"{provider.issuer}/oidc/authorize?{asked}")
    kept = provider.command("services", "failures", service.client_id)[0]
    expect(kept["reference"] in page.body and kept["parameter"] == "redirect_uri", f"{kept}, {page.said}")
    return f"{kept['reference']}: {kept['rule']}"


def _until(true: Callable[[], bool], otherwise: str) -> None:
    patience = monotonic() + TOLD_WITHIN_SECONDS
    while not true():
        expect(monotonic() < patience, otherwise)
        sleep(0.1)


def _step(name: str, step: Callable[[], str], called: str) -> int:
    begun = monotonic()
    try:
        found = step()
    except Exception as fault:  # noqa: BLE001 (whatever it is, the other steps are tried)
        _line(name, called, "FAILED", "".join(format_exception_only(fault)).strip())
        return 1
    _line(name, called, "passed", f"{found} ({monotonic() - begun:.1f} s)")
    return 0


def _line(*parts: Any) -> None:  # noqa: ANN401
    name, step, verdict, found = parts
    print(f"{name:18} {step.replace('_', ' '):16} {verdict:8} {found}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
