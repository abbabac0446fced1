"""The endpoint to which a service pushes an authorization request (RFC 9126): the same checks, before the browser comes.

What is pushed is kept for the service alone, for a minute or so, and is opened by one browser.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flask import jsonify

from idp.oidc.core_3_1_2_1_request import REQUEST_URI, asked_of
from idp.oidc.core_3_1_2_authorization import Carried, trusted, trusted_fault, untrusted_fault
from idp.oidc.parameters import Fault, Parameters
from idp.oidc.rfc6749_2_3_client_authentication import asking_client, read_request
from idp.oidc.rfc6749_3_2_token_endpoint import refused
from idp.oidc.rfc6749_5_1_success import no_store
from idp.oidc.rfc9101_request_object import opened
from idp.oidc.rfc9449_dpop import not_the_first, read_proof, with_nonce
from idp.usecases import pushed_requests
from idp.usecases.pushed_requests import Way
from idp.web.site import site

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.oidc.rfc6749_2_3_client_authentication import ClientRequest
    from idp.oidc.rfc9449_dpop import ProvenKey
    from idp.usecases.services import Client
    from idp.usecases.system import System

_AUTHENTICATION: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def par() -> Response:
    """Answer a pushed request: 201 with the address under which the browser brings it (2.2)."""
    system = site().system
    asked, key = read_request(system), read_proof(system)
    if isinstance(asked, Fault):
        return refused(asked)
    client_id = asked.shown.client_id
    if isinstance(key, Fault):
        return refused(key, client_id=client_id, proven=False)
    with system.database.writing() as db:
        client = _client(db, system, asked, key)
    if isinstance(client, Fault):
        return refused(client, client_id=client_id)
    parameters = _parameters(system, client, asked.parameters)
    if isinstance(parameters, Fault):
        return refused(parameters, client_id=client_id)
    signed = asked.parameters["request"] is not None
    carried = Carried(pushed=True, signed=signed, dpop_jkt=key.jkt if key is not None else None)
    with system.database.writing() as db:
        kept = _kept(db, system, client, parameters, carried)
    if isinstance(kept, Fault):
        return refused(kept, client_id=client_id)
    told = {"request_uri": f"{REQUEST_URI}{kept}", "expires_in": system.settings.oidc.pushed_request_seconds}
    response = no_store(with_nonce(system, jsonify(told)))
    response.status_code = 201
    return response


def _client(db: Session, system: System, asked: ClientRequest, key: ProvenKey | None) -> Client | Fault:
    """Return the client that has proven who it is, and which key it holds if it says so (RFC 9449 10.1)."""
    client = asking_client(db, system, asked.shown)
    if isinstance(client, Fault) or key is None:
        return client
    return not_the_first(db, key) or client


def _parameters(system: System, client: Client, form: Parameters) -> Parameters | Fault:
    """Return the request inside the form. Not inside a unit of work: the client's keys may be fetched."""
    if form["request_uri"] is not None:
        return Fault("invalid_request", "A pushed request must not hold a request_uri (RFC 9126 2.1).", "request_uri")
    if form["request"] is not None:
        return opened(system, client, form)
    values = {name: value for name, value in form.values.items() if name not in _AUTHENTICATION}
    return replace(form, values={**values, "client_id": client.client_id})


def _kept(db: Session, system: System, client: Client, parameters: Parameters, carried: Carried) -> str | Fault:
    asked = asked_of(db, system, parameters, client, carried)
    fault = untrusted_fault(asked) or trusted_fault(trusted(asked))
    if fault is not None:
        return fault
    return pushed_requests.put(
        db,
        system,
        Way.PUSHED,
        service_id=client.id,
        parameters=parameters.values,
        dpop_jkt=carried.dpop_jkt,
    )
