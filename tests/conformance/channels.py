"""The plans for telling services that somebody has logged out (OpenID Connect Back-Channel Logout 1.0, Front-Channel Logout 1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.clients import BACK_CHANNEL, FRONT_CHANNEL
from tests.conformance.config import discovered
from tests.conformance.registry import Module, module
from tests.conformance.rp_logout import LoggedIn
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from tests.conformance.receiving import Received
    from tests.conformance.run import Run

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


@module("oidcc-backchannel-logout-discovery-endpoint-verification")
def backchannel_discovery(run: Run) -> None:
    metadata = discovered(run)
    expect(metadata.get("end_session_endpoint"), "end_session_endpoint is missing")
    expect(metadata.get("backchannel_logout_supported") is True, "backchannel_logout_supported is not true")
    run.warn(
        "backchannel_logout_session_supported is not true", unless=metadata.get("backchannel_logout_session_supported")
    )


@module("oidcc-backchannel-rp-initiated-logout")
def backchannel_logout(run: Run) -> None:
    person = LoggedIn.at(run, "backchannel")
    page, state = person.leave()
    _look_at_logout_token(person, run.inbox.wait_for(BACK_CHANNEL))
    person.came_back(person.go_on(page), state)
    person.is_out()


def _look_at_logout_token(person: LoggedIn, received: Received) -> None:
    """Back-Channel Logout 2.4 to 2.6."""
    expect(received.method == "POST", f"the logout token came by {received.method}")
    expect(received.content_type == "application/x-www-form-urlencoded", f"it came as {received.content_type}")
    expect([*received.parameters] == ["logout_token"], f"with {sorted(received.parameters)}")
    header, claims = person.party.verified(received.parameters["logout_token"])
    person.run.warn("typ of the logout token is not logout+jwt", unless=header.get("typ") == "logout+jwt")
    expect(claims.get("iss") == person.run.provider.issuer, "iss is not the issuer")
    expect(claims.get("aud") in (person.party.client_id, [person.party.client_id]), f"aud is {claims.get('aud')}")
    expect(abs(claims.get("iat", 0) - person.party.now) < 60, "iat is not now")
    expect(claims.get("exp", 0) > person.party.now, "the logout token has expired, or has no exp")
    expect(claims.get("jti"), "jti is missing")
    expect(claims.get("events") == {EVENT: {}}, f"events is {claims.get('events')}")
    expect("nonce" not in claims, "there is a nonce, and it is forbidden")
    expect("sub" in claims or "sid" in claims, "there is neither sub nor sid")
    for name in {"sub", "sid"} & claims.keys():
        expect(claims[name] == person.tokens.claims.get(name), f"{name} is another than in the ID Token")
    expect("sid" in claims, "sid is missing, and the client's registration demands it")


@module("oidcc-frontchannel-logout-discovery-endpoint-verification")
def frontchannel_discovery(run: Run) -> None:
    metadata = discovered(run)
    expect(metadata.get("end_session_endpoint"), "end_session_endpoint is missing")
    expect(metadata.get("frontchannel_logout_supported") is True, "frontchannel_logout_supported is not true")
    run.warn(
        "frontchannel_logout_session_supported is not true",
        unless=metadata.get("frontchannel_logout_session_supported"),
    )


@module("oidcc-frontchannel-rp-initiated-logout")
def frontchannel_logout(run: Run) -> None:
    person = LoggedIn.at(run, "frontchannel")
    page, state = person.leave()
    loaded = person.visitor.frames(page)
    expect(len(loaded) == 1, f"the page has {len(loaded)} frames: {page.said}")
    received = run.inbox.wait_for(FRONT_CHANNEL)
    expect(received.parameters.keys() <= {"iss", "sid"}, f"with {sorted(received.parameters)}")
    expect(received.parameters.get("iss") == run.provider.issuer, "iss is not the issuer")
    expect(received.parameters.get("sid") == person.tokens.claims.get("sid"), "sid is another than in the ID Token")
    person.came_back(person.go_on(page), state)
    person.is_out()


BACK: Final[tuple[Module, ...]] = (backchannel_discovery, backchannel_logout)
FRONT: Final[tuple[Module, ...]] = (frontchannel_discovery, frontchannel_logout)
