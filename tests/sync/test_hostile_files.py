"""Files that are no deliveries: each is rejected as a whole, with its reason, and nothing changes."""

from __future__ import annotations

import io
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from sync.read.skolegrunddata_xml import read
from sync.records import Fault, FileRejected, RawHeader
from tests.recipes.deliveries import a_delivery, a_group_element, a_pupil_element, cpr

if TYPE_CHECKING:
    from sync.records import RawGroup, RawPerson

GOOD = a_delivery(a_group_element("1a"), a_pupil_element("el-1", cpr(1)))
BODY = GOOD.partition("?>")[2]
LAUGHS = (
    '<!DOCTYPE UNILoginImport [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    + GOOD.replace("Asta", "&c;").partition("?>")[2]
)
OUTSIDE = '<!DOCTYPE UNILoginImport [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + BODY.replace("Asta", "&x;")

HOSTILE: dict[str, tuple[bytes, Fault]] = {
    "nothing": (b"", Fault.NOT_XML),
    "only blanks": (b" \n ", Fault.NOT_XML),
    "no XML": (b"LocalPersonId;FirstName\n1;Asta\n", Fault.NOT_XML),
    "JSON": (b'{"people": []}', Fault.NOT_XML),
    "cut off": (GOOD.encode()[:-40], Fault.NOT_XML),
    "cut off in a letter": (GOOD.encode()[: GOOD.encode().index(b"\xc3") + 1], Fault.NOT_XML),
    "something after the end": (GOOD.encode() + b"<more/>", Fault.NOT_XML),
    "an unknown entity": (GOOD.replace("Asta", "&nbsp;").encode(), Fault.NOT_XML),
    "an entity bomb": (LAUGHS.encode(), Fault.DOCTYPE),
    "an entity from outside": (OUTSIDE.encode(), Fault.DOCTYPE),
    "an empty DOCTYPE": (b"<!DOCTYPE UNILoginImport>" + BODY.encode(), Fault.DOCTYPE),
    "a DOCTYPE behind comments": (b"<?xml version='1.0'?>\n<!-- a --><?b?> <!DOCTYPE x>" + BODY.encode(), Fault.DOCTYPE),
    "a DOCTYPE behind a byte order mark": (b"\xef\xbb\xbf<!DOCTYPE x>" + BODY.encode(), Fault.DOCTYPE),
    "a DOCTYPE in UTF-16": (("<!DOCTYPE x>" + BODY).encode("utf-16"), Fault.NOT_XML),
    "UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?>' + BODY.encode(), Fault.ENCODING),
    "an encoding behind another attribute": (
        b'<?xml version="1.0>" encoding="UTF-16"?>' + BODY.encode(), Fault.ENCODING
    ),
    "another encoding than declared": (GOOD.encode("iso-8859-1"), Fault.NOT_XML),
    "another root": (GOOD.replace("UNILoginImport", "UNILoginExportFull").encode(), Fault.WRONG_ROOT),
    "another namespace": (a_delivery(namespace="https://example.org/import").encode(), Fault.WRONG_ROOT),
    "nearly our namespace": (a_delivery(namespace="https://unilogin.dk.example.org/").encode(), Fault.WRONG_ROOT),
    "HTML": (b"<html><body>Log ind</body></html>", Fault.WRONG_ROOT),
    "an empty root": (b"<UNILoginImport/>", Fault.NO_INSTITUTION),
    "no institution number": (
        GOOD.replace("InstitutionNumber>", "InstitutionName>").encode(), Fault.NO_INSTITUTION
    ),
    "two institutions": (
        GOOD.replace("</Institution>", "</Institution><Institution></Institution>").encode(), Fault.TWO_INSTITUTIONS
    ),
    "two institution numbers": (
        GOOD.replace("<InstitutionName>", "<InstitutionNumber>X00A02</InstitutionNumber><InstitutionName>").encode(),
        Fault.ELEMENT_NOT_ALLOWED,
    ),
    "no source": (GOOD.replace(" source=", " sauce=").encode(), Fault.ATTRIBUTE_MISSING),
    "no time": (GOOD.replace("sourceDateTime=", "sourceTime=").encode(), Fault.ATTRIBUTE_MISSING),
    "a misspelt person": (GOOD.replace("InstitutionPerson>", "InstitutionPersson>").encode(), Fault.ELEMENT_NOT_ALLOWED),
    "a person beside the institution": (
        GOOD.replace("</Institution>", "</Institution><InstitutionPerson/>").encode(), Fault.ELEMENT_NOT_ALLOWED
    ),
    "a group after persons": (
        a_delivery(a_pupil_element("el-1", cpr(1)), a_group_element("1a")).encode(), Fault.ELEMENT_NOT_ALLOWED
    ),
    "very deep": (GOOD.replace("Asta", "<a>" * 5000 + "</a>" * 5000).encode(), Fault.NOT_XML),
    "one very large person": (
        GOOD.replace("</Student>", "<GroupId>x</GroupId>" * 400_000 + "</Student>").encode(), Fault.RECORD_TOO_LARGE
    ),
    "a very long text": (GOOD.replace("Asta", "A" * 12_000_000).encode(), Fault.RECORD_TOO_LARGE),
    "a very long comment": (b"<!--" + b"a" * 200_000 + b"-->" + BODY.encode(), Fault.NOT_XML),
}  # fmt: skip


def records_of(document: bytes) -> list[RawHeader | RawGroup | RawPerson]:
    return list(read(io.BytesIO(document)))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_delivery_is_refused_with_its_reason(name: str) -> None:
    document, fault = HOSTILE[name]
    with pytest.raises(FileRejected) as refused:
        records_of(document)
    assert refused.value.fault is fault


def test_a_doctype_that_hides_in_an_odd_comment_is_refused() -> None:
    # <!--> does not end a comment, whatever it looks like.
    hidden = b"<!--><UNILoginImport> --><!DOCTYPE UNILoginImport>" + BODY.encode()
    with pytest.raises(FileRejected) as refused:
        records_of(hidden)
    assert refused.value.fault is Fault.DOCTYPE


@pytest.mark.parametrize(
    "namespace",
    [
        "urn:skolepas:skolegrunddata:import:1",
        "urn:example:skolegrunddata:import",
        "https://wsaimport.unilogin.dk/import",
        "https://unilogin.dk/data",
        "https://brugerdatabasen.stil.dk/bpi/wsaimport/8",
        "",
    ],
)
def test_the_namespaces_in_use_are_read_alike(namespace: str) -> None:
    document = a_delivery(a_group_element("1a"), a_pupil_element("el-1", cpr(1)), namespace=namespace)
    assert records_of(document.encode())[1:] == records_of(GOOD.encode())[1:]


def test_elements_may_come_from_several_of_the_namespaces_as_in_the_export() -> None:
    document = GOOD.replace(
        "<LocalPersonId>", '<b:LocalPersonId xmlns:b="https://brugerdatabasen.stil.dk/bpi/common/3">'
    )
    document = document.replace("</LocalPersonId>", "</b:LocalPersonId>")
    assert records_of(document.encode())[2] == records_of(GOOD.encode())[2]


def test_a_file_in_iso_8859_1_keeps_its_letters() -> None:
    document = GOOD.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1")
    assert records_of(document) == records_of(GOOD.encode())


def test_nothing_of_a_record_stays_in_memory_when_the_next_is_read() -> None:
    people = "".join(a_pupil_element(f"el-{n}", cpr(n % 1000)) for n in range(4000))
    stream = io.BytesIO(a_delivery(people).encode())
    tracemalloc.start()
    count = sum(1 for _ in read(stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4001
    assert peak < 2_000_000
