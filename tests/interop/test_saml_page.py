"""The page for engineers of SAML services: its examples are whole, and it tells of every option and level as the code has them."""

from __future__ import annotations

import re
from dataclasses import fields
from xml.etree import ElementTree as ET

from idp.saml.authn_contexts import level_of
from idp.usecases.service_providers import Profile, SamlOptions
from tests.house.tree import text
from tests.interop.saml_page import PAGE, examples
from tests.interop.saml_services import SAML_KINDS


def test_every_file_that_a_service_needs_stands_on_the_page() -> None:
    assert {name for kind in SAML_KINDS for name in kind.files} == set(examples())
    for name, example in examples().items():
        if name.endswith(".xml"):
            ET.fromstring(example)  # noqa: S314 (our own page)


def test_the_page_names_every_profile_and_real_options_and_levels() -> None:
    named = set(re.findall(r"`([\w.:/-]+)`", text(PAGE)))
    assert {profile.value for profile in Profile} <= named
    assert {"sign_response", "require_signed_requests", "soap_logout"} <= {
        field.name for field in fields(SamlOptions)
    } & named
    levels = [name for name in named if name.startswith("dk:unilogin:loa:") or "refeds" in name]
    assert len(levels) == 4
    assert all(level_of(name, nsis="") is not None for name in levels)
