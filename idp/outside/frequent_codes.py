"""The codes that very many people choose, as the package zxcvbn counted them in published leaks.

Only that one list is read, as text, from the file that the package keeps it in. Importing the package would build six
lists with ranks and keep them, some 10 MB in every process.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Final

from idp.errors import ConfigurationFault

FEWEST: Final = 20_000
_PACKAGE: Final = "zxcvbn"
_FILE: Final = "zxcvbn/frequency_lists.py"
_BEFORE: Final = '"passwords": "'
_BEHIND: Final = '"'


def published_codes() -> list[str]:
    """Return the codes, the most frequent first. Raises :class:`ConfigurationFault` when they cannot be found."""
    try:
        file = Path(str(metadata.distribution(_PACKAGE).locate_file(_FILE)))
        _, _, rest = file.read_text(encoding="utf-8").partition(_BEFORE)
    except (metadata.PackageNotFoundError, OSError):
        rest = ""
    codes = rest.partition(_BEHIND)[0].split(",")
    if len(codes) < FEWEST:
        raise ConfigurationFault([f"The package {_PACKAGE} does not hold its list of frequent codes. Install it anew."])
    return codes
