"""What the layout needs beside what :func:`idp.web.page.page` gives: the assets, times and words, and how to log out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Final

from flask import current_app, g, request, session, url_for
from flask_babel import format_date, format_datetime, format_decimal, to_user_timezone
from flask_babel import lazy_gettext as _l

from admin_ui.parts import words
from idp.usecases.administration_client import CLIENT_ID
from idp.web.i18n import current_language
from idp.web.site import site
from policies.actions import AT_WORK, NEEDED_RIGHT, Action
from policies.vocabulary import Right

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask

    from policies.actions import Visitor

_MOMENTS: Final = {"da": "d. MMM 'kl.' HH.mm", "en": "d MMM 'at' HH:mm"}
_VERSIONS: Final = "administration_asset_versions"
ID_TOKEN: Final = "id_token"
"""Where the browser's own, signed session keeps the ID Token that logs out again."""


@dataclass(frozen=True, kw_only=True)
class LogoutForm:
    """A form that logs out at the provider: a POST, so that no token stands in an address."""

    action: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One of the tools in the head of the page."""

    name: str
    url: str
    here: bool


def install(app: Flask) -> None:
    """Give every template of ``app`` the frame."""
    app.jinja_env.globals.update(
        asset=asset,
        moment=moment,
        day=day,
        actor_name=words.actor_name,
        as_whom=words.as_whom,
        level_name=words.level_name,
        number=format_decimal,
    )
    manifest = resources.files("admin_ui") / "static" / "vendor" / "assets.json"
    app.extensions[_VERSIONS] = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    app.context_processor(lambda: {"logout": logout_form(), "tools": tools()})


def asset(name: str) -> str:
    """Return the address of a static file with its version, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=current_app.extensions[_VERSIONS].get(name))


def moment(at: datetime) -> str:
    """Return a time as people read it, in the site's time zone."""
    return str(format_datetime(at, _MOMENTS[current_language()]))


def day(at: date) -> str:
    """Return a day, or that of a time in the site's time zone, as people read it."""
    return str(format_date(to_user_timezone(at) if isinstance(at, datetime) else at, "long"))


def tools() -> tuple[Tool, ...]:
    """Return the tools that the visitor may go to, when that is more than the own page."""
    visitor: Visitor | None = g.get("visitor")
    if visitor is None or visitor.actor_group not in AT_WORK:
        return ()
    administers = Right.USER_ADMINISTRATOR in visitor.rights
    return tuple(
        Tool(name=str(name), url=url_for(endpoint), here=_is_here(endpoint))
        for name, endpoint, offered in (
            (_l("My login"), "mit.own_page", True),
            (_l("Elevadgang"), "elevadgang.start", True),
            (_l("Brugeradministration"), "brugeradministration.start", administers),
            (_l("Record"), "brugeradministration.records", bool(NEEDED_RIGHT[Action.READ_RECORD] & visitor.rights)),
        )
        if offered
    )


def _is_here(endpoint: str) -> bool:
    of_records = "record" in (request.endpoint or "") and request.blueprint == "brugeradministration"
    if endpoint == "brugeradministration.records" or of_records:
        return of_records and endpoint == "brugeradministration.records"
    return request.blueprint == endpoint.partition(".")[0]


def logout_form() -> LogoutForm | None:
    """Return the form that ends the login session at the provider, when somebody is logged in."""
    if g.get("visit") is None:
        return None
    issuer = site().system.settings.site.issuer
    fields = {
        "id_token_hint": session.get(ID_TOKEN),
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": f"{issuer}{url_for('sign_in.signed_out')}",
    }
    return LogoutForm(action=f"{issuer}/oidc/logout", fields=tuple((k, v) for k, v in fields.items() if v))
