"""The page for engineers of services: its examples are whole, and it tells of every claim and error as the code has them."""

from __future__ import annotations

import ast
import json
import re

from idp.usecases.client_metadata import accept
from policies.attribute_release import KNOWN_CLAIMS
from policies.vocabulary import Assurance
from tests.house.tree import text
from tests.interop.clients import CLIENTS
from tests.interop.page import PAGE, SERVICE, changed, examples


def test_every_file_that_a_client_needs_stands_on_the_page() -> None:
    needed = {name for kind in CLIENTS for name in (kind.file, kind.diff) if name}
    assert needed | {"service.json"} == set(examples())
    ast.parse(examples()["service.py"])
    for kind in CLIENTS:
        assert kind.diff is None or changed(kind.file, kind.diff) != examples()[kind.file]


def test_the_metadata_of_the_page_can_be_registered() -> None:
    metadata = json.loads(examples()["service.json"])
    assert accept(metadata).registration["redirect_uris"] == [f"{SERVICE}/callback"]


def test_the_page_names_every_claim_and_every_level() -> None:
    named = set(re.findall(r"`([\w.:/-]+)`", text(PAGE)))
    assert set(KNOWN_CLAIMS) - named == set()
    assert {level.value for level in Assurance} - named == set()
