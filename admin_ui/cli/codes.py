"""``skolepas codes``: open an activation window for a person, or (where a setting allows it) issue a code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask_babel import Babel, force_locale

from admin_ui.cli import Operator, print_json
from idp.errors import Refused
from idp.usecases.codes import issue_code
from idp.usecases.people import find_by_username
from idp.usecases.windows import open_window
from idp.web.messages import sentence
from idp.web.picture_words import word
from policies.vocabulary import Reason, WindowPurpose

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


@click.group()
def codes() -> None:
    """Open activation windows and issue codes."""


@codes.command("open-window")
@click.argument("username")
@click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in WindowPurpose]),
    default=WindowPurpose.NEW_CODE.value,
    show_default=True,
    help="What the window is for. Through the first and the last a first second factor may be enrolled too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def open_window_command(operator: Operator, username: str, *, purpose: str, as_json: bool) -> None:
    """Let USERNAME get a new code: prints the sign to show the person, and until when it works."""
    system = operator.system
    try:
        with system.database.writing() as db:
            found = find_by_username(db, username)
            if found is None:
                _refuse(f"Nobody has the username {username}.")
            opened = open_window(db, system, person_id=found.person_id, opened_by=None, purpose=WindowPurpose(purpose))
    except Refused as refused:
        _refuse(in_language("en", sentence, refused.reason))
    danish = in_language("da", word, opened.sign)
    english = in_language("en", word, opened.sign)
    if as_json:
        print_json({"username": username, "sign": opened.sign, "da": danish, "en": english, "until": opened.expires_at})
        return
    until = opened.expires_at.astimezone(ZoneInfo(system.settings.site.time_zone))
    click.echo(f"Sign: {danish} ({english}), until {until:%H:%M:%S}.")


@codes.command("issue")
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def issue_command(operator: Operator, username: str, *, as_json: bool) -> None:
    """Assign USERNAME a code by policy and print it, this once. Off unless login.allow_code_issue is on."""
    system = operator.system
    try:
        with system.database.writing() as db:
            code = issue_code(db, system, username)
    except Refused as refused:
        if refused.reason is Reason.WRONG_NAME_OR_CODE:
            _refuse(f"Nobody has the username {username}.")
        _refuse(in_language("en", sentence, refused.reason))
    secret = {"pictures": list(code.pictures)} if code.pictures else {"code": code.text}
    if as_json:
        print_json({"username": username, "kind": code.kind.value, **secret})
    elif code.pictures:
        words = [in_language("da", word, name) for name in code.pictures]
        click.echo(f"{username}: {', '.join(words)} ({' '.join(code.pictures)})")
    else:
        click.echo(f"{username}: {code.text}")


def in_language(code: str, say: Callable[[_T], str], about: _T) -> str:
    """Say something from the login pages' catalogue outside of a page."""
    app = Flask("idp")
    Babel(app)
    with app.test_request_context(), force_locale(code):
        return say(about)


def _refuse(sentence_in_english: str) -> NoReturn:
    click.echo(f"skolepas: {sentence_in_english}", err=True)
    sys.exit(2)
