"""A visitor of several sites at once: redirects from site to site, and the provider's forms filled in.

All sites of a run are on one machine, so each address with a port has a jar of cookies of its own, as hosts have.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urljoin

import httpx
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    import ssl

    from bs4 import Tag

    from tests.recipes import Someone

MOST_STEPS: Final = 30


class Lost(Exception):
    """A step did not end where it should. Says where it did."""


@dataclass(frozen=True)
class Page:
    """Where the visitor stands."""

    address: str
    status: int
    body: str
    asked: tuple[str, ...] = ()
    """The names of the fields that were filled in on the way."""

    @property
    def said(self) -> str:
        heading = BeautifulSoup(self.body, "html.parser").find("h1")
        return f"{self.status} at {self.address}: {heading.get_text(' ', strip=True) if heading else self.body[:200]!r}"

    def json(self) -> dict[str, Any]:
        """What a service's page says in JSON. Raises :class:`Lost`."""
        try:
            told: dict[str, Any] = json.loads(self.body)
        except ValueError:
            raise Lost(self.said) from None
        return told


class Visitor:
    """One browser and the person who sits before it."""

    def __init__(self, someone: Someone, trusting: ssl.SSLContext, issuer: str) -> None:
        self._someone, self._issuer = someone, issuer
        self._trusting = trusting
        self._jars: dict[str, httpx.Client] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for jar in self._jars.values():
            jar.close()

    def open(self, address: str) -> Page:
        """Go to an address and on, through every redirect and every form of the login, until a page stands still."""
        return self._go("GET", address)

    def press(self, address: str) -> Page:
        """Press a button of the service's own page."""
        return self._go("POST", address, {})

    def forget(self, address: str) -> None:
        """Lose what a site keeps here."""
        self._at(address).cookies.clear()

    def _at(self, address: str) -> httpx.Client:
        origin = _origin(address)
        if origin not in self._jars:
            headers = {"Accept-Language": "en", "Accept": "text/html"}
            self._jars[origin] = httpx.Client(verify=self._trusting, timeout=30, headers=headers)
        return self._jars[origin]

    def _go(self, method: str, address: str, fields: dict[str, str] | None = None) -> Page:
        asked: list[str] = []
        came_from: str | None = None
        for _ in range(MOST_STEPS):
            headers = _of_a_form(came_from or address, address) if method == "POST" else {}
            answer = self._at(address).request(method, address, data=fields, headers=headers)
            where = answer.headers.get("Location")
            if answer.is_redirect and where is not None:
                method, fields, address = "GET", None, urljoin(address, where)
                continue
            page = Page(address, answer.status_code, answer.text, tuple(asked))
            ours = address.startswith(f"{self._issuer}/")
            link = _next_service(page) if ours else None
            if link is not None:
                method, fields, address = "GET", None, urljoin(address, link)
                continue
            form = (_login_form(page) or _sent_by_itself(page)) if ours else None
            if form is None:
                return page
            fields = self._filled(form)
            asked += [name for name in ("username", "password") if name in fields]
            came_from = address
            method, address = "POST", urljoin(address, str(form.get("action") or address))
        raise Lost(f"no end of pages, now at {address}")

    def _filled(self, form: Tag) -> dict[str, str]:
        given = {"username": self._someone.username, "password": self._someone.code or ""}
        inputs = [
            tag for tag in form.find_all("input") if tag.get("name") and tag.get("type") not in {"checkbox", "radio"}
        ]
        return {str(tag["name"]): given.get(str(tag["name"]), str(tag.get("value", ""))) for tag in inputs}


def _login_form(page: Page) -> Tag | None:
    """The page's form that asks for a username or a code."""
    forms = BeautifulSoup(page.body, "html.parser").find_all("form")
    return next((form for form in forms if form.find("input", attrs={"name": ["username", "password"]})), None)


def _sent_by_itself(page: Page) -> Tag | None:
    """The page's form that a script of ours sends: an answer to a service, or a message to the next one of a logout."""
    return BeautifulSoup(page.body, "html.parser").select_one("form[data-send], form[data-next]")


def _next_service(page: Page) -> str | None:
    """Where a script of ours leads: to the next service of a logout, or back to the one that asked."""
    found = BeautifulSoup(page.body, "html.parser").select_one("a[data-next], a[data-go-on]")
    return str(found["href"]) if found else None


def _of_a_form(came_from: str, address: str) -> dict[str, str]:
    same = _origin(came_from) == _origin(address)
    return {"Origin": _origin(came_from), "Sec-Fetch-Site": "same-origin" if same else "cross-site"}


def _origin(address: str) -> str:
    return "/".join(address.split("/")[:3])
