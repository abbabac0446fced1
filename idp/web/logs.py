"""Structured logs: one JSON object per line on standard error. Never a code, token, name or query string."""

from __future__ import annotations

import logging
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from flask import g, request

if TYPE_CHECKING:
    from flask import Flask, Response

log = structlog.get_logger("skolepas")


def configure_logs(level: int = logging.INFO) -> None:
    """Let structlog write JSON lines. Called by whoever starts a process, once."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def set_up_logs(app: Flask) -> None:
    """Log each request by the name of its endpoint: addresses carry handles and codes, so they are left out."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.begun = perf_counter()


def _end(response: Response) -> Response:
    if request.endpoint not in {"static", "health.alive", "health.ready", "health.metrics"}:
        spent = perf_counter() - g.get("begun", perf_counter())
        log.info(
            "request",
            method=request.method,
            endpoint=request.endpoint,
            status=response.status_code,
            milliseconds=round(1000 * spent, 1),
        )
    return response
