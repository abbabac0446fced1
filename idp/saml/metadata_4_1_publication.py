"""Where our metadata is read (SAML Metadata 4.1): at the address that is our entityID, and for each service at one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, request
from werkzeug.exceptions import NotFound

from idp.saml.metadata_ours import CACHE_SECONDS, our_metadata, service_reading, there_are_keys
from idp.usecases import metadata_fetches
from idp.web.errors import error_page
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from idp.saml.metadata_ours import OurMetadata

_TYPE: Final = "application/samlmetadata+xml"


def metadata() -> Response:
    """Answer with our metadata; the first request of an installation makes the keys."""
    system = site().system
    with system.database.reading() as db:
        ours = our_metadata(db, system) if there_are_keys(db, system) else None
    if ours is None:
        with system.database.writing() as db:
            ours = our_metadata(db, system)
    return _answer(ours)


def metadata_for(name: str) -> Response:
    """Answer one service, and note which of our keys it has now read."""
    system = site().system
    service_id = service_reading(system, name)
    if service_id is None:
        raise NotFound
    with system.database.writing() as db:
        ours = our_metadata(db, system)
        if not metadata_fetches.note(db, system, service_id, ours.kids):
            raise NotFound
    return _answer(ours)


def error() -> Response:
    """Say to whom a service sent here (``errorURL``) that the service could not use the login."""
    return error_page(
        Reason.SERVICE_REFUSED_LOGIN,
        status=200,
        facts={"error": _code(request.args.get("errorurl_code", "")), "rule": None, "parameter": None},
    )


def _code(given: str) -> str:
    """Return one of the codes of SAML Metadata Extensions for errorURL; anything else is somebody's own text."""
    known = ("IDENTIFICATION_FAILURE", "AUTHENTICATION_FAILURE", "AUTHORIZATION_FAILURE", "OTHER_ERROR")
    return given if given in known else "OTHER_ERROR"


def _answer(ours: OurMetadata) -> Response:
    response = Response(ours.document, mimetype=_TYPE)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    response.set_etag(ours.etag)
    response.make_conditional(request)
    return response
