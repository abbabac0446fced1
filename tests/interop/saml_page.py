"""The examples of docs/federate-saml.md, as :mod:`tests.interop.page` reads those of the other page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.interop.page import ROOT

PAGE: Final = Path("docs/federate-saml.md")
SERVICE: Final = "https://laering.example.dk"
PROVIDER: Final = "https://login.example.dk"
PLACE: Final = "/etc/shibboleth/skolepas"
"""Where the page's Shibboleth keeps its files."""
SOCKET: Final = "/run/shibboleth/shibd.sock"

_FILE: Final = re.compile(r"^`([\w.-]+)`(?:, for Apache)?:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> dict[str, str]:
    """Every file that stands on the page, by its name."""
    return dict(_FILE.findall((ROOT / PAGE).read_text(encoding="utf-8")))
