"""The pages at ``/device``: type or compare the code of another screen, and what became of it (RFC 8628 3.3).

They show and ask; what a code leads to stands in :mod:`idp.oidc.rfc8628_device`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext as _

from idp.web.messages import sentence, waiting
from idp.web.page import page
from idp.web.site import site

if TYPE_CHECKING:
    from flask import Response

    from idp.usecases.guesses import Standing
    from policies.vocabulary import Reason

ADDRESS = "/device"


def ask_for_code(*, typed: str = "", error: str | None = None, status: int = 200) -> Response:
    """Ask for the code that the other screen shows."""
    return page("device/code.html", action=ADDRESS, typed=typed, error=error, status=status)


def code_refused(reason: Reason, typed: str) -> Response:
    """Ask once more, and say why."""
    return ask_for_code(typed=typed, error=sentence(reason), status=400)


def not_a_code(typed: str) -> Response:
    """Ask once more for what cannot be a code at all."""
    return ask_for_code(typed=typed, error=_("The code has eight letters, like WDJB-MJHT. Type it again."), status=400)


def must_wait(standing: Standing, reason: Reason, typed: str) -> Response:
    """Say for how long no code may be tried here."""
    left = standing.until - site().system.now() if standing.until else None
    seconds = round(left.total_seconds()) if left else 1
    return ask_for_code(typed=typed, error=waiting(reason, seconds), status=429)


def compare_code(code: str) -> Response:
    """Show the code that came in the address, to be compared (RFC 8628 3.3.1). Nobody looks it up before that."""
    return page("device/compare.html", action=ADDRESS, code=code, type_url=ADDRESS)


def decided(*, allowed: bool) -> Response:
    """Say that the person is done here."""
    title, told = (
        (_("You are logged in on the other screen"), _("Go on there. You can close this page."))
        if allowed
        else (
            _("Nobody is logged in on the other screen"),
            _("Did somebody send you the code? Tell a grown-up you trust."),
        )
    )
    return page("device/decided.html", title=title, told=told, allowed=allowed)


def too_late() -> Response:
    """Say that the code became too old while the person logged in."""
    ways_on = [(_("Type a new code"), url_for("oidc.device"))]
    return page("device/too_late.html", status=410, ways_on=ways_on)
