"""What makes one demo service another: its name, its address, its words and its agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

from policies.vocabulary import ReleasePackage

if TYPE_CHECKING:
    from flask_babel import LazyString


@dataclass(frozen=True, kw_only=True)
class Look:
    """One demo service as people meet it. ``key`` is its place on the site and its style."""

    key: str
    name: str
    promise: LazyString
    package: ReleasePackage
    """What its agreement lets it receive."""

    def metadata(self, site: str) -> dict[str, Any]:
        """Return its RFC 7591 client metadata when it is served at ``site``."""
        return {
            "client_name": self.name,
            "client_uri": f"{site}/{self.key}/",
            "redirect_uris": [f"{site}/{self.key}/callback"],
            "post_logout_redirect_uris": [f"{site}/{self.key}/logged-out"],
            "frontchannel_logout_uri": f"{site}/{self.key}/frontchannel-logout",
            "frontchannel_logout_session_required": True,
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "scope": "openid",
        }


LAERINGSPORTALEN: Final = Look(
    key="laeringsportalen",
    name="Læringsportalen",
    promise=_l("Books, films and exercises for every class."),
    package=ReleasePackage.FULL,
)
TALKONGEN: Final = Look(
    key="talkongen",
    name="Talkongen",
    promise=_l("Number games that grow with you."),
    package=ReleasePackage.SMALL,
)
LOOKS: Final = (LAERINGSPORTALEN, TALKONGEN)


def look_of(key: str) -> Look:
    """Return the look of this key. Raises LookupError."""
    for look in LOOKS:
        if look.key == key:
            return look
    raise LookupError(key)
