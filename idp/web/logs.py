"""Structured logs: one JSON object per line on standard error. Never a code, token, name or query string."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from flask import Request, Response

    from idp.web.application import Application

log = structlog.get_logger("skolepas")

_UNTOLD: Final = frozenset({"static", "health.alive", "health.ready", "health.metrics"})


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


def set_up_logs(app: Application) -> None:
    """Log each request by the name of its endpoint: addresses carry handles and codes, so they are left out."""
    app.finish_with(_log)


def _log(asked: Request, response: Response, seconds: float) -> None:
    endpoint = asked.endpoint
    if endpoint not in _UNTOLD:
        log.info(
            "request",
            method=asked.method,
            endpoint=endpoint,
            status=response.status_code,
            milliseconds=round(1000 * seconds, 1),
        )
