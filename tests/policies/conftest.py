"""The national rules as they are shipped, and the texts they are made of."""

from __future__ import annotations

from importlib.resources import files

import pytest

from policies.tables import DATA_FILES, Rules, load_rules


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    data = files("policies") / "data"
    return {name: (data / name).read_text("utf-8") for name in DATA_FILES}


@pytest.fixture(scope="session")
def rules(texts: dict[str, str]) -> Rules:
    return load_rules(texts)
