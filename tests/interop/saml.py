"""SAML services of other people at our provider: login with an encrypted assertion, ForceAuthn, single logout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.interop.visitor import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.interop.saml_services import SamlService
    from tests.interop.site import Provider
    from tests.interop.visitor import Visitor


@dataclass
class SamlJourney:
    """One person at one service, from the first login to the last logout."""

    provider: Provider
    service: SamlService
    visitor: Visitor

    def login(self) -> str:
        arrived = self.visitor.open(f"{self.service.here}{self.service.login}")
        _expect(arrived.asked == ("username", "password"), f"the code was not asked for: {arrived.said}")
        uniid = self.service.uniid(self.visitor)
        _expect(uniid == self.provider.pupil.uniid, f"{self.service.told(self.visitor) or arrived.said}")
        return "the assertion was encrypted, and read"

    def single_sign_on(self) -> str:
        self.visitor.forget(self.service.here)
        _expect(self.service.uniid(self.visitor) is None, "the service still knows")
        arrived = self.visitor.open(f"{self.service.here}{self.service.login}")
        _expect(arrived.asked == (), f"asked for {arrived.asked}")
        _expect(self.service.uniid(self.visitor) is not None, arrived.said)
        return "no code was asked for"

    def force_authn(self) -> str:
        arrived = self.visitor.open(f"{self.service.here}{self.service.login_again}")
        _expect("password" in arrived.asked, f"the code was not asked for again: {arrived.said}")
        _expect(self.service.uniid(self.visitor) is not None, arrived.said)
        return "the code was asked for again"

    def single_logout(self) -> str:
        left = self.service.log_out(self.visitor)
        _expect(left.address.startswith(self.service.here), f"not back at the service: {left.said}")
        _expect(self.service.uniid(self.visitor) is None, "still logged in at the service")
        again = self.visitor.open(f"{self.service.here}{self.service.login}")
        _expect("password" in again.asked, f"the provider still knows who it is: {again.said}")
        return "here and at the provider"

    def nothing_refused(self) -> str:
        refused = self.provider.command("services", "failures", self.service.entity_id)
        _expect(refused == [], f"{refused}")
        return "no request was refused on the way"


STEPS: Final[tuple[Callable[[SamlJourney], str], ...]] = (
    SamlJourney.login,
    SamlJourney.single_sign_on,
    SamlJourney.force_authn,
    SamlJourney.single_logout,
    SamlJourney.nothing_refused,
)


def logout_at_each(visitors: Callable[[], Visitor], services: Mapping[str, SamlService]) -> str:
    """One person at all services logs out at each in turn, and at the provider; the others are told through the browser."""
    for leaving in services.values():
        with visitors() as visitor:
            for name, service in services.items():
                visitor.open(f"{service.here}{service.login}")
                _expect(service.uniid(visitor) is not None, f"nobody is logged in at {name}")
            left = leaving.log_out(visitor)
            for name, service in services.items():
                _expect(service.uniid(visitor) is None, f"{name} was not told: {left.said}")
    return "the others were told each time"


def _expect(truth: bool, otherwise: str) -> None:  # noqa: FBT001 (a sentence follows)
    if not truth:
        raise Lost(otherwise)
