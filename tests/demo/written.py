"""The demo's files as a test reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import etree

from admin_ui.demo.source_xml import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from admin_ui.demo.municipality import DemoMunicipality

SCHOOL_STARTS = datetime(2026, 8, 10, 6, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Written:
    """The plan and the parsed documents by institution number."""

    municipality: DemoMunicipality
    documents: dict[str, etree._Element]

    def every(self, tag: str) -> Iterator[etree._Element]:
        for root in self.documents.values():
            yield from root.iter(f"{{{NAMESPACE}}}{tag}")

    def all_in(self, number: str, path: str) -> list[etree._Element]:
        return self.documents[number].xpath(path, namespaces={"s": NAMESPACE})

    def person(self, number: str, local_id: str) -> etree._Element:
        (found,) = self.all_in(number, f"//s:InstitutionPerson[s:LocalPersonId='{local_id}']")
        return found


def text(element: etree._Element, path: str) -> str | None:
    """The text at ``path`` (names separated by slashes), or None."""
    return element.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


def names_in(element: etree._Element) -> list[str]:
    """The names of the children, in order, without namespace."""
    return [etree.QName(child).localname for child in element]
