"""Pages that nobody meets on an idle machine among people who all belong somewhere: made by the application in this process,
and put in the way of one address of the running demo, whose styles they then use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.app import create_app
from idp.settings import load_settings
from idp.web.errors import error_page, waiting_page
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration

QUEUE, NOT_ATTACHED = "/login/queue", "/login/not-attached"


def show_queue(page: Page, demo: Demonstration) -> None:
    """Open the page as people meet it who come when many log in at once."""
    _show(page, demo, QUEUE, lambda: waiting_page(retry_url=QUEUE))


def show_not_attached(page: Page, demo: Demonstration) -> None:
    """Open the page of those whom no school says it has."""
    _show(page, demo, NOT_ATTACHED, lambda: error_page(Reason.NO_CURRENT_ATTACHMENT, status=403))


def _show(page: Page, demo: Demonstration, address: str, make: Callable[[], Response]) -> None:
    app = create_app(settings=load_settings(demo.folder / "skolepas.toml"))
    language = page.evaluate("() => navigator.language")
    with app.test_request_context(address, headers={"Accept-Language": language}):
        made = make()
    body, status = made.get_data(as_text=True), made.status_code
    page.route(f"**{address}", lambda route: route.fulfill(status=status, content_type="text/html", body=body))
    page.goto(address)
