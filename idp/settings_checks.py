"""What must hold between the settings, whatever the type of each says (:mod:`idp.settings`)."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from policies.assurance import NSIS_LEVELS
from policies.vocabulary import Follow

if TYPE_CHECKING:
    from idp.settings import Settings

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _are_networks(text: str) -> bool:
    try:
        for network in text.split():
            ip_network(network)
    except ValueError:
        return False
    return True


def checks(settings: Settings) -> list[tuple[bool, str]]:
    """Return (is it wrong, what to say) for each."""
    issuer = urlsplit(settings.site.issuer)
    positive = {
        "database.pool_size": settings.database.pool_size,
        "hashing.queue": settings.hashing.queue,
        "hashing.longest_wait_seconds": settings.hashing.longest_wait_seconds,
        "login.attempt_seconds": settings.login.attempt_seconds,
        "oidc.code_seconds": settings.oidc.code_seconds,
        "oidc.token_seconds": settings.oidc.token_seconds,
        "oidc.device_seconds": settings.oidc.device_seconds,
        "fetch.seconds": settings.fetch.seconds,
        "oidc.refresh_idle_seconds": settings.oidc.refresh_idle_seconds,
        "oidc.refresh_seconds": settings.oidc.refresh_seconds,
        "oidc.offline_idle_seconds": settings.oidc.offline_idle_seconds,
        "oidc.offline_seconds": settings.oidc.offline_seconds,
        "saml.metadata_days": settings.saml.metadata_days,
        "server.workers": settings.server.workers,
        "server.threads": settings.server.threads,
    }
    return [
        (issuer.scheme not in {"http", "https"} or not issuer.hostname, "site.issuer must be an http(s) address."),
        (
            issuer.scheme == "http" and issuer.hostname not in LOOPBACK_HOSTS,
            "site.issuer must be https, except on localhost.",
        ),
        (bool(issuer.path or issuer.query or issuer.fragment), "site.issuer must have no path, query or fragment."),
        (settings.site.default_language not in {"da", "en"}, "site.default_language must be da or en."),
        (
            not _are_networks(settings.server.metrics_networks),
            "server.metrics_networks must be networks such as 10.1.0.0/16, with spaces between.",
        ),
        (settings.site.trusted_proxies < 0, "site.trusted_proxies must be 0 or more."),
        (
            not settings.database.url.startswith(("sqlite:///", "postgresql+psycopg://")),
            "database.url must begin with sqlite:/// or postgresql+psycopg://.",
        ),
        (settings.oidc.dpop_nonce_seconds < 0, "oidc.dpop_nonce_seconds must be 0 or more."),
        (settings.oidc.code_seconds > 60, "oidc.code_seconds must be at most 60 (ASVS 10.4.3)."),  # noqa: PLR2004
        (
            not 5 <= settings.oidc.pushed_request_seconds <= 600,  # noqa: PLR2004
            "oidc.pushed_request_seconds must be between 5 and 600.",
        ),
        (
            bool(settings.proving.clock_file) and issuer.hostname not in LOOPBACK_HOSTS,
            "proving.clock_file is for demos and tests on localhost only.",
        ),
        (
            bool(settings.proving.demo_services_file) and issuer.hostname not in LOOPBACK_HOSTS,
            "proving.demo_services_file is for demos on localhost only.",
        ),
        (
            settings.oidc.registration not in {"closed", "initial-access-token"},
            "oidc.registration must be closed or initial-access-token.",
        ),
        (settings.login.nsis_notified not in {"", *NSIS_LEVELS}, "login.nsis_notified must be Low or Substantial."),
        (settings.policy.follow not in list(Follow), f"policy.follow must be {' or '.join(Follow)}."),
        (settings.hashing.memory_kib < 8, "hashing.memory_kib must be at least 8."),  # noqa: PLR2004
        (settings.hashing.straight_on_seconds < 0, "hashing.straight_on_seconds must be 0 or more."),
        (
            settings.hashing.longest_wait_seconds >= settings.login.attempt_seconds,
            "hashing.longest_wait_seconds must be less than login.attempt_seconds, or nobody could use a late turn.",
        ),
        (settings.hashing.passes < 1, "hashing.passes must be at least 1."),
        *[(value < 1, f"{name} must be at least 1.") for name, value in positive.items()],
    ]
