"""One XML document from somebody we do not trust yet, parsed so that every reader of it sees the same.

Nothing is fetched and nothing expanded. A DOCTYPE, and any character set but UTF-8, are refused before the parser sees them, and what
would keep a canonicalization busy (attributes and namespaces by the thousand) before anything is canonicalized.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from idp.errors import SkolepasError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

_XML_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"
_IDS: Final = frozenset({"ID", "Id", "id"})
_MOST_ATTRIBUTES: Final = 100
"""Of one element; SAML's have some ten."""
_MOST_NAMESPACES: Final = 100
"""Declared by an element and those around it. Canonicalization takes the square of either number."""
_HAS_MANY_ATTRIBUTES: Final = etree.XPath(f"boolean(//*[@*[{_MOST_ATTRIBUTES + 1}]])")


class NotADocument(SkolepasError):
    """What came cannot be read. The text is a sentence for whoever sent it; it quotes nothing of what came."""


def parse_document(document: bytes, *, largest: int) -> Element:
    """Return the root of a document of at most ``largest`` bytes. Raises :class:`NotADocument`."""
    if len(document) > largest:
        raise NotADocument(f"The document is larger than {largest} bytes.")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotADocument("The document is not UTF-8.") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotADocument("The document has a DOCTYPE, which SAML forbids (saml2int SDP-G03).")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, encoding="utf-8", collect_ids=False
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as fault:
        raise NotADocument(f"The document is not XML: {fault.msg}.") from None
    if _HAS_MANY_ATTRIBUTES(root):
        raise NotADocument(f"An element of the document has more than {_MOST_ATTRIBUTES} attributes.")
    if text.count("xmlns") > _MOST_NAMESPACES and _has_many_namespaces(root):
        raise NotADocument(f"An element of the document has more than {_MOST_NAMESPACES} namespaces.")
    return root


def parse_message(document: bytes, *, largest: int) -> Element:
    """Return the root of a protocol message. Raises :class:`NotADocument`.

    Beside the above it has no comment, which would cut a text short for some readers, no processing instruction, and no two
    elements of one ID, of which a signature could mean the one and a reader the other.
    """
    root = parse_document(document, largest=largest)
    seen: set[str] = set()
    for node in _every(root):
        if not isinstance(node.tag, str):
            raise NotADocument("The message has a comment or a processing instruction.")
        for name in node.attrib:
            if name == _XML_ID:
                raise NotADocument("The message has an xml:id.")
            if name in _IDS:
                known = str(node.attrib[name])
                if known in seen:
                    raise NotADocument("Two elements of the message have the same ID.")
                seen.add(known)
    return root


def _has_many_namespaces(root: Element) -> bool:
    declared = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        declared += 1 if event == "start-ns" else -1
        if declared > _MOST_NAMESPACES:
            return True
    return False


def _every(root: Element) -> Iterator[Element]:
    """Yield what stands beside the root too."""
    yield from root.itersiblings(preceding=True)
    yield from root.itersiblings()
    yield from root.iter()
