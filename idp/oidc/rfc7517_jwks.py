"""The keys we sign with (RFC 7517 5): current first, then next, so that services know it before it is used, and previous."""

from __future__ import annotations

import json

from flask import Response

from idp.usecases.signing_keys import has_keys, key_ring
from idp.web.site import site

SECONDS = 300
"""How long a service may keep the answer. ``next`` is published long before it signs, so this need not be short."""


def jwks() -> Response:
    """Answer with the JWK Set; the first request of an installation makes the keys."""
    system = site().system
    with system.database.reading() as db:
        keys = key_ring(db, system) if has_keys(db, system) else None
    if keys is None:
        with system.database.writing() as db:
            keys = key_ring(db, system)
    response = Response(json.dumps(keys.published), mimetype="application/jwk-set+json")
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
