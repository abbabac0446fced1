"""What every application of the identity provider has, whichever protocols are mounted on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from werkzeug.middleware.proxy_fix import ProxyFix

import idp.web.login_pages  # noqa: F401 (its routes)
from idp.web.doors import doors_blueprint
from idp.web.errors import set_up_errors
from idp.web.headers import set_up_headers
from idp.web.health import set_up_health
from idp.web.i18n import set_up_languages
from idp.web.login_flow import login_blueprint
from idp.web.logs import configure_logs, set_up_logs
from idp.web.origin import set_up_origin
from idp.web.page import set_up_pages
from idp.web.site import EXTENSION

if TYPE_CHECKING:
    from idp.web.application import Application
    from idp.web.site import Site

_LARGEST_REQUEST: Final = 256 * 1024


def furnish(app: Application, site: Site) -> None:
    """Set the application up, in the order in which its parts must run."""
    if not structlog.is_configured():
        configure_logs()
    app.extensions[EXTENSION] = site
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = _LARGEST_REQUEST
    set_up_logs(app)
    set_up_health(app)
    set_up_headers(app, secure=site.system.settings.secure)
    set_up_languages(app)
    set_up_pages(app)
    set_up_errors(app)
    set_up_origin(app)
    app.register_blueprint(doors_blueprint)
    app.register_blueprint(login_blueprint)
    proxies = site.system.settings.site.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
