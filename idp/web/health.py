"""For those who run the site: ``/healthz`` (the process lives), ``/readyz`` (the database answers), ``/metrics``."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, make_response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from idp.store.db import is_reachable
from idp.store.schema import is_current
from idp.web.site import site

if TYPE_CHECKING:
    from flask import Request, Response

    from idp.web.application import Application

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

health_blueprint = Blueprint("health", __name__)
registry = CollectorRegistry()
requests = Counter("skolepas_requests", "Answers by endpoint and status.", ["endpoint", "status"], registry=registry)
seconds = Histogram(
    "skolepas_request_seconds", "Time to answer, by endpoint.", ["endpoint"], buckets=_SECONDS, registry=registry
)
logins = Counter("skolepas_logins", "Logins by outcome.", ["outcome"], registry=registry)


def set_up_health(app: Application) -> None:
    """Count every answer and serve the three addresses."""
    app.finish_with(_count)
    app.register_blueprint(health_blueprint)


@health_blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return _plain("ok\n")


@health_blueprint.get("/readyz")
def ready() -> Response:
    """Say whether requests can be served: the database answers and stands at the newest migration."""
    database = site().system.database
    is_ready = is_reachable(database) and is_current(database)
    return _plain("ok\n" if is_ready else "the database is not ready\n", status=200 if is_ready else 503)


@health_blueprint.get("/metrics")
def metrics() -> Response:
    """Return the figures of this process in Prometheus' text format.

    Only to this machine and the operator's networks (``server.metrics_networks``), and not through a proxy.
    """
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if forwarded or not _may_read_figures(request.remote_addr or ""):
        abort(404)
    response = _plain(generate_latest(registry).decode())
    response.content_type = "text/plain; version=0.0.4; charset=utf-8"
    return response


def _may_read_figures(address: str) -> bool:
    try:
        peer = ip_address(address)
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    networks = site().system.settings.server.metrics_networks.split()
    return peer.is_loopback or any(peer in ip_network(network) for network in networks)


def _count(asked: Request, response: Response, took: float) -> None:
    answered, lasted = _figures(asked.endpoint or "none", response.status_code)
    answered.inc()
    lasted.observe(took)


@cache
def _figures(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    return requests.labels(endpoint, status), seconds.labels(endpoint)


def _plain(text: str, *, status: int = 200) -> Response:
    response = make_response(text, status)
    response.mimetype = "text/plain"
    return response
