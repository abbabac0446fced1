"""A small browser without JavaScript: it keeps cookies, follows redirects on the site, and fills in the forms it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bs4 import Tag
    from flask import Flask

SITE = "http://localhost:8080"
MOST_REDIRECTS = 10


@dataclass
class Page:
    """What the browser shows. After a redirect to another site ``address`` is there and ``status`` is the redirect's."""

    address: str
    status: int
    headers: Mapping[str, str]
    body: str
    trail: list[tuple[str, int]] = field(default_factory=list)
    """The redirects on the way: (where from, status)."""

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @property
    def step(self) -> str:
        """The last part of the address of a login page."""
        return self.path.rpartition("/")[2]

    @property
    def heading(self) -> str:
        found = self.soup.find("h1")
        return found.get_text(" ", strip=True) if found else ""

    @property
    def error(self) -> str:
        found = self.soup.find(role="alert")
        return found.get_text(" ", strip=True) if found else ""

    @property
    def form(self) -> Tag:
        found = self.soup.select_one("main form") or self.soup.select_one("form")
        assert found is not None, f"no form on {self.address}: {self.body}"
        return found

    def values(self, attribute: str) -> dict[str, str]:
        """Stable name -> value of the form's inputs and buttons that carry ``data-picture`` or ``data-sign``."""
        return {str(tag[attribute]): str(tag["value"]) for tag in self.form.find_all(attrs={attribute: True})}

    def link(self, words: str) -> str:
        """The address of the link with these words."""
        for tag in self.soup.find_all("a"):
            if words in tag.get_text(" ", strip=True):
                return urljoin(self.address, str(tag["href"]))
        raise AssertionError(f"no link {words!r} on {self.address}: {self.body}")


class Browser:
    """One browser with its own cookies, at one network address."""

    def __init__(
        self, app: Flask, *, address: str = "192.0.2.7", languages: str = "da", agent: str = "Firefox Windows"
    ) -> None:
        self._client = app.test_client()
        self._environ = {"REMOTE_ADDR": address}
        self._headers = {"Accept-Language": languages, "User-Agent": agent}

    def open(self, address: str, *, follow: bool = True, headers: dict[str, str] | None = None) -> Page:
        return self._ask("GET", urljoin(SITE, address), follow=follow, headers=headers)

    def post(
        self,
        address: str,
        data: Sequence[tuple[str, str]],
        *,
        follow: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Page:
        return self._ask("POST", urljoin(SITE, address), data=data, follow=follow, headers=headers)

    def send(self, address: str, body: bytes, content_type: str, *, follow: bool = True) -> Page:
        """Send a body that no form of ours makes."""
        return self._ask(
            "POST", urljoin(SITE, address), data=body, follow=follow, headers={"Content-Type": content_type}
        )

    def submit(self, page: Page, *fields: tuple[str, str], follow: bool = True) -> Page:
        """Send the page's form with its hidden inputs and ``fields``."""
        hidden = [(str(tag["name"]), str(tag["value"])) for tag in page.form.find_all("input", type="hidden")]
        return self.post(urljoin(page.address, str(page.form["action"])), [*hidden, *fields], follow=follow)

    def type_username(self, page: Page, name: str) -> Page:
        assert page.form.find("input", attrs={"name": "username"}), page.body
        return self.submit(page, ("username", name))

    def type_code(self, page: Page, code: str, *, follow: bool = True) -> Page:
        assert page.form.find("input", attrs={"name": "password"}), page.body
        return self.submit(page, ("password", code), follow=follow)

    def tap(self, page: Page, pictures: str, *, rows: bool = True, follow: bool = True) -> Page:
        """Choose pictures by their stable names, in the rows of radio buttons or (``rows=False``) as the script does."""
        values = page.values("data-picture")
        chosen = [values[name] for name in pictures.split()]
        names = [f"picture{place}" for place in range(1, len(chosen) + 1)] if rows else ["picture"] * len(chosen)
        return self.submit(page, *zip(names, chosen, strict=True), follow=follow)

    def pick_sign(self, page: Page, sign: str) -> Page:
        return self.submit(page, ("sign", page.values("data-sign")[sign]))

    def twin(self) -> Browser:
        """Return another browser with the same cookies, as they are now: a second tab that sends at the same time."""
        other = Browser(self._client.application)
        other._environ, other._headers = self._environ, self._headers
        other._client._cookies = dict(self._client._cookies or {})
        return other

    def cookie(self, name: str) -> str | None:
        found = self._client.get_cookie(name, domain="localhost")
        return found.value if found else None

    def set_cookie(self, name: str, value: str) -> None:
        self._client.set_cookie(name, value, domain="localhost")

    def forget(self, name: str) -> None:
        self._client.delete_cookie(name, domain="localhost")

    def _ask(
        self,
        method: str,
        address: str,
        *,
        data: Sequence[tuple[str, str]] | bytes | None = None,
        follow: bool,
        headers: dict[str, str] | None = None,
    ) -> Page:
        trail: list[tuple[str, int]] = []
        while len(trail) < MOST_REDIRECTS:
            answer = self._client.open(
                address, method=method, data=_as_sent(data), headers={**self._headers, **(headers or {})},
                environ_overrides=self._environ, base_url=None,
            )  # fmt: skip
            page = Page(address, answer.status_code, answer.headers, answer.get_data().decode(errors="replace"), trail)
            answer.close()
            where = answer.headers.get("Location")
            if where is None or answer.status_code not in {301, 302, 303, 307, 308}:
                return page
            trail.append((address, answer.status_code))
            address = urljoin(address, where)
            if not follow or not address.startswith(f"{SITE}/"):
                return Page(address, answer.status_code, answer.headers, page.body, trail)
            method, data = "GET", None
        raise AssertionError(f"the site sends the browser in a circle: {trail}")


def _as_sent(data: Sequence[tuple[str, str]] | bytes | None) -> dict[str, list[str]] | bytes | None:
    if isinstance(data, bytes):
        return data
    fields: dict[str, list[str]] = {}
    for name, value in data or ():
        fields.setdefault(name, []).append(value)
    return fields or None
