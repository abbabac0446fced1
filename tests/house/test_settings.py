"""Every setting is explained, and the operator's page says exactly what the code says."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

from idp.settings import Settings
from tests.house.tree import text

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import Any

PAGE = Path("docs/operator.md")


def settings() -> dict[str, Field[Any]]:
    """Every field of the tree by its full name, like ``site.issuer``."""
    sections = get_type_hints(Settings)
    return {
        f"{section.name}.{field.name}": field
        for section in fields(Settings)
        for field in fields(sections[section.name])
    }


def row(name: str, field: Field[Any]) -> str:
    """The line of the operator's page for one setting; its default as TOML writes it."""
    shown = "" if field.default is MISSING else f"`{json.dumps(field.default)}`"
    return f"| `{name}` | {shown} | {field.metadata['doc']} |"


def test_every_setting_says_in_a_sentence_what_it_does() -> None:
    assert len(settings()) > 15
    assert [name for name, field in settings().items() if not field.metadata.get("doc", "").endswith(".")] == []


def test_the_operators_page_tells_of_every_setting_what_the_code_tells() -> None:
    page = text(PAGE)
    missing = [line for line in (row(name, field) for name, field in settings().items()) if line not in page]
    assert not missing, "put these lines into docs/operator.md:\n" + "\n".join(missing)


def test_the_operators_page_tells_of_no_setting_that_is_gone() -> None:
    told = set(re.findall(r"^\| `(\w+\.\w+)` \|", text(PAGE), re.MULTILINE))
    assert told == set(settings())
