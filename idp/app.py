"""The Flask application of the identity provider: the login pages and the protocols, over a wired system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.bootstrap import wire
from idp.oidc import answer as oidc_answer
from idp.oidc import oidc_blueprint
from idp.oidc import upstream_login as oidc_upstream
from idp.saml import answer as saml_answer
from idp.saml import leave, saml_blueprint
from idp.saml import upstream_login as saml_upstream
from idp.settings import Settings, load_settings
from idp.store.db import Database, engine_options
from idp.store.flask_db import flask_db
from idp.web.application import Application
from idp.web.furnish import furnish
from idp.web.site import Site
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from flask import Flask

    from idp.usecases.system import System


def create_app(system: System | None = None, settings: Settings | None = None) -> Application:
    """Make the application over ``system``, or wire one from ``settings``, else from the settings file.

    Raises :class:`idp.errors.ConfigurationFault`.
    """
    app = Application("idp")
    if system is None:
        system = _wired(app, settings or load_settings())
    furnish(
        app,
        Site(
            system=system,
            answers={Protocol.OIDC: oidc_answer, Protocol.SAML: saml_answer},
            leave=leave,
            upstreams={Protocol.SAML: saml_upstream.DOOR, Protocol.OIDC: oidc_upstream.DOOR},
        ),
    )
    app.register_blueprint(oidc_blueprint())
    app.register_blueprint(saml_blueprint())
    return app


def _wired(app: Flask, settings: Settings) -> System:
    """Wire the system over the sessions that Flask-SQLAlchemy keeps for each request."""
    url = settings.database.url
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, pool_size=settings.database.pool_size)
    flask_db.init_app(app)
    with app.app_context():
        return wire(settings, database=Database(flask_db.engine))
