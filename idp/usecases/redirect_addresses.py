"""Which addresses a service may have a browser sent to. Pure: text in, what is wrong with it out.

https, and http on this machine's own names alone; no pattern of any kind, nothing that two readers could understand in
two ways (RFC 9700 2.1 and 4.1). At the protocol endpoints addresses are compared byte for byte with what was registered,
the port of a loopback address included (stricter than RFC 8252 7.3, which lets it vary).
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import parse_qsl, unquote

LONGEST: Final = 2000
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
OURS: Final = frozenset({"code", "state", "iss", "error", "error_description", "error_uri", "response", "id_token"})
"""Parameters that an answer carries; in a registered address they would make two of one."""

_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()+,;=%\[\]]+", re.ASCII)
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SPLIT: Final = re.compile(r"(https?)://([^/?]*)([^?]*)(?:\?(.*))?", re.ASCII)
_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LAST_PORT: Final = 65_535


def fault_of(address: object) -> str | None:
    """Say in a few words why ``address`` cannot be registered, or None when it can."""
    if not isinstance(address, str) or not address:
        return "is not an address"
    if len(address) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if "#" in address:
        return "has a fragment"
    if "*" in address:
        return "has a wildcard"
    if _CHARACTERS.fullmatch(address) is None or _BROKEN_ESCAPE.search(address):
        return "has a character that no address has"
    parts = _SPLIT.fullmatch(address)
    if parts is None:
        return "is neither https://… nor http://localhost…"
    scheme, authority, path, query = parts.groups()
    return _fault_of_authority(scheme, authority) or _fault_of_path(path) or _fault_of_query(query or "")


def host_of(address: str) -> str:
    """Return the host name of a registered address, without its port."""
    parts = _SPLIT.fullmatch(address)
    found = _AUTHORITY.fullmatch(parts[2]) if parts else None
    if found is None:
        raise ValueError(address)
    return found[1]


def _fault_of_authority(scheme: str, authority: str) -> str | None:
    if "@" in authority:
        return "names a user"
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return "has no host name in small letters, or a wrong port"
    host, port = found.groups()
    if port is not None and int(port) > _LAST_PORT:
        return "has a wrong port"
    if not _is_host(host):
        return "has a host that is no name and no number"
    if scheme == "http" and host not in LOOPBACK:
        return "is http, which only localhost may be"
    return None


def _is_host(host: str) -> bool:
    try:
        if host.startswith("["):
            return bool(IPv6Address(host[1:-1]))
        labels = host.split(".")
        if labels[-1].isdigit() or labels[-1].startswith("0x"):
            return str(IPv4Address(host)) == host
    except AddressValueError:
        return False
    return all(_LABEL.fullmatch(label) for label in labels)


def _fault_of_path(path: str) -> str | None:
    if any(unquote(step) in {".", ".."} for step in path.split("/")):
        return "goes up or stays in its path"
    if "//" in path or "[" in path or "]" in path:
        return "has an empty step in its path"
    return None


def _fault_of_query(query: str) -> str | None:
    taken = sorted({name for name, _ in parse_qsl(query, keep_blank_values=True)} & OURS)
    return f"already has the parameter {taken[0]}" if taken else None
