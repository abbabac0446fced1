"""Build what the pages show from the npm packages: ``python -m admin_ui.cli.assets``, after ``npm ci``.

Reads ``node_modules`` and writes, always the same bytes for the same packages:

* ``idp/static/pictures/NAME.svg``: the pictures of codes, the signs of activation windows and the match signs, from
  ``@iconify-json/fluent-emoji-flat`` (MIT);
* ``admin_ui/static/vendor/signs/NAME.svg``: the signs and the match signs once more, for the teacher's page;
* ``idp/static/fonts/``: IBM Plex Sans (OFL 1.1) in two weights, from ``dkfds``;
* ``admin_ui/static/vendor/dkfds`` and ``…/htmx``: the design system's compiled CSS with every file that it refers to, its
  script, and htmx, each with its licence;
* ``idp/static/qr/``: the reader of QR codes on the page for school cards, from ``qr`` (MIT or Apache 2.0);
* ``admin_ui/static/vendor/print``: what is printed on school cards, animals from the same set as the pictures and IBM Plex
  Sans as TrueType (OFL 1.1), from ``@expo-google-fonts/ibm-plex-sans``, for a PDF cannot hold WOFF2;
* ``idp/static/assets.json`` and ``admin_ui/static/vendor/assets.json``: ``{"login.css": "1f0c…"}``, for every static file of
  the application the first 16 hex digits of its SHA-256, to be appended as ``?v=…`` so that browsers may keep it for a year.

The module itself uses the standard library and ``policies`` alone, so that an image can build the assets early.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policies.cards import ANIMALS
from policies.pictures import PICTURES

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).resolve().parents[2]
FONTS: Final = tuple(
    f"IBMPlexSans-{weight}-{part}.woff2" for weight in ("Regular", "Bold") for part in ("Latin1", "Latin2")
)
PRINTED_FONTS: Final = ("400Regular", "700Bold")
_REFERENCE: Final = re.compile(r"""url\(["']?(?!data:)([^"')?#]+)""")
_VERSION_DIGITS: Final = 16


class AssetMissingError(Exception):
    """A package, or a picture in it, is not there. The text names it and what to do."""


def build(root: Path = ROOT) -> list[Path]:
    """Write all assets below ``root`` and return the folders and manifests written. Raises ``AssetMissingError``."""
    packages = root / "node_modules"
    idp_static, admin_static = root / "idp" / "static", root / "admin_ui" / "static"
    pictures, fonts, vendor = idp_static / "pictures", idp_static / "fonts", admin_static / "vendor"
    reader, printed, shown = idp_static / "qr", vendor / "print", vendor / "signs"
    for folder in (pictures, fonts, vendor, reader, printed, shown):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    write_pictures(packages / "@iconify-json" / "fluent-emoji-flat", (*PICTURES, *signs(root)), pictures)
    write_pictures(packages / "@iconify-json" / "fluent-emoji-flat", signs(root), shown)
    copy_fonts(packages / "dkfds", fonts)
    copy_dkfds(packages / "dkfds", vendor / "dkfds")
    copy_htmx(packages / "htmx.org", vendor / "htmx")
    copy_qr_reader(packages / "qr", reader)
    write_pictures(packages / "@iconify-json" / "fluent-emoji-flat", ANIMALS, printed)
    copy_printed_fonts(packages / "@expo-google-fonts" / "ibm-plex-sans", printed)
    return [
        pictures,
        fonts,
        reader,
        vendor,
        write_manifest(idp_static, idp_static / "assets.json"),
        write_manifest(admin_static, vendor / "assets.json"),
    ]


def signs(root: Path) -> tuple[str, ...]:
    """Return the names of the signs of windows and of the pictures of match signs, from the national defaults."""
    data = root / "policies" / "data"
    windows, elevadgang = (
        tomllib.loads((data / name).read_text(encoding="utf-8")) for name in ("windows.toml", "elevadgang.toml")
    )
    return (*windows["signs"], *elevadgang["step_up"]["pictures"])


def write_pictures(package: Path, names: Iterable[str], target: Path) -> None:
    """Write one SVG file for each name of an Iconify set (``icons.json``: name -> ``{"body": SVG content}``)."""
    icons = json.loads(_existing(package / "icons.json").read_text(encoding="utf-8"))
    for name in names:
        if name not in icons["icons"]:
            message = f"{package.name} has no picture named {name}"
            raise AssetMissingError(message)
        icon = icons["icons"][name]
        width, height = icon.get("width", icons["width"]), icon.get("height", icons["height"])
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{icon["body"]}</svg>\n'
        (target / f"{name}.svg").write_text(svg, encoding="utf-8")


def copy_fonts(package: Path, target: Path) -> None:
    """Copy the weights and alphabets of IBM Plex Sans that the login pages use, with their licence."""
    source = package / "dist" / "fonts" / "IBMPlexSans" / "split"
    for name in FONTS:
        _copy(source / "woff2" / name, target / name)
    _copy(source / "woff2" / "license.txt", target / "license.txt")


def copy_dkfds(package: Path, target: Path) -> None:
    """Copy Det Fælles Designsystem: its style sheet, what that refers to, the script, and the licences."""
    source = package / "dist"
    sheet = source / "css" / "dkfds.min.css"
    for reference in sorted(set(_REFERENCE.findall(_existing(sheet).read_text(encoding="utf-8")))):
        referred = (sheet.parent / reference).resolve()
        _copy(referred, target / referred.relative_to(source.resolve()))
    _copy(source / "fonts" / "IBMPlexSans" / "complete" / "woff2" / "license.txt", target / "fonts" / "license.txt")
    for part in ("css/dkfds.min.css", "js/dkfds.min.js", "img/all-svg-icons.svg", "LICENSE.md"):
        _copy(source / part, target / part)


def copy_htmx(package: Path, target: Path) -> None:
    """Copy htmx's script and licence."""
    _copy(package / "dist" / "htmx.min.js", target / "htmx.min.js")
    _copy(package / "LICENSE", target / "LICENSE")


def copy_qr_reader(package: Path, target: Path) -> None:
    """Copy the reader of QR codes with the tables that it imports, and its licence. It is loaded on one page only."""
    for name in ("decode.js", "index.js", "LICENSE-MIT"):
        _copy(package / name, target / name)


def copy_printed_fonts(package: Path, target: Path) -> None:
    """Copy IBM Plex Sans as a PDF takes it, with its licence."""
    for weight in PRINTED_FONTS:
        _copy(package / weight / f"IBMPlexSans_{weight}.ttf", target / f"IBMPlexSans_{weight}.ttf")
    _copy(package / "LICENSE_FONT", target / "license.txt")


def write_manifest(static: Path, manifest: Path) -> Path:
    """Write the version of every file below ``static``, by its path with forward slashes, and return ``manifest``."""
    versions = {
        path.relative_to(static).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:_VERSION_DIGITS]
        for path in sorted(static.rglob("*"))
        if path.is_file() and path != manifest
    }
    manifest.write_text(json.dumps(versions, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_existing(source), target)


def _existing(path: Path) -> Path:
    if not path.is_file():
        message = f"{path} is missing: run npm ci"
        raise AssetMissingError(message)
    return path


def main() -> int:
    """Build the assets of this checkout; print what was written, or what is missing."""
    try:
        written = build()
    except AssetMissingError as missing:
        sys.stderr.write(f"assets: {missing}\n")
        return 1
    for path in written:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
