"""The administration: a WSGI application of its own, and our own first client (decision 21).

It signs people in through the identity provider's OpenID Connect, over an in-process transport, and serves one blueprint
per audience. Its addresses begin with an audience's name (``/mit/``) or with ``/administration/``, so that it can share
a port with the identity provider without either knowing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx
from flask_wtf.csrf import CSRFProtect

from admin_ui import guard
from admin_ui.brugeradministration.routes import brugeradministration
from admin_ui.elevadgang.routes import elevadgang
from admin_ui.mit.routes import mit
from admin_ui.parts import frame
from admin_ui.sign_in import UPSTREAM, sign_in
from idp.outside.sealing import keyed_digest
from idp.outside.upstream_oidc import Upstream, UpstreamProvider
from idp.usecases import administration_client
from idp.web.application import Application
from idp.web.errors import set_up_errors
from idp.web.headers import set_up_headers
from idp.web.i18n import set_up_languages
from idp.web.logs import set_up_logs
from idp.web.origin import set_up_origin
from idp.web.site import EXTENSION, Site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from idp.usecases.system import System

TEXTS: Final = "translations;../idp/translations"
"""Where the texts lie: our own, and those of the reasons and error pages that we share."""


def create_app(system: System, idp_app: WSGIApplication) -> Application:
    """Make the administration over a wired system, signing in through ``idp_app``.

    Registers the administration as a service when it is not registered yet. Raises :class:`admin_ui.guard.UnguardedRoute`
    when a route names no action.
    """
    app = Application(__name__, static_url_path="/administration/static")
    secure = system.settings.secure
    app.config.update(
        SECRET_KEY=keyed_digest(system.keyring.tokens.current, "administration", "browser session"),
        SESSION_COOKIE_NAME="__Host-skolepas-forms" if secure else "skolepas-forms",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1 << 20,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the browser's session
        BABEL_TRANSLATION_DIRECTORIES=TEXTS,
    )
    app.extensions[EXTENSION] = Site(system=system)
    app.extensions[UPSTREAM] = _upstream(system, idp_app)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    set_up_logs(app)
    set_up_languages(app)
    set_up_headers(app, secure=secure)
    set_up_errors(app)
    set_up_origin(app)
    frame.install(app)
    app.register_blueprint(sign_in)
    app.register_blueprint(mit)
    app.register_blueprint(brugeradministration)
    app.register_blueprint(elevadgang)
    for shared, why in (("static", "styles and scripts are the same for all"), ("language.choose", "a choice for all")):
        guard.open_to_all(why)(app.view_functions[shared])
    guard.install(app)
    CSRFProtect(app)
    return app


def _upstream(system: System, idp_app: WSGIApplication) -> Upstream:
    with system.database.reading() as db:
        registered = administration_client.is_registered(db, system)
    if not registered:
        with system.database.writing() as db:
            administration_client.register(db, system)
    issuer = system.settings.site.issuer
    provider = UpstreamProvider.at(
        issuer,
        client_id=administration_client.CLIENT_ID,
        client_secret=administration_client.secret(system),
        redirect_uri=administration_client.redirect_uri(issuer),
        post_logout_redirect_uri=administration_client.signed_out_uri(issuer),
    )
    return Upstream(provider, transport=httpx.WSGITransport(app=idp_app))
