"""What no form of ours sends: one corpus for every page and every route that takes a form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.opponents.browser import Page

FORM: Final = "application/x-www-form-urlencoded"

VALUES: Final[dict[str, bytes]] = {
    "empty": b"",
    "blanks": b"%20%09%0D%0A",
    "a megabyte": b"x" * (1 << 20),
    "long": b"x" * 100_000,
    "NUL": b"a%00b",
    "emoji": "👩‍👩‍👧🦙".encode(),
    "right to left": quote("\u202e\u2067kode\u200f").encode(),
    "a lone surrogate": b"%ED%A0%80",
    "malformed UTF-8": b"%FF%FE%C3",
    "half a percent sign": b"%E",
    "raw bytes": b"\xff\xfe\x00",
    "a number": b"-9223372036854775809",
    "markup": quote("<script>alert(1)</script>\"'").encode(),
    "combining": quote("a" + "\u0301" * 500).encode(),
}
"""Name -> a value as it stands in a form, percent signs and all."""


def bodies(fields: Iterable[str]) -> Iterator[tuple[str, bytes, str]]:
    """Yield (what it is, body, content type) for a form with these fields."""
    names = [quote(name).encode() for name in fields]
    for told, value in VALUES.items():
        yield told, b"&".join(name + b"=" + value for name in names), FORM
    yield "nothing", b"", FORM
    yield "names only", b"&".join(names), FORM
    yield "fields twice", b"&".join(name + b"=1&" + name + b"=2" for name in names), FORM
    yield "arrays", b"&".join(name + b"[]=1" for name in names), FORM
    yield "many fields", b"&".join(b"f%d=1" % n for n in range(2000)), FORM
    yield "JSON", json.dumps({name: ["1"] for name in fields}).encode(), "application/json"
    yield "a JSON list", b"[5]", "application/json"
    yield "JSON numbers", json.dumps(dict.fromkeys(fields, 5)).encode(), "application/json"
    yield "plain text", b"hello", "text/plain"
    yield "no multipart", b"hello", "multipart/form-data; boundary=x"
    yield "multipart without a boundary", b"--x--", "multipart/form-data"
    file = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a\x00b"\r\n\r\n%%\xff\r\n--x--\r\n'
    yield "a file", b"".join(file % name for name in names), "multipart/form-data; boundary=x"
    yield "another alphabet", b"&".join(name + b"=\xe6\xf8\xe5" for name in names), f"{FORM}; charset=utf-16"


FROM_ELSEWHERE: Final[tuple[dict[str, str], ...]] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8080"},
)
"""What a browser says of a form on a page that is not ours."""


def leads_on(page: Page) -> bool:
    """Say whether a page has words and a way on: a form, or a link that is not the language's. The front page is one."""
    soup = page.soup
    if page.path == "/":
        return bool(page.heading)
    links = [tag for tag in soup.find_all("a") if not str(tag.get("href", "")).startswith("/language")]
    return bool(page.heading) and bool(links or soup.find("form"))
