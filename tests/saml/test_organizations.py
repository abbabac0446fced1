"""Whom an institution belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.usecases.organizations import Organization, organization_at, set_organization
from tests import recipes

if TYPE_CHECKING:
    from idp.usecases.system import System


def test_an_institution_belongs_to_the_organisation_that_was_named_and_keeps_its_other_settings(system: System) -> None:
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        asta = recipes.a_pupil(db, system, school)
        assert organization_at(db, asta.affiliation_id) is None
        for name in ("Eksempel  Kommune", "Nabo Kommune"):
            assert set_organization(db, system, school.number, Organization(cvr="12345678", name=name))
        assert organization_at(db, asta.affiliation_id) == Organization(cvr="12345678", name="Nabo Kommune")
        assert not set_organization(db, system, "ZZZZZZ", Organization(cvr="12345678", name="Ingen"))
        with pytest.raises(ValueError, match="eight digits"):
            set_organization(db, system, school.number, Organization(cvr="1234", name="Ingen"))
