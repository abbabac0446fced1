"""Every test here makes its attempts within the bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.saml.hostile import bounds

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def within_bounds() -> Iterator[None]:
    before = bounds.made
    yield
    assert bounds.made > before, "this test makes no attempt through bounds.attempted"
