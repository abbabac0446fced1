"""Keys at hand, for RSA keys take a while to make."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from idp.outside.jose import make_key
from idp.usecases import saml_keys

if TYPE_CHECKING:
    from idp.outside.jose import MadeKey


@pytest.fixture(scope="session")
def made_keys() -> dict[str, list[MadeKey]]:
    """Real keys, made once."""
    return {"RS256": [make_key("RS256") for _ in range(6)], "ES256": [make_key("ES256") for _ in range(6)]}


@pytest.fixture(autouse=True)
def keys_at_hand(made_keys: dict[str, list[MadeKey]], monkeypatch: pytest.MonkeyPatch) -> None:
    rings = {algorithm: cycle(keys) for algorithm, keys in made_keys.items()}
    monkeypatch.setattr(saml_keys, "make_key", lambda algorithm: next(rings[algorithm]))
