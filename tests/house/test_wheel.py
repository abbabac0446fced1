"""The wheel holds the whole product: code, templates, policies, migrations, assets and compiled texts; and no tests."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.house.tree import ROOT, files

PACKAGES = {"idp", "admin_ui", "sync", "policies"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of everything in a wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("skolepas-*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_every_file_of_the_packages_is_in_the_wheel(wheel: set[str]) -> None:
    ours = {path.as_posix() for path in files() if path.parts[0] in PACKAGES}
    assert len(ours) > 100
    assert ours - wheel == set()


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: set[str]) -> None:
    tops = {PurePosixPath(name).parts[0] for name in wheel}
    assert {top for top in tops if not top.startswith("skolepas-")} == PACKAGES


def test_what_is_built_is_in_the_wheel(wheel: set[str]) -> None:
    built = [
        "idp/translations/da/LC_MESSAGES/messages.mo",
        "admin_ui/translations/da/LC_MESSAGES/messages.mo",
        "idp/static/assets.json",
        "idp/static/pictures/house.svg",
        "admin_ui/static/vendor/assets.json",
        "admin_ui/static/vendor/htmx/htmx.min.js",
        "admin_ui/static/vendor/print/fox.svg",
        "idp/static/qr/decode.js",
    ]
    assert [name for name in built if not Path(ROOT / name).exists()] == [], (
        "run ./do step-assets, ./do step-catalogues"
    )
    assert set(built) - wheel == set()
