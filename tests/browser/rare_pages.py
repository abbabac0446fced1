"""Pages that nobody meets on an idle machine among people who all belong somewhere: made by the application in this process,
and put in the way of one address of the running demo, whose styles they then use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.app import create_app
from idp.settings import load_settings
from idp.usecases.logout import Farewell, LeftService, Standing
from idp.web.errors import error_page, waiting_page
from idp.web.logged_out import GoOn, logged_out_page
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration

QUEUE, NOT_ATTACHED, LEFT = "/login/queue", "/login/not-attached", "/logout"
SERVICES = {
    Standing.TOLD: ("Læringsportalen", "Læringsportalen"),
    Standing.BEING_TOLD: ("Talkongen", "Talkongen"),
    Standing.BY_THIS_PAGE: ("Biblioteket", "The Library"),
    Standing.CANNOT_BE_TOLD: ("Matematikbogens træningsside", "The Exercises of the Book of Mathematics"),
}


def show_queue(page: Page, demo: Demonstration) -> None:
    """Open the page as people meet it who come when many log in at once."""
    _show(page, demo, QUEUE, lambda: waiting_page(retry_url=QUEUE))


def show_not_attached(page: Page, demo: Demonstration) -> None:
    """Open the page of those whom no school says it has."""
    _show(page, demo, NOT_ATTACHED, lambda: error_page(Reason.NO_CURRENT_ATTACHMENT, status=403))


def show_left(page: Page, demo: Demonstration) -> None:
    """Open the page after a logout with a service of each kind."""
    left = Farewell(
        tuple(
            LeftService(name_da=name_da, name_en=name_en, standing=standing, frames=())
            for standing, (name_da, name_en) in SERVICES.items()
        )
    )
    go_on = GoOn(address="/laeringsportalen/", service_name="Læringsportalen", by_itself=False)
    _show(page, demo, LEFT, lambda: logged_out_page(left, go_on=go_on))


def _show(page: Page, demo: Demonstration, address: str, make: Callable[[], Response]) -> None:
    app = create_app(settings=load_settings(demo.folder / "skolepas.toml"))
    language = page.evaluate("() => navigator.language")
    with app.test_request_context(address, headers={"Accept-Language": language}):
        made = make()
    body, status = made.get_data(as_text=True), made.status_code
    page.route(f"**{address}", lambda route: route.fulfill(status=status, content_type="text/html", body=body))
    page.goto(address)
