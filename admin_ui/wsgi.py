"""Everything on one port, as one WSGI application: ``admin_ui.wsgi:application`` for granian and gunicorn.

====================================  =====================================================
``/mit/`` ``/administration/``        the administration
``/laeringsportalen/`` ``/talkongen/``  the demo's learning services, in a demo alone
everything else                       the identity provider
====================================  =====================================================

Settings come from ``SKOLEPAS_SETTINGS``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_ui.app import create_app as create_administration
from idp.app import create_app as create_idp
from idp.bootstrap import wire
from idp.settings import load_settings
from idp.store.installation import is_demo
from idp.web.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from idp.settings import Settings
    from idp.usecases.system import System

ADMINISTRATION: Final = ("administration", "mit")
"""The first part of every address that the administration serves."""


class ByFirstPart:
    """Chooses the application by the first part of the path, and leaves the path as it is.

    Not mounted with ``SCRIPT_NAME``: the administration has several first parts and one cookie for the whole host.
    """

    def __init__(self, otherwise: WSGIApplication, parts: Mapping[str, WSGIApplication]) -> None:
        """Serve ``otherwise`` where no part is named."""
        self._otherwise = otherwise
        self._parts = dict(parts)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        first = environ.get("PATH_INFO", "").split("/", 2)[1:2]
        return self._parts.get(first[0] if first else "", self._otherwise)(environ, start_response)


def build(settings: Settings) -> WSGIApplication:
    """Make everything that the settings describe. Raises :class:`idp.errors.ConfigurationFault`."""
    system = wire(settings)
    idp = create_idp(settings=settings)
    administration = create_administration(system, idp.wsgi_app)
    everything: WSGIApplication = ByFirstPart(idp.wsgi_app, dict.fromkeys(ADMINISTRATION, administration.wsgi_app))
    if settings.proving.demo_services_file and is_demo(system.database):
        everything = DispatcherMiddleware(everything, _demo_services(system, idp.wsgi_app))
    return behind_proxies(everything, settings.site.trusted_proxies)


def behind_proxies(application: WSGIApplication, proxies: int) -> WSGIApplication:
    """Believe the forwarded headers of so many proxies in front of us, of none if there are none (decision 17)."""
    return ProxyFix(application, x_for=proxies, x_proto=proxies) if proxies else application


def _demo_services(system: System, provider: WSGIApplication) -> dict[str, WSGIApplication]:
    from admin_ui.demo.laeringsportalen.app import DemoService, create_app  # noqa: PLC0415 (a demo's alone)
    from admin_ui.demo.laeringsportalen.looks import LOOKS  # noqa: PLC0415

    file = Path(system.settings.proving.demo_services_file)
    known: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return {
        f"/{look.key}": create_app(
            DemoService(look=look, issuer=system.settings.site.issuer, **known[look.key]), provider, now=system.now
        ).wsgi_app
        for look in LOOKS
        if look.key in known
    }


def __getattr__(name: str) -> WSGIApplication:
    """Make ``application`` when a server asks for it, not when the module is imported."""
    if name != "application":
        raise AttributeError(name)
    configure_logs()
    return build(load_settings())
