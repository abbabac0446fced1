"""norm.toml laid over the national files: what the norms ask for where the two clash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def laid_over(
    files: Mapping[str, dict[str, Any]], overlay: Mapping[str, Any], name: str, faults: list[str]
) -> dict[str, dict[str, Any]]:
    """Return the content of the files with the values of ``overlay`` in place of theirs.

    The first level of the overlay names a file without its ending: ``[codes.pictures]`` changes ``[pictures]`` of
    codes.toml. It changes what is there and adds nothing, so that a misspelt name is a fault and not silently nothing.
    """
    changed = {file: content.copy() for file, content in files.items()}
    for part, values in overlay.items():
        file = f"{part}.toml"
        if file not in files or not isinstance(values, dict):
            faults.append(f"{name}: [{part}] names no file")
        else:
            changed[file] = _merged(files[file], values, f"{name}: [{part}", faults)
    return changed


def _merged(below: dict[str, Any], above: dict[str, Any], place: str, faults: list[str]) -> dict[str, Any]:
    merged = below.copy()
    for key, value in above.items():
        if key not in below or isinstance(value, dict) is not isinstance(below[key], dict):
            faults.append(f"{place}] changes {key}, which is not there")
        elif isinstance(value, dict):
            merged[key] = _merged(below[key], value, f"{place}.{key}", faults)
        else:
            merged[key] = value
    return merged
