"""SkoleGrunddata full import (STIL wsaIMPORT, ``UNILoginImport``) as a stream of raw records.

The parser resolves no entity, loads no DTD, opens no address and keeps its limits on depth and size. Any DOCTYPE is
refused before the parser sees it. STIL has not published the namespace of the import document: ours, those of
unilogin.dk and brugerdatabasen.stil.dk, that of the samples, and none are read alike. Below Group and InstitutionPerson an
unknown element is passed over, as a newer schema may have it; above, where it could hide people, it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from lxml import etree

from sync.records import Fault, FileRejected, RawContact, RawGroup, RawHeader, RawIdentity, RawPerson

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sync.records import Fields

NAMESPACE: Final = "urn:skolepas:skolegrunddata:import:1"
"""Ours, until STIL's is known."""
_NAMESPACES: Final = re.compile(
    r"|urn:skolepas:skolegrunddata:import:1|urn:example:skolegrunddata:import"
    r"|https?://([a-z0-9-]+\.)*unilogin\.dk(/.*)?|https?://brugerdatabasen\.stil\.dk(/.*)?",
    re.ASCII,
)
_ENCODINGS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252"})
_DECLARED: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_CHUNK: Final = 1 << 16
_LARGEST_RECORD: Final = 1 << 22
"""Bytes that may pass without one more group or person being whole."""
_LONGEST_PROLOG: Final = 1 << 16

_ROOT: Final = "UNILoginImport"
_KINDS: Final = ("Student", "Employee", "Extern")
_PHONES: Final = ("HomePhoneNumber", "WorkPhoneNumber", "MobilePhoneNumber")

Record = RawHeader | RawGroup | RawPerson


def read(stream: IO[bytes], *, fed: Callable[[bytes], object] | None = None) -> Generator[Record]:
    """Yield the header, then every group and person, with one of them in memory at a time.

    ``fed`` is called with every piece of the file that was read. Raises :class:`FileRejected`, at the latest when the
    file has been read to its end: who wants all or nothing waits for that.
    """
    reader = _Reader()
    for chunk in _safe_chunks(stream, fed):
        yield from reader.feed(chunk)
    yield from reader.close()


def _safe_chunks(stream: IO[bytes], fed: Callable[[bytes], object] | None) -> Iterator[bytes]:
    """Yield the file in pieces, the first one long enough to show that no DOCTYPE stands before the root."""
    head = b""
    while chunk := stream.read(_CHUNK):
        if fed is not None:
            fed(chunk)
        head += chunk
        if _prolog_is_over(head):
            yield head
            break
        if len(head) > _LONGEST_PROLOG:
            raise FileRejected(Fault.NOT_XML)
    else:
        raise FileRejected(Fault.NOT_XML)
    while chunk := stream.read(_CHUNK):
        if fed is not None:
            fed(chunk)
        yield chunk


def _prolog_is_over(head: bytes) -> bool:
    """Say whether the root element begins within ``head`` (XML 1.0, 2.8); refuse a DOCTYPE, and what can hide one."""
    rest = head.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.search(rest.partition(b"?>")[0]) if rest.startswith(b"<?xml") else None
    if declared and declared[1].decode("latin-1").lower() not in _ENCODINGS:
        raise FileRejected(Fault.ENCODING)
    while rest := rest.lstrip(b" \t\r\n"):
        if not b"<!DOCTYPE".startswith(rest[:9]) and not rest.startswith((b"<?", b"<!--")):
            if rest[:1] != b"<" or rest[1:2] in b"!?":
                raise FileRejected(Fault.NOT_XML)
            return True
        if rest.startswith(b"<!DOCTYPE"):
            raise FileRejected(Fault.DOCTYPE)
        _, found, rest = rest[4:].partition(b"-->") if rest.startswith(b"<!--") else rest[2:].partition(b"?>")
        if not found:
            return False
    return False


class _Reader:
    """Feeds the parser and turns whole elements into records."""

    def __init__(self) -> None:
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=("{*}" + _ROOT, "{*}Institution", "{*}Group", "{*}InstitutionPerson"),
            resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        self._institution: etree._Element | None = None
        self._number = ""
        self._header_given = False
        self._unfinished = 0
        self._groups = self._persons = 0

    def feed(self, chunk: bytes) -> Iterator[Record]:
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError:
            raise FileRejected(Fault.NOT_XML) from None
        self._unfinished += len(chunk)
        yield from self._records()
        if self._unfinished > _LARGEST_RECORD:
            raise FileRejected(Fault.RECORD_TOO_LARGE)

    def close(self) -> Iterator[Record]:
        try:
            root = self._parser.close()
        except etree.XMLSyntaxError:
            raise FileRejected(Fault.NOT_XML) from None
        yield from self._records()
        self._check_root(root)
        if self._institution is None:
            raise FileRejected(Fault.NO_INSTITUTION)
        if [_name(child) for child in root] != ["Institution"]:
            raise FileRejected(Fault.ELEMENT_NOT_ALLOWED, _ROOT)
        self._take_siblings(self._institution)
        if not self._header_given:
            yield self._header()

    def _records(self) -> Iterator[Record]:
        for event, element in self._parser.read_events():
            if not isinstance(element, etree._Element):  # noqa: SLF001 (lxml names its element class so)
                continue
            if event == "start":
                self._begin(element)
            else:
                yield from self._end(element)

    def _begin(self, element: etree._Element) -> None:
        parent = element.getparent()
        if parent is None:
            self._check_root(element)
        elif _name(element) == "Institution" and parent.getparent() is None:
            self._check_root(parent)
            if self._institution is not None:
                raise FileRejected(Fault.TWO_INSTITUTIONS)
            self._institution = element

    def _end(self, element: etree._Element) -> Iterator[Record]:
        parent = element.getparent()
        name = _name(element)
        if parent is None or parent is not self._institution or name not in {"Group", "InstitutionPerson"}:
            return
        self._take_siblings(parent, before=element)
        if not self._header_given:
            yield self._header()
        self._unfinished = 0
        if name == "Group":
            if self._persons:
                raise FileRejected(Fault.ELEMENT_NOT_ALLOWED, name)
            self._groups += 1
            yield _group(element, self._groups)
        else:
            self._persons += 1
            yield _person(element, self._persons)
        element.clear()

    def _check_root(self, root: etree._Element) -> None:
        if root.getroottree().docinfo.internalDTD is not None:
            raise FileRejected(Fault.DOCTYPE)
        if _name(root) != _ROOT:
            raise FileRejected(Fault.WRONG_ROOT)

    def _take_siblings(self, institution: etree._Element, before: etree._Element | None = None) -> None:
        """Forget what stands before ``before``; read the institution's number on the way; refuse what is unknown."""
        while len(institution) and institution[0] is not before:
            name = _name(institution[0])
            if name == "InstitutionNumber" and not self._number:
                self._number = _text(institution[0])
            elif name not in {"InstitutionName", "Group", "InstitutionPerson"}:
                raise FileRejected(Fault.ELEMENT_NOT_ALLOWED, "Institution")
            del institution[0]

    def _header(self) -> RawHeader:
        assert self._institution is not None  # noqa: S101 (an element inside it was met)
        root = self._institution.getparent()
        assert root is not None  # noqa: S101 (checked when it began)
        if not self._number:
            raise FileRejected(Fault.NO_INSTITUTION)
        names = ("source", "sourceDateTime", "schoolYear")
        source, source_datetime, school_year = (" ".join(str(root.get(name, "")).split()) for name in names)
        for name, value in zip(names, (source, source_datetime, school_year), strict=True):
            if not value:
                raise FileRejected(Fault.ATTRIBUTE_MISSING, name)
        self._header_given = True
        return RawHeader(self._number, source, source_datetime, school_year)


def _name(element: etree._Element) -> str:
    return _local_name(str(element.tag))


@lru_cache(maxsize=512)
def _local_name(tag: str) -> str:
    """Return the local name when the namespace is one of those we read, else nothing."""
    namespace, _, name = tag.rpartition("}")
    return name if _NAMESPACES.fullmatch(namespace.removeprefix("{")) else ""


def _text(element: etree._Element) -> str:
    text = element.text
    if not text:
        return ""
    text = " ".join(text.split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _fields(element: etree._Element, *, attributes: tuple[str, ...] = ()) -> tuple[Fields, str]:
    """Return the texts of the children by name, and the name of one that was given twice."""
    fields = {f"@{name}": value.strip() for name in attributes if (value := element.get(name)) is not None}
    repeated = ""
    for child in element:
        name = _name(child)
        if name in fields:
            repeated = name
        fields[name] = _text(child)
    return fields, repeated


def _group(element: etree._Element, position: int) -> RawGroup:
    fields, repeated = _fields(element)
    return RawGroup(position, fields, repeated)


def _identity(element: etree._Element) -> RawIdentity:
    fields, repeated = _fields(element, attributes=("protected",))
    for child in element:
        name = _name(child)
        if name == "Address":
            inner, again = _fields(child)
            fields.update({f"Address.{key}": value for key, value in inner.items()})
            repeated = repeated or again
        elif name in _PHONES:
            fields[f"{name}@protected"] = str(child.get("protected", "")).strip()
    return RawIdentity(fields, repeated)


def _person(element: etree._Element, position: int) -> RawPerson:
    children: dict[str, etree._Element] = {}
    repeated = ""
    for child in element:
        name = _name(child)
        if name in children and name:
            repeated = name
        children[name] = child
    kinds = [name for name in _KINDS if name in children]
    local_id = _text(children["LocalPersonId"]) if "LocalPersonId" in children else ""
    identity = _identity(children["Person"]) if "Person" in children else None
    if len(kinds) != 1:
        return RawPerson(position, local_id, "", identity, {}, repeated=repeated)
    fields: Fields = {}
    roles, groups, contacts = [], [], []
    for child in children[kinds[0]]:
        match name := _name(child):
            case "Role":
                roles.append(_text(child))
            case "GroupId":
                groups.append(_text(child))
            case "ContactPerson":
                contacts.append(_contact(child))
            case _:
                repeated = name if name and name in fields else repeated
                fields[name] = _text(child)
    return RawPerson(
        position, local_id, kinds[0], identity, fields, tuple(roles), tuple(groups), tuple(contacts), repeated
    )  # fmt: skip


def _contact(element: etree._Element) -> RawContact:
    names = ("relation", "childCustody", "accessLevel")
    fields = {name: " ".join(value.split()) for name in names if (value := element.get(name)) is not None}
    people = [child for child in element if _name(child) == "Person"]
    return RawContact(fields, _identity(people[0]) if len(people) == 1 else None)
