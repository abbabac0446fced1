"""Changing the address of a request."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.opponents.relying_party import SITE

AUTHORIZE = f"{SITE}/oidc/authorize"


def changed(address: str, *more: tuple[str, str], without: tuple[str, ...] = ()) -> str:
    """The same request with other parameters, or without some."""
    pairs = parse_qsl(urlsplit(address).query)
    kept = [pair for pair in pairs if pair[0] not in {*without, *(name for name, _ in more)}]
    return f"{AUTHORIZE}?{urlencode([*kept, *more])}"
