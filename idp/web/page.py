"""Rendering a page: what every template may count on, and the addresses of static files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app, g, make_response, render_template, url_for

from idp.web.i18n import current_language, other_languages
from idp.web.session_cookie import is_shared_device
from idp.web.site import site

if TYPE_CHECKING:
    from flask import Flask, Response

_VERSIONS = "skolepas_asset_versions"
_ADDRESSES = "skolepas_asset_addresses"


def set_up_pages(app: Flask) -> None:
    """Read the versions of the static files (``assets.json``, made by ``./do``) and give templates ``asset``."""
    manifest = Path(app.static_folder or "") / "assets.json"
    app.extensions[_VERSIONS] = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    app.extensions[_ADDRESSES] = {}
    app.jinja_env.globals["asset"] = asset


def asset(path: str) -> str:
    """Return the address of a static file with its version, so that browsers may keep it for a year."""
    versions, addresses = current_app.extensions[_VERSIONS], current_app.extensions[_ADDRESSES]
    found: str | None = addresses.get(path)
    if found is None:
        version = {"v": versions[path]} if path in versions else {}
        found = addresses[path] = url_for("static", filename=path, **version)
    return found


def page(template: str, *, status: int = 200, **context: Any) -> Response:  # noqa: ANN401 (templates take anything)
    """Render a template with what they all know: lang, other_languages, site_name, service_name, reference."""
    known: dict[str, Any] = {
        "lang": current_language(),
        "other_languages": other_languages(),
        "site_name": site().system.settings.site.name,
        "service_name": service_name(),
        "reference": None,
        "not_you_url": g.get("not_you_url"),
        "shared_device": is_shared_device(),
    }
    return make_response(render_template(template, **(known | context)), status)


def about_service(name_da: str, name_en: str, form_targets: tuple[str, ...]) -> None:
    """Say which service this request is about, for the page's words and for the CSP's ``form-action`` (decision 17)."""
    g.service_names = {"da": name_da, "en": name_en}
    g.form_targets = form_targets


def offer_to_leave(url: str) -> None:
    """Put "Not you?" on the pages of this request, where it is big: on a device that others use too."""
    g.not_you_url = url


def service_name() -> str | None:
    """Return the name of the service that this request is about, in the language of the page."""
    names: dict[str, str] = g.get("service_names", {})
    return names.get(current_language())
