"""Services that manage what they registered (RFC 7592): read it, replace it, withdraw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from idp.oidc.parameters import Fault
from idp.oidc.refusals import note_refusal
from idp.oidc.rfc7591_registration import (
    closed,
    is_open,
    no_such_token,
    read_metadata,
    refused_metadata,
    shown_token,
    told,
)
from idp.usecases.client_metadata import MetadataRefused
from idp.usecases.client_registration import find_own, replace_own, withdraw
from idp.usecases.sectors import fetch_listed
from idp.web.site import site

if TYPE_CHECKING:
    from idp.usecases.client_registration import OwnService
    from idp.usecases.system import System


def manage(client_id: str) -> Response:
    """Answer GET, PUT and DELETE for the service that the registration access token belongs to.

    Any other token is refused alike, whether there is such a service or not (2).
    """
    system = site().system
    if not is_open(system):
        return closed()
    own = _own(system, client_id)
    if own is None:
        return no_such_token()
    if request.method == "PUT":
        return _replaced(system, own)
    if request.method == "DELETE":
        return _withdrawn(system, own)
    return told(system, own.as_it_is())


def _own(system: System, client_id: str) -> OwnService | None:
    token = shown_token()
    if token is None:
        return None
    with system.database.reading() as db:
        return find_own(db, client_id, token)


def _replaced(system: System, own: OwnService) -> Response:
    try:
        metadata = read_metadata()
        listed = fetch_listed(system.fetcher, metadata)
        with system.database.writing() as db:
            changed = replace_own(db, system, own, metadata, listed=listed)
    except MetadataRefused as wrong:
        first = wrong.faults[0]
        note_refusal(Fault(first.error, first.description, first.member or None), own.client.client_id, proven=True)
        return refused_metadata(wrong)
    return told(system, changed)


def _withdrawn(system: System, own: OwnService) -> Response:
    with system.database.writing() as db:
        still = find_own(db, own.client.client_id, own.token)
        if still is None:
            return no_such_token()
        withdraw(db, system, still)
    response = Response(status=204)
    response.headers["Cache-Control"] = "no-store"
    return response
