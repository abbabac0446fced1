"""The signs that an ``error_description`` may have (RFC 6749 4.1.2.1 and 5.2, RFC 6750 3, RFC 7591 3.2.2)."""

from __future__ import annotations

import re
from typing import Final

_OTHERS: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_INSTEAD: Final = str.maketrans({'"': "'", "…": "...", "\\": "/"})


def as_description(sentence: str) -> str:
    """Return a sentence in the signs that may be sent; what has no likeness becomes a question mark."""
    return _OTHERS.sub("?", sentence.translate(_INSTEAD))
