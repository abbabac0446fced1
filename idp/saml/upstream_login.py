"""Logging in at another identity provider as its service (SAML Profiles 4.1, decision 20): our request, its Response, our metadata.

The Response is posted from another site, without our cookies: it is kept for the login that its RelayState names, and read once the
browser is back with them. Only an answer to the one open request of that login counts.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import Response, redirect

from idp.errors import BrokenSeal
from idp.login.attempt import waits_elsewhere
from idp.login.vouch import NotVouched, Vouch
from idp.outside.xml_encryption import AES_128_GCM, AES_256_GCM, RSA_OAEP, RSA_OAEP_MGF1P
from idp.saml.bindings_3_4_send_redirect import redirect_to
from idp.saml.canonical import DSIG, attribute, new_id
from idp.saml.core_3_3_read_response import Expected, read_response
from idp.saml.core_3_4_1_write_authn_request import Asking, write_authn_request
from idp.saml.intake import arrived_by_post
from idp.saml.metadata_theirs import MD
from idp.saml.profiles_4_1_web_sso import posted, turned_away
from idp.saml.refusals import Fault, Refused
from idp.usecases import pushed_requests
from idp.usecases.pushed_requests import Way
from idp.usecases.saml_keys import saml_decryption_ring, saml_key_ring
from idp.usecases.service_providers import POST, SignatureAlgorithm
from idp.web.site import UpstreamDoor, site
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from idp.login.request import LoginRequest
    from idp.usecases.upstreams import Upstream

ACS: Final = "/saml/upstream/acs"
METADATA: Final = "/saml/upstream/metadata"
_KEPT: Final = "upstream-response"
_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"


def begin(db: Session, upstream: Upstream, handle: str, asked: LoginRequest) -> tuple[str, dict[str, Any]]:
    """Return the address that carries a signed AuthnRequest, and what is kept of it."""
    system, identifier = site().system, new_id()
    strong = tuple(said for said, level in upstream.levels.items() if level is Assurance.TO_FAKTOR)
    message = write_authn_request(
        Asking(
            issuer=_entity_id(),
            destination=upstream.registration["address"],
            consumer=_acs(),
            now=system.now(),
            identifier=identifier,
            force_authn=asked.fresh_since is not None,
            contexts=strong if asked.assurance is Assurance.TO_FAKTOR else (),
        ),
        signer=None,
    )
    signer = saml_key_ring(db, system).signer_for(SignatureAlgorithm.RSA_SHA256)
    address = redirect_to(upstream.registration["address"], "SAMLRequest", message, relay_state=handle, signer=signer)
    return address, {"request_id": identifier}


def acs() -> AnyResponse:
    """Keep a Response for the login that it belongs to, and lead the browser to where its cookies are sent along."""
    system = site().system
    try:
        arrived = arrived_by_post(posted())
    except Refused as refused:
        return turned_away(refused.fault, None)
    handle = arrived.relay_state or ""
    with system.database.writing() as db:
        waits = waits_elsewhere(db, system, handle)
        if waits is None or arrived.root.get("InResponseTo") != waits[1]:
            fault = Fault(
                rule="unsolicited", description="The Response answers no login that is open.", part="InResponseTo"
            )
            return turned_away(fault, None)
        sealed = system.sealer.seal(arrived.xml, purpose=_KEPT)  # it may name the person by CPR
        fields = {"SAMLResponse": b64encode(sealed).decode()}
        token = pushed_requests.put(db, system, Way.UPSTREAM, service_id=waits[0], parameters=fields)
    return redirect(f"/login/{handle}/elsewhere/answer?{urlencode({'kept': token})}", 303)


def finish(upstream: Upstream, kept: Mapping[str, Any], answer: Mapping[str, str]) -> Vouch:
    """Return what a Response vouches for. Raises :class:`NotVouched`."""
    system = site().system
    with system.database.writing() as db:
        keys = saml_decryption_ring(db, system).private
    expected = Expected(
        issuer=upstream.identifier,
        certificates=[b64decode(each) for each in upstream.registration["certificates"]],
        keys=keys,
        audience=_entity_id(),
        consumer=_acs(),
        request_id=kept.get("request_id", ""),
        now=system.now(),
    )
    try:
        opened = system.sealer.open(b64decode(answer.get("SAMLResponse", "")), purpose=_KEPT)
        form = urlencode({"SAMLResponse": b64encode(opened).decode()}).encode()
        vouched = read_response(arrived_by_post(form), expected)
    except Refused as refused:
        raise NotVouched(refused.fault.rule) from None
    except (ValueError, BrokenSeal):
        raise NotVouched("not-kept-here") from None
    name = vouched.name_id
    if upstream.attribute is not None:
        values = vouched.attributes.get(upstream.attribute, ())
        if len(values) != 1:
            raise NotVouched("attribute-missing")
        name = values[0]
    return Vouch(name=name, said_level=vouched.context_class, at=vouched.authn_instant)


def service_metadata() -> Response:
    """Answer with what we are towards such providers: a service that takes Responses by POST, signed and encrypted or not."""
    system = site().system
    with system.database.writing() as db:
        signing = saml_key_ring(db, system).published
        encryption = saml_decryption_ring(db, system).published[:1]
    methods = "".join(
        f'<md:EncryptionMethod Algorithm="{each}"/>' for each in (AES_256_GCM, AES_128_GCM, RSA_OAEP, RSA_OAEP_MGF1P)
    )
    keys = "".join(_key("signing", one.certificate, "") for one in signing)
    keys += "".join(_key("encryption", one.certificate, methods) for one in encryption)
    document = (
        f'<md:EntityDescriptor xmlns:md="{MD}" entityID="{attribute(_entity_id())}"><md:SPSSODescriptor'
        f' AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="{_PROTOCOL}">{keys}'
        f'<md:AssertionConsumerService Binding="{POST}" Location="{attribute(_acs())}" index="0" isDefault="true"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    )
    response = Response(document, mimetype="application/samlmetadata+xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _key(use: str, certificate: bytes, methods: str) -> str:
    return (
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="{DSIG}"><ds:X509Data><ds:X509Certificate>'
        f"{b64encode(certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>"
    )


def _entity_id() -> str:
    return f"{site().system.settings.site.issuer}{METADATA}"


def _acs() -> str:
    return f"{site().system.settings.site.issuer}{ACS}"


DOOR: Final = UpstreamDoor(begin=begin, finish=finish)
