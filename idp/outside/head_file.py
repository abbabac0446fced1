"""The file outside the database to which the heads of the audit record are appended: one JSON object a line."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from idp.errors import ConfigurationFault

if TYPE_CHECKING:
    from pathlib import Path


def append_head(file: Path, **head: Any) -> None:  # noqa: ANN401 (whatever JSON can say)
    """Append one line and see it on disk. Raises OSError."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(head) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def read_heads(file: Path) -> tuple[dict[str, Any], ...]:
    """Return what was appended, oldest first.

    Raises :class:`ConfigurationFault` when the file is missing or something else: without it nobody can say that
    nothing was cut off.
    """
    try:
        heads = tuple(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    except OSError as fault:
        raise ConfigurationFault([f"{file}: cannot be read: {fault.strerror}."]) from None
    except ValueError:
        raise ConfigurationFault([f"{file}: not a file of heads of the audit record."]) from None
    if not all(isinstance(head, dict) and {"seal", "last_event", "head"} <= set(head) for head in heads):
        raise ConfigurationFault([f"{file}: not a file of heads of the audit record."])
    return heads
