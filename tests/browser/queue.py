"""The queue page, which nobody meets on an idle machine: made by the application in this process, and put in the way of
one address of the running demo, whose styles it then uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.app import create_app
from idp.settings import load_settings
from idp.web.errors import waiting_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration

ADDRESS = "/login/queue"


def show_queue(page: Page, demo: Demonstration) -> None:
    """Open the page as people meet it who come when many log in at once."""
    app = create_app(settings=load_settings(demo.folder / "skolepas.toml"))
    language = page.evaluate("() => navigator.language")
    with app.test_request_context(ADDRESS, headers={"Accept-Language": language}):
        body = waiting_page(retry_url=ADDRESS).get_data(as_text=True)
    page.route(f"**{ADDRESS}", lambda route: route.fulfill(status=503, content_type="text/html", body=body))
    page.goto(ADDRESS)
