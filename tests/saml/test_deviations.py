"""What doctor names: each deviation of the running configuration, with the number of the requirement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from admin_ui.cli.deviations import deviations
from tests import recipes
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_service import SamlService

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.saml.provider import Provider

pytestmark = postgresql_is_long
FEDERATED = SamlService(signs=True, encrypted=True, logout=(("HTTP-Redirect", "https://portal.example/slo"),))


def strict(system: System) -> System:
    settings = system.settings
    return replace(
        system,
        settings=replace(
            settings,
            site=replace(settings.site, issuer="https://login.example"),
            saml=replace(settings.saml, technical_contact="drift@example.dk", support_contact="hjaelp@example.dk"),
        ),
    )


def named(provider: Provider) -> set[str]:
    return {rule for rule, _ in deviations(strict(provider.system))}


def test_without_services_only_the_settings_can_be_other(provider: Provider) -> None:
    assert named(provider) == set()
    told = {rule for rule, _ in deviations(provider.system)}
    assert told == {"RFC 9700 2.6", "saml2int SDP-IDP03", "saml2int SDP-MD11"}


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ({"profile": "saml2int"}, set()),
        ({"profile": "saml2int", "sign_response": False}, {"saml2int SDP-IDP09"}),
        ({"profile": "saml2int", "encrypt_assertion": False}, {"saml2int SDP-IDP11"}),
        (
            {"profile": "saml2int", "name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"},
            {"saml2int SDP-IDP12"},
        ),
        ({"profile": "oiosaml"}, {"OIOSAML 3.0.3, nsis/loa"}),
        (
            {"profile": "oiosaml", "sign_response": True, "idp_initiated": True},
            {"OIOSAML 3.0.3, nsis/loa", "OIOSAML 3.0.3, Response"},
        ),
        ({}, {"saml2int SDP-IDP09", "saml2int SDP-IDP12"}),
    ],
)
def test_each_deviation_of_a_saml_service_has_its_number(
    provider: Provider, options: dict[str, Any], rules: set[str]
) -> None:
    document = FEDERATED.metadata(validUntil="2026-12-01T00:00:00Z")
    provider.register(FEDERATED, document=document, **options)
    assert named(provider) == rules | {"saml2int SDP-MD01"}


def test_each_deviation_of_an_openid_service_has_its_number(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        recipes.a_service(
            db, provider.system, client_id="portal", redirect_uri="http://localhost:9000/callback", require_pkce=False
        )
    assert named(provider) == {"RFC 9700 2.1.1", "RFC 9700 2.2.1", "RFC 9700 2.5", "RFC 9700 2.6"}
