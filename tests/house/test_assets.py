"""The assets built from the npm packages: ``python -m admin_ui.cli.assets``."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from admin_ui.cli.assets import FONTS, PRINTED_FONTS, ROOT, AssetMissingError, build, signs
from policies.cards import ANIMALS
from policies.pictures import PICTURES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}svg"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose npm packages hold just enough: small icons, and a style sheet that refers to two files."""
    (tmp_path / "policies" / "data").mkdir(parents=True)
    for name in ("windows.toml", "elevadgang.toml"):
        shutil.copy(ROOT / "policies" / "data" / name, tmp_path / "policies" / "data")
    for folder in ("idp/static", "admin_ui/static"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "idp" / "static" / "login.css").write_text("body {}")
    body = '<path d="M0 0h32v32z"/>'
    write_icons(tmp_path, {name: {"body": body} for name in (*PICTURES, *signs(tmp_path), *ANIMALS)})
    dist = tmp_path / "node_modules" / "dkfds" / "dist"
    sheet = 'a{background:url(../img/svg-icons/check.svg)}@font-face{src:url("../fonts/a.woff2")}b{src:url(data:x)}'
    texts = {
        "css/dkfds.min.css": sheet,
        "js/dkfds.min.js": "//",
        "img/svg-icons/check.svg": "<svg/>",
        "img/svg-icons/unused.svg": "<svg/>",
        "img/all-svg-icons.svg": "<svg/>",
        "fonts/a.woff2": "font",
        "LICENSE.md": "MIT",
        "fonts/IBMPlexSans/complete/woff2/license.txt": "OFL",
        "fonts/IBMPlexSans/split/woff2/license.txt": "OFL",
    } | {f"fonts/IBMPlexSans/split/woff2/{font}": font for font in FONTS}
    packages = tmp_path / "node_modules"
    files = {dist / name: text for name, text in texts.items()}
    files |= {packages / "htmx.org" / name: "//" for name in ("dist/htmx.min.js", "LICENSE")}
    files |= {packages / "qr" / name: "//" for name in ("decode.js", "index.js", "LICENSE-MIT")}
    plex = packages / "@expo-google-fonts" / "ibm-plex-sans"
    files |= {plex / weight / f"IBMPlexSans_{weight}.ttf": weight for weight in PRINTED_FONTS}
    for path, text in (files | {plex / "LICENSE_FONT": "OFL"}).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def write_icons(checkout: Path, icons: Mapping[str, Mapping[str, str]]) -> None:
    """Put an Iconify set with these icons among the packages."""
    package = checkout / "node_modules" / "@iconify-json" / "fluent-emoji-flat"
    package.mkdir(parents=True, exist_ok=True)
    (package / "icons.json").write_text(json.dumps({"width": 32, "height": 32, "icons": icons}))


def everything_below(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_picture_of_a_code_and_every_sign_becomes_a_picture_file(checkout: Path) -> None:
    build(checkout)
    pictures = checkout / "idp" / "static" / "pictures"
    assert {path.stem for path in pictures.iterdir()} == {*PICTURES, *signs(checkout)}
    for path in pictures.iterdir():
        drawing = ET.fromstring(path.read_text())  # noqa: S314 (our own file)
        assert drawing.tag == SVG
        assert drawing.get("viewBox") == "0 0 32 32"


def test_building_twice_writes_the_same_bytes(checkout: Path) -> None:
    build(checkout)
    once = everything_below(checkout)
    build(checkout)
    assert everything_below(checkout) == once


def test_a_file_that_a_new_build_does_not_need_goes_away(checkout: Path) -> None:
    build(checkout)
    left_over = checkout / "idp" / "static" / "pictures" / "police-officer.svg"
    left_over.write_text("<svg/>")
    build(checkout)
    assert not left_over.exists()


def test_what_the_design_systems_style_sheet_refers_to_comes_along_and_nothing_more(checkout: Path) -> None:
    build(checkout)
    vendor = checkout / "admin_ui" / "static" / "vendor" / "dkfds"
    assert (vendor / "img" / "svg-icons" / "check.svg").is_file()
    assert (vendor / "fonts" / "a.woff2").is_file()
    assert not (vendor / "img" / "svg-icons" / "unused.svg").exists()


def test_the_manifest_names_every_static_file_and_changes_with_its_content(checkout: Path) -> None:
    build(checkout)
    static = checkout / "idp" / "static"
    before = json.loads((static / "assets.json").read_text())
    assert set(before) == set(everything_below(static)) - {"assets.json"}
    (static / "login.css").write_text("body { margin: 0 }")
    build(checkout)
    after = json.loads((static / "assets.json").read_text())
    assert {name for name in after if after[name] != before[name]} == {"login.css"}


def test_a_picture_that_the_package_lacks_is_named(checkout: Path) -> None:
    write_icons(checkout, {name: {"body": ""} for name in PICTURES if name != "cat"})
    with pytest.raises(AssetMissingError, match="no picture named cat"):
        build(checkout)


def test_a_missing_package_says_what_to_run(checkout: Path) -> None:
    shutil.rmtree(checkout / "node_modules" / "htmx.org")
    with pytest.raises(AssetMissingError, match="run npm ci"):
        build(checkout)
