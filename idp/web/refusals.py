"""What becomes of a request that breaks a rule of its protocol: a line in the log, and a note that the service's owner may read."""

from __future__ import annotations

import structlog
from flask import Response, after_this_request, request

from idp.store.db import DatabaseFault
from idp.usecases import failed_requests
from idp.usecases.failed_requests import Failed
from idp.usecases.shown_errors import new_reference
from idp.web.site import site

log = structlog.get_logger("skolepas")


def note_refusal(
    *, error: str, rule: str, parameter: str | None, client_id: str | None, proven: bool = False, keep: bool = True
) -> str:
    """Put a refusal in the log, and keep it for the owner of the service; return its reference.

    ``client_id`` is the service that the request says it is from (an entityID in SAML), None where it says nothing that can be
    believed. ``proven``: whether the service had proven who it is by then. Without ``keep`` there is a reference and no more.
    It is written after the view, in a unit of work of its own, for the refused one may be rolled back.
    """
    system = site().system
    failed = Failed(
        reference=new_reference(system),
        endpoint=(request.endpoint or "").rpartition(".")[2],
        error=error,
        rule=rule,
        parameter=parameter,
        proven=proven,
    )
    if not keep:
        return failed.reference
    about = {"error": error, "rule": rule, "parameter": parameter, "client_id": client_id}
    log.info("request refused", endpoint=failed.endpoint, reference=failed.reference, **about)
    if client_id is not None and failed_requests.may_keep(system, client_id, proven=proven):
        _keep_afterwards(client_id, failed)
    return failed.reference


def _keep_afterwards(client_id: str, failed: Failed) -> None:
    system = site().system

    def write(response: Response) -> Response:
        try:
            with system.database.writing() as db:
                failed_requests.keep(db, system, client_id, failed)
        except DatabaseFault as fault:  # the answer stands, whether it can be kept or not
            log.error("refusal not kept", reference=failed.reference, exc_info=fault)  # noqa: TRY400
        return response

    after_this_request(write)
