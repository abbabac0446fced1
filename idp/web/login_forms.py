"""Each step as a page, and each form as what it says. What a template is given stands here, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import url_for

from idp.login.steps.choose_code import may_choose
from idp.login.steps.username import typed_name
from idp.web.i18n import LANGUAGES
from idp.web.login_card import way_by_card
from idp.web.login_elsewhere import way_elsewhere
from idp.web.login_flow import address
from idp.web.login_second_factor import log_in_options
from idp.web.messages import sentence, waiting
from idp.web.page import asset, page
from idp.web.picture_values import fresh_values, names_of
from idp.web.picture_words import word
from idp.web.session_cookie import remembered_way
from idp.web.site import site
from policies.codes import normalise_text
from policies.pictures import normalised
from policies.vocabulary import CodeKind, Reason, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from werkzeug.datastructures import MultiDict

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position
    from idp.usecases.system import System

_LONGEST_TEXT: Final = 1024
_ABOUT_THE_NAME: Final = frozenset({Reason.USERNAME_MISSING, Reason.QUEUE_FULL, Reason.FACTOR_WRONG_PASSKEY})
_SAID_ELSEWHERE: Final = _ABOUT_THE_NAME | {Reason.CARD_DOES_NOT_WORK, Reason.CARD_UNREADABLE}


def code_in_form(system: System, handle: str, kind: CodeKind, form: MultiDict[str, str]) -> str | None:
    """Return the code as it is hashed; None when the form is not one of this login's or not filled in.

    Pictures come as ``picture`` four times in order, or as ``picture1`` to ``picture4`` from the rows of radio buttons.
    """
    if kind is CodeKind.TEXT:
        typed = normalise_text(form.get("password", ""))
        return typed if 0 < len(typed) <= _LONGEST_TEXT else None
    rule = system.rules.pictures
    rows = [form.get(f"picture{place}", "") for place in range(1, rule.length + 1)]
    values = form.getlist("picture") or rows
    if len(values) != rule.length:
        return None
    names = names_of(system.keyring.tokens.current, handle, values, rule.alphabet)
    return normalised(names) if names else None


def sign_in_form(system: System, handle: str, form: MultiDict[str, str]) -> str | None:
    """Return the stable name of the picked sign; None when the form is not one of this login's."""
    names = names_of(system.keyring.tokens.current, handle, [form.get("sign", "")], system.rules.window.signs)
    return names[0] if names else None


def username(attempt: Attempt, at: Position) -> Response:  # noqa: ARG001 (every step takes the same)
    """Ask for the username."""
    return page(
        "login/username.html",
        action=_address(attempt, "username"),
        error=sentence(attempt.error) if attempt.error in _ABOUT_THE_NAME else None,
        card_url=way_by_card(attempt.handle),
        elsewhere_url=way_elsewhere(attempt),
        passkey=log_in_options(attempt),
        passkey_action=_address(attempt, "passkey"),
        username=typed_name(attempt) or attempt.request.expected,
        language_urls={code: url_for("login.speak", handle=attempt.handle, code=code) for code in LANGUAGES},
        first_way=remembered_way(),
        status=503 if attempt.error is Reason.QUEUE_FULL else 200,
    )


def pictures(attempt: Attempt, at: Position) -> Response:
    """Ask for the pictures, or say why they must wait; the way by the window stays open."""
    return _picture_page(attempt, action="pictures", purpose="log-in", error=_error(attempt, at))


def password(attempt: Attempt, at: Position) -> Response:
    """Ask for the text code, or say why it must wait; the way by the window stays open."""
    return _password_page(attempt, action="password", purpose="log-in", error=_error(attempt, at))


def sign(attempt: Attempt, at: Position) -> Response:  # noqa: ARG001
    """Ask for the sign that somebody at the school was shown."""
    return page(
        "login/sign.html",
        action=_address(attempt, "sign"),
        signs=signs_to_pick(attempt),
        error=None,
        username=attempt.username,
        restart_url=url_for("login.current", handle=attempt.handle),
    )


def signs_to_pick(attempt: Attempt) -> list[dict[str, str]]:
    """Return the signs of a page, each with the value that it sends."""
    return _choices(attempt, site().system.rules.window.signs)


def new_code(attempt: Attempt, at: Position) -> Response:
    """Show the new code."""
    code = at.new_code
    if code is None:
        raise AssertionError("there is no new code to show")
    return page(
        "login/new_code.html",
        action=_address(attempt, "new-code"),
        kind=code.kind.value,
        pictures=[{"name": name, "label": word(name), "src": _source(name)} for name in code.pictures],
        text=code.text if code.kind is CodeKind.TEXT else None,
        error=sentence(attempt.error) if attempt.error else None,
        choose_url=address(attempt.handle, "choose-code") if may_choose(site().system, at) else None,
        username=attempt.username,
    )


def confirm(attempt: Attempt, at: Position) -> Response:
    """Ask for the new code once."""
    pictures = at.new_code is not None and at.new_code.kind is CodeKind.PICTURES
    show = _picture_page if pictures else _password_page
    return show(attempt, action="confirm", purpose="confirm-new", error=None)


def _picture_page(attempt: Attempt, *, action: str, purpose: str, error: str | None) -> Response:
    rule = site().system.rules.pictures
    return page(
        "login/pictures.html",
        length=rule.length,
        pictures=_choices(attempt, rule.alphabet),
        **_code_page(attempt, action=action, purpose=purpose, error=error),
    )


def _password_page(attempt: Attempt, *, action: str, purpose: str, error: str | None) -> Response:
    return page("login/password.html", **_code_page(attempt, action=action, purpose=purpose, error=error))


def _code_page(attempt: Attempt, *, action: str, purpose: str, error: str | None) -> dict[str, Any]:
    return {
        "action": _address(attempt, action),
        "purpose": purpose,
        "error": error,
        "username": attempt.username,
        "restart_url": _address(attempt, "username"),
        "sign_url": _address(attempt, "sign"),
    }


def _choices(attempt: Attempt, names: Sequence[str]) -> list[dict[str, str]]:
    values = fresh_values(site().system.keyring.tokens.current, attempt.handle, names)
    return [{"name": name, "label": word(name), "value": values[name], "src": _source(name)} for name in names]


def _error(attempt: Attempt, at: Position) -> str | None:
    if at.step is Step.WAIT and at.reason is not None:
        left = at.until - site().system.now() if at.until else None
        return waiting(at.reason, round(left.total_seconds()) if left else 1)
    if attempt.error is not None and attempt.error not in _SAID_ELSEWHERE:
        return sentence(attempt.error)
    return sentence(Reason.WINDOW_NOT_OPEN) if at.window_lapsed else None


def _source(name: str) -> str:
    return asset(f"pictures/{name}.svg")


def _address(attempt: Attempt, name: str) -> str:
    return address(attempt.handle, name)
