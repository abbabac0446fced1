"""``skolepas codes``: activation windows, another stage's rules for a pupil, and (where a setting allows it) codes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask_babel import Babel, force_locale

from admin_ui.cli import Operator, print_json
from idp.errors import Refused
from idp.usecases import forced_stage
from idp.usecases.codes import issue_code
from idp.usecases.people import find_by_username
from idp.usecases.windows import open_window
from idp.web.messages import sentence
from idp.web.picture_words import word
from policies.lockout import strangers
from policies.stages import PUPIL_STAGES
from policies.strength import assigned_bits
from policies.vocabulary import Reason, Stage, WindowPurpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

_T = TypeVar("_T")
_R = TypeVar("_R")


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
            person_id = _known(db, username)
            opened = open_window(db, system, person_id=person_id, opened_by=None, purpose=WindowPurpose(purpose))
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


@codes.command("policy")
@click.pass_obj
def policy_command(operator: Operator) -> None:
    """Print which codes the people of each stage have, and how strong an assigned one is, as JSON."""
    rules = operator.system.rules
    print_json(
        [
            {
                "stage": stage,
                "shape": rule.shape,
                "length": [rule.min_length, rule.max_length],
                "bits": assigned_bits(rules, stage),
                "self_chosen": rule.self_chosen,
                "validity_days": rule.validity_days,
                "grace_days": rule.grace_days,
                "warn_days": rule.warn_days,
                "wrong_codes_of_strangers_a_day": strangers(rules, rule.kind).budget,
            }
            for stage, rule in rules.codes.items()
        ]
    )


@codes.command("force-stage")
@click.argument("username")
@click.argument("stage", type=click.Choice([stage.value for stage in PUPIL_STAGES]))
@click.option("--reason", required=True, help="Why, for the record.")
@click.option("--until", "last_day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day it holds.")
@click.pass_obj
def force_stage_command(operator: Operator, username: str, stage: str, reason: str, last_day: datetime) -> None:
    """Put the rules of STAGE in force for the pupil USERNAME, from now to the end of a day, whatever the level says."""
    system = operator.system
    try:
        with system.database.writing() as db:
            person_id = _known(db, username)
            forced_stage.force(
                db, system, person_id=person_id, stage=Stage(stage), last_day=last_day.date(), reason=reason, by=None
            )
    except Refused as refused:
        _refuse(in_language("en", sentence, refused.reason))
    click.echo(f"{username} follows the rules of {stage} up to and with {last_day:%Y-%m-%d}.")


@codes.command("end-forced-stage")
@click.argument("username")
@click.pass_obj
def end_forced_stage_command(operator: Operator, username: str) -> None:
    """Let the level of the pupil USERNAME decide again from now on."""
    system = operator.system
    try:
        with system.database.writing() as db:
            done = forced_stage.release(db, system, person_id=_known(db, username), by=None)
    except Refused as refused:
        _refuse(in_language("en", sentence, refused.reason))
    click.echo(f"The level of {username} decides again." if done else f"Nothing was forced on {username}.")


def in_language(code: str, say: Callable[[_T], _R], about: _T, *, catalogue: str = "idp") -> _R:
    """Say something from the login pages' catalogue, or the administration's, outside of a page."""
    app = Flask(catalogue)
    Babel(app)
    with app.test_request_context(), force_locale(code):
        return say(about)


def _known(db: Session, username: str) -> int:
    found = find_by_username(db, username)
    return found.person_id if found is not None else _refuse(f"Nobody has the username {username}.")


def _refuse(sentence_in_english: str) -> NoReturn:
    click.echo(f"skolepas: {sentence_in_english}", err=True)
    sys.exit(2)
