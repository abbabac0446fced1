"""A visitor without a browser: keeps cookies, fills in the login's forms, loads frames, and stops where the provider sends on.

It does what a browser does where that decides something: a form that another site's page sends carries no ``Lax`` cookie and
says where it comes from, and what a page may load or send to is what its Content-Security-Policy allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup

from tests.conformance.verdict import Failed, expect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bs4 import Tag

    from tests.conformance.site import Provider
    from tests.recipes import Someone

_REDIRECTS: Final = {301, 302, 303, 307, 308}
_MOST_STEPS: Final = 20


@dataclass(frozen=True)
class Page:
    """Where the visitor stands. ``address`` is the relying party's when the provider has sent the visitor there."""

    address: str
    status: int
    headers: httpx.Headers
    body: str
    sent: Mapping[str, str] | None = None
    """What was carried to the relying party: the query's parameters, or the fields of a form."""
    by_post: bool = False

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    @property
    def forms(self) -> list[Tag]:
        return list(self.soup.find_all("form"))

    def form_with(self, *names: str) -> Tag | None:
        """The form that has an input of one of these names."""
        return next((form for form in self.forms if any(form.find(attrs={"name": name}) for name in names)), None)

    def allows(self, directive: str, origin: str) -> bool:
        """Whether the page's policy lets ``directive`` reach ``origin``."""
        policy = [part.split() for part in self.headers.get("Content-Security-Policy", "").split(";")]
        found = {part[0]: part[1:] for part in policy if part}
        return origin in found.get(directive, found.get("default-src", [origin]))

    @property
    def said(self) -> str:
        """The page in one short line, for a fault."""
        heading = self.soup.find("h1")
        rule = self.soup.find(attrs={"data-rule": True}) or heading
        return f"{self.status} at {urlsplit(self.address).path}: {rule.get_text(' ', strip=True) if rule else self.body[:120]!r}"


@dataclass
class Visitor:
    """One browser's worth of cookies. ``typed`` counts the codes that were typed, ``seen`` the pages that were shown."""

    provider: Provider
    someone: Someone
    typed: int = 0
    seen: int = 0
    refuses: bool = False
    """Says no where the page offers to."""
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(verify=self.provider.authority.trusting, timeout=30, headers={"Accept-Language": "en"})

    def close(self) -> None:
        self.http.close()

    def open(self, address: str) -> Page:
        """Go to an address, as a link on the relying party's page leads there, and on to where redirects lead."""
        return self._ask("GET", address)

    def send_from_elsewhere(self, address: str, fields: Mapping[str, str]) -> Page:
        """Send a form of the relying party's page."""
        return self._ask("POST", address, fields, origin=self.provider.rp)

    def submit(self, page: Page, form: Tag, fields: Mapping[str, str] | None = None) -> Page:
        """Send a form of the page: its hidden inputs and boxes as they stand, and ``fields``."""
        asked = {
            str(tag["name"]): str(tag.get("value", ""))
            for tag in form.find_all("input")
            if tag.get("name") and (tag.get("type") not in {"checkbox", "radio"} or tag.has_attr("checked"))
        }
        address = urljoin(page.address, str(form.get("action") or page.address))
        origin = f"{urlsplit(page.address).scheme}://{urlsplit(page.address).netloc}"
        return self._ask("POST", address, {**asked, **(fields or {})}, origin=origin)

    def arrive(self, page: Page) -> Page:
        """Log in, and say yes (or no) to what is asked, until the relying party has its answer. Or stay on a page with an end."""
        for _ in range(_MOST_STEPS):
            if page.sent is not None:
                return page
            posting = self._form_for_the_party(page)
            if posting is not None:
                return self._posted(page, posting)
            going = self._next_form(page)
            if going is None:
                return page
            form, fields = going
            page = self.submit(page, form, fields)
        raise Failed(f"no end of pages: {page.said}")

    def frames(self, page: Page) -> list[str]:
        """Load every frame of the page that its policy allows; the addresses."""
        loaded = []
        for tag in page.soup.find_all("iframe"):
            address = urljoin(page.address, str(tag["src"]))
            origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
            expect(page.allows("frame-src", origin), f"the page's own policy lets no frame of {origin} load")
            self.http.get(address, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"})
            loaded.append(address)
        return loaded

    def go_on(self, page: Page, address: str) -> Page:
        """Where the page goes on to by itself or by its link, when that is ``address`` with something behind it."""
        refresh = page.soup.find("meta", attrs={"http-equiv": "refresh"})
        by_itself = str(refresh["content"]).partition("=")[2].strip("'\" ") if refresh else ""
        links = (str(tag["href"]) for tag in page.soup.find_all("a", href=True))
        there = next((each for each in (by_itself, *links) if each.partition("?")[0] == address), None)
        if there is None:
            raise Failed(f"no way on to {address}: {page.said}")
        return Page(
            there, page.status, page.headers, "", dict(parse_qsl(urlsplit(there).query, keep_blank_values=True))
        )

    def _form_for_the_party(self, page: Page) -> Tag | None:
        return next((form for form in page.forms if str(form.get("action", "")).startswith(self.provider.rp)), None)

    def _posted(self, page: Page, form: Tag) -> Page:
        """Send the form of form_post on, as its script or its button does (OAuth 2.0 Form Post Response Mode 2)."""
        expect(str(form.get("method", "")).lower() == "post", "the form of form_post is not sent by POST")
        expect(page.allows("form-action", self.provider.rp), "the page's own policy lets its form not be sent")
        expect(page.soup.find("script", src=True), "with JavaScript nothing sends the form on by itself")
        expect(
            form.find(["button", "input"], attrs={"type": "submit"}), "without JavaScript nobody can send the form on"
        )
        expect(
            page.headers.get("Cache-Control") == "no-store", "the page with the answer may be kept (no Cache-Control)"
        )
        fields = {str(tag["name"]): str(tag["value"]) for tag in form.find_all("input", attrs={"name": True})}
        address = str(form["action"])
        self.http.post(address, data=fields)
        received = self.provider.inbox.at(urlsplit(address).path)[-1]
        expect(received.method == "POST", "the answer was not posted")
        return Page(address, page.status, page.headers, "", received.parameters, by_post=True)

    def _next_form(self, page: Page) -> tuple[Tag, dict[str, str]] | None:
        for name, value in (("username", self.someone.username), ("password", self.someone.code or "")):
            form = page.form_with(name)
            if form is not None:
                self.typed += name == "password"
                return form, {name: value}
        answer = "no" if self.refuses else "yes"
        for form in page.forms:
            for button in form.find_all("button", attrs={"name": True, "value": True}):
                if button["value"] in _ANSWERS[answer]:
                    return form, {str(button["name"]): str(button["value"])}
        chosen = next((form for form in page.forms if "/login/" in str(form.get("action", ""))), None)
        return (
            (chosen, {}) if chosen is not None and page.status == httpx.codes.OK and self._is_simple(chosen) else None
        )

    @staticmethod
    def _is_simple(form: Tag) -> bool:
        """Whether a button alone sends it on, such as "it is still me"."""
        return not form.find("input", attrs={"type": lambda kind: kind not in {"hidden", "submit"}})

    def _ask(self, method: str, address: str, fields: Mapping[str, str] | None = None, *, origin: str = "") -> Page:
        for _ in range(_MOST_STEPS):
            request = self.http.build_request(method, address, data=dict(fields) if fields is not None else None)
            if origin:
                request.headers["Origin"] = origin
                request.headers["Sec-Fetch-Site"] = "same-origin" if origin == self.provider.issuer else "cross-site"
            if origin and origin != self.provider.issuer:
                request.headers.pop("Cookie", None)
            answer = self.http.send(request)
            where = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or where is None:
                self.seen += 1
                return Page(address, answer.status_code, answer.headers, answer.text)
            expect(method == "GET" or answer.status_code == httpx.codes.SEE_OTHER, f"{answer.status_code} after a POST")
            address = urljoin(address, where)
            if not address.startswith(f"{self.provider.issuer}/"):
                query = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
                return Page(address, answer.status_code, answer.headers, "", query)
            method, fields, origin = "GET", None, ""
        raise Failed(f"the visitor is sent in a circle, now to {address}")


_ANSWERS: Final = {"yes": {"yes", "allow", "accept"}, "no": {"no", "deny", "cancel", "refuse"}}
