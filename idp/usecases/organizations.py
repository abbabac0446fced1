"""Whom an institution belongs to: the organisation with a CVR number that employs its staff, such as the municipality."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.store import institutions as store
from idp.store.affiliations import settings_where_attached

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

KEY: Final = "organization"
"""Where an institution's settings keep it."""
_CVR: Final = re.compile(r"[0-9]{8}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Organization:
    """An organisation in Denmark's register of businesses (Det Centrale Virksomhedsregister)."""

    cvr: str
    name: str


def organization_at(db: Session, affiliation_id: int) -> Organization | None:
    """Return the organisation of an attachment's institution; None where nobody has said it. One statement."""
    kept = (settings_where_attached(db, affiliation_id) or {}).get(KEY)
    return Organization(cvr=kept["cvr"], name=kept["name"]) if kept else None


def set_organization(db: Session, system: System, number: str, organization: Organization) -> bool:
    """Say whom an institution belongs to; False when there is no such institution. Raises ValueError on a wrong CVR number."""
    if _CVR.fullmatch(organization.cvr) is None:
        raise ValueError("a CVR number is eight digits")
    institution = store.find_institution(db, number)
    if institution is None:
        return False
    kept = store.institution_settings(db, institution.id, lock=True)
    said = {"cvr": organization.cvr, "name": " ".join(organization.name.split())}
    store.keep_settings(db, institution.id, {**(kept.settings if kept else {}), KEY: said})
    system.record(
        db,
        AuditEvent.INSTITUTION_ORGANIZATION_SET,
        institution_id=institution.id,
        facts={"cvr": organization.cvr, "actor": "operator"},
    )
    return True
