"""The token endpoint (RFC 6749 3.2, 5): who asks, in which way, and the answer in its form.

The grant type finds the client together with what the request stands on; then the client must prove who it is, before
anything is said about a code or a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import jsonify

from idp.oidc.grant_types import GrantType, TokenAnswer, TokenRequest
from idp.oidc.parameters import Fault, Parameters
from idp.oidc.refusals import error_response, note_refusal
from idp.oidc.rfc6749_2_3_client_authentication import ClientRequest, not_the_client, read_request
from idp.oidc.rfc6749_4_1_3_token import AUTHORIZATION_CODE
from idp.oidc.rfc6749_5_1_success import no_store
from idp.oidc.rfc6749_6_refresh import REFRESH_TOKEN
from idp.oidc.rfc8628_device_code import DEVICE
from idp.oidc.rfc9449_dpop import ProvenKey, not_for_client, not_the_first, read_proof, with_nonce
from idp.usecases.client_metadata_members import DEVICE_CODE
from idp.usecases.services import find_client
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System

GRANT_TYPES: Final[Mapping[str, GrantType[Any]]] = {
    "authorization_code": AUTHORIZATION_CODE,
    "refresh_token": REFRESH_TOKEN,
    DEVICE_CODE: DEVICE,
}
"""``grant_type`` -> who answers it. There is no ``password`` and no ``implicit`` (RFC 9700 2.1.2, 2.4)."""


@dataclass(frozen=True)
class _ClientAlone:
    client: Client


def _find_client_alone(db: Session, _system: System, client_id: str, _parameters: Parameters) -> _ClientAlone | None:
    client = find_client(db, client_id)
    return None if client is None else _ClientAlone(client)


def _no_such_grant_type(asked: TokenRequest[_ClientAlone]) -> TokenAnswer:
    if asked.parameters["grant_type"] is None:
        return Fault("invalid_request", "grant_type is missing.", "grant_type")
    return Fault("unsupported_grant_type", f"grant_type must be {' or '.join(GRANT_TYPES)}.", "grant_type")


_NONE_OF_THEM: Final = GrantType(_find_client_alone, _no_such_grant_type)


def token() -> Response:
    """Answer a token request."""
    system = site().system
    asked, key = read_request(system), read_proof(system)
    if isinstance(asked, Fault):
        return refused(asked)
    if isinstance(key, Fault):
        return refused(key, client_id=asked.shown.client_id, proven=False)
    with system.database.writing() as db:
        answer = _answer(db, system, asked, key)
    if isinstance(answer, Fault):
        return refused(answer, client_id=asked.shown.client_id)
    return no_store(with_nonce(system, jsonify(answer)))


def _answer(db: Session, system: System, asked: ClientRequest, key: ProvenKey | None) -> TokenAnswer:
    wanted = asked.parameters["grant_type"] or ""
    grant_type = GRANT_TYPES.get(wanted, _NONE_OF_THEM)
    found = grant_type.find(db, system, asked.shown.client_id, asked.parameters)
    fault = not_the_client(db, system, found.client if found else None, asked.shown)
    if fault is not None or found is None:
        return fault or Fault("invalid_client", "There is no such client.", "client_id")
    fault = _not_for_it(found.client, wanted, key) or (not_the_first(db, key) if key is not None else None)
    if fault is not None:
        return fault
    jkt = key.jkt if key is not None else None
    return grant_type.answer(TokenRequest(db=db, system=system, parameters=asked.parameters, found=found, jkt=jkt))


def _not_for_it(client: Client, wanted: str, key: ProvenKey | None) -> Fault | None:
    if wanted in GRANT_TYPES and wanted not in client.grant_types:
        return Fault("unauthorized_client", f"The client did not register grant_type {wanted}.", "grant_type")
    return not_for_client(client, key)


def refused(fault: Fault, *, client_id: str | None = None, proven: bool = True) -> Response:
    """Answer a service with an error (RFC 6749 5.2), at this endpoint or another that it speaks to itself.

    ``proven``: whether it had proven who it is by then.
    """
    note_refusal(fault, client_id, proven=proven and fault.error != "invalid_client")
    response = jsonify(error_response(fault))
    response.status_code = 400
    if fault.error == "invalid_client":
        response.status_code = 401
        response.headers["WWW-Authenticate"] = 'Basic realm="token", charset="UTF-8"'
    return no_store(with_nonce(site().system, response, demanded="dpop" in fault.error))
