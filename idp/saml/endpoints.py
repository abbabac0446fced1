"""The addresses, and nothing else."""

from __future__ import annotations

from flask import Blueprint

from idp.saml import metadata_4_1_publication as publication
from idp.saml import profiles_4_1_web_sso as web_sso
from idp.saml import profiles_4_4_by_soap as soap
from idp.saml import profiles_4_4_single_logout as slo
from idp.saml import upstream_login as upstream
from idp.web.origin import taken_from_anywhere


def saml_blueprint() -> Blueprint:
    """Return every endpoint. None of them takes a CSRF token: messages have their own defences."""
    blueprint = Blueprint("saml", __name__)
    blueprint.add_url_rule(web_sso.PATH, view_func=taken_from_anywhere(web_sso.sso), methods=["GET", "POST"])
    blueprint.add_url_rule(slo.PATH, view_func=taken_from_anywhere(slo.slo), methods=["GET", "POST"])
    blueprint.add_url_rule(slo.ON, view_func=slo.on, methods=["GET"])
    blueprint.add_url_rule(slo.ON, view_func=slo.on_without, methods=["POST"])
    blueprint.add_url_rule(slo.ANSWER, view_func=slo.answer, methods=["GET"])
    blueprint.add_url_rule("/saml/slo/soap", view_func=taken_from_anywhere(soap.slo_soap), methods=["POST"])
    blueprint.add_url_rule(upstream.ACS, view_func=taken_from_anywhere(upstream.acs), methods=["POST"])
    blueprint.add_url_rule(upstream.METADATA, view_func=upstream.service_metadata, methods=["GET"])
    blueprint.add_url_rule("/saml/metadata", view_func=publication.metadata, methods=["GET"])
    blueprint.add_url_rule("/saml/metadata/for/<name>", view_func=publication.metadata_for, methods=["GET"])
    blueprint.add_url_rule("/saml/error", view_func=publication.error, methods=["GET"])
    blueprint.add_url_rule("/saml/start", view_func=web_sso.start, methods=["GET"])
    return blueprint
