"""Everything on one port, as one WSGI application: ``admin_ui.wsgi:application`` for granian and gunicorn.

======================================  =====================================================
``/mit/`` ``/brugeradministration/``    the administration, as are ``/administration/`` pages
``/laeringsportalen/`` ``/talkongen/``  the demo's learning services, in a demo alone
everything else                         the identity provider
======================================  =====================================================

Settings come from ``SKOLEPAS_SETTINGS``.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_ui.app import create_app as create_administration
from idp.app import create_app as create_idp
from idp.errors import ConfigurationFault
from idp.settings import load_settings
from idp.store.db import Database
from idp.store.installation import is_demo
from idp.store.schema import is_current
from idp.web.logs import configure_logs
from idp.web.site import EXTENSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

    from idp.settings import Settings
    from idp.usecases.system import System

ADMINISTRATION: Final = ("administration", "brugeradministration", "elevadgang", "mit")
"""The first part of every address that the administration serves."""
OWN_PAGE: Final = "/mit/"


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


class AtFirstRequest:
    """An application that is made when somebody comes, so that the others need not wait for it."""

    def __init__(self, make: Callable[[], WSGIApplication]) -> None:
        """Remember how to make it."""
        self._make = make
        self._made: WSGIApplication | None = None
        self._one_at_a_time = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        with self._one_at_a_time:
            if self._made is None:
                self._made = self._make()
        return self._made(environ, start_response)


def build(settings: Settings) -> WSGIApplication:
    """Make everything that the settings describe. Raises :class:`idp.errors.ConfigurationFault`."""
    idp = create_idp(settings=settings)
    system: System = idp.extensions[EXTENSION].system
    # The same system, so that codes wait at one gate; a database of its own, for it has requests of its own.
    own = Database.open(settings.database.url, pool_size=settings.database.pool_size)
    if not is_current(own):
        way_on = "skolepas demo --fresh" if settings.proving.demo_services_file else "skolepas db upgrade"
        raise ConfigurationFault([f"The database is not at the newest migration. Run: {way_on}"])
    return assemble(replace(system, database=own), idp)


def assemble(system: System, idp: Flask) -> WSGIApplication:
    """Put the administration over ``system``, and a demo's services, on one port with the identity provider."""
    administration = create_administration(system, idp.wsgi_app)
    site = replace(idp.extensions[EXTENSION], own_page=OWN_PAGE)
    everything: WSGIApplication = ByFirstPart(idp.wsgi_app, dict.fromkeys(ADMINISTRATION, administration.wsgi_app))
    if system.settings.proving.demo_services_file and is_demo(system.database):
        from admin_ui.demo.laeringsportalen.looks import look_of  # noqa: PLC0415 (a demo's alone)

        services = _demo_services(system, idp.wsgi_app)
        everything = DispatcherMiddleware(everything, services)
        site = replace(site, shown_services=tuple((look_of(path[1:]).name, f"{path}/") for path in services))
    idp.extensions[EXTENSION] = site
    return behind_proxies(everything, system.settings.site.trusted_proxies)


def behind_proxies(application: WSGIApplication, proxies: int) -> WSGIApplication:
    """Believe the forwarded headers of so many proxies in front of us, of none if there are none (decision 17)."""
    return ProxyFix(application, x_for=proxies, x_proto=proxies) if proxies else application


def _demo_services(system: System, provider: WSGIApplication) -> dict[str, WSGIApplication]:
    file = Path(system.settings.proving.demo_services_file)
    known: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))

    def served(key: str) -> WSGIApplication:
        from admin_ui.demo.laeringsportalen.app import DemoService, create_app  # noqa: PLC0415 (a demo's alone)
        from admin_ui.demo.laeringsportalen.looks import look_of  # noqa: PLC0415

        service = DemoService(look=look_of(key), issuer=system.settings.site.issuer, **known[key])
        return create_app(service, provider, now=system.now).wsgi_app

    return {f"/{key}": AtFirstRequest(partial(served, key)) for key in known}


def __getattr__(name: str) -> WSGIApplication:
    """Make ``application`` when a server asks for it, not when the module is imported.

    A fault of the operator's making is told in sentences, and the process ends.
    """
    if name != "application":
        raise AttributeError(name)
    try:
        settings = load_settings()
        # Whoever tries a demo wants to see its table, not a line for each request.
        configure_logs(logging.WARNING if settings.proving.demo_services_file else logging.INFO)
        return build(settings)
    except ConfigurationFault as fault:
        raise _told(fault) from None


def _told(fault: ConfigurationFault) -> SystemExit:
    for sentence in fault.faults:
        sys.stderr.write(f"skolepas: {sentence}\n")
    return SystemExit(2)
