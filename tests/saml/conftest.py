"""Keys at hand, for RSA keys take a while to make."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from idp.outside.jose import make_key
from idp.usecases import saml_keys
from tests.saml.provider import a_provider

if TYPE_CHECKING:
    from idp.outside.jose import MadeKey
    from idp.usecases.system import System
    from tests.saml.provider import Provider

KEPT = 10


@pytest.fixture(scope="session")
def made_keys() -> dict[tuple[str, int], MadeKey]:
    """Real keys, each made once, when it is first asked for."""
    return {}


@pytest.fixture(autouse=True)
def keys_at_hand(made_keys: dict[tuple[str, int], MadeKey], monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"RS256": count(), "ES256": count()}

    def hand_out(algorithm: str) -> MadeKey:
        which = (algorithm, next(numbers[algorithm]) % KEPT)
        if which not in made_keys:
            made_keys[which] = make_key(algorithm)
        return made_keys[which]

    monkeypatch.setattr(saml_keys, "make_key", hand_out)


@pytest.fixture
def provider(system: System) -> Provider:
    return a_provider(system)
