"""The demo municipality, written once for all tests of its files."""

from __future__ import annotations

import pytest
from lxml import etree

from admin_ui.demo.municipality import plan_municipality
from admin_ui.demo.source_xml import write_files
from tests.demo.written import SCHOOL_STARTS, Written


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    municipality = plan_municipality()
    paths = write_files(municipality, tmp_path_factory.mktemp("demo"), source_datetime=SCHOOL_STARTS)
    return Written(municipality, {path.stem: etree.parse(str(path)).getroot() for path in paths})
