"""``skolepas cards``: print school cards, take them back, and say when and where a school's cards work (decision 11)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import print_json
from admin_ui.cli.agreements import known_institution
from admin_ui.cli.codes import in_language
from admin_ui.parts.card_sheet import card_words, print_sheets, print_single
from idp.errors import Refused
from idp.usecases import cards as usecases
from idp.usecases.people import find_by_username
from idp.web.messages import sentence
from policies.cards import CardRuleFault, card_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from admin_ui.cli import Operator
    from idp.usecases.cards import CardToPrint
    from idp.usecases.system import System
    from policies.cards import CardRule


@click.group()
def cards() -> None:
    """School cards: a QR code that takes the place of typing the username."""


@cards.command()
@click.argument("username", required=False)
@click.option(
    "--class", "of_class", nargs=2, metavar="INSTITUTION CLASS", help="Every pupil of a class, by its name or code."
)
@click.option("--pdf", "file", type=click.Path(path_type=Path), required=True, help="The file to write, a new one.")
@click.option("--single", is_flag=True, help="Pages of a card's own size, for a printer of plastic cards.")
@click.option("--language", type=click.Choice(["da", "en"]), help="The language on the cards; else the site's.")
@click.pass_obj
def issue(
    operator: Operator,
    username: str | None,
    *,
    of_class: tuple[str, str] | None,
    file: Path,
    single: bool,
    language: str | None,
) -> None:
    """Give USERNAME, or a class, new cards and write them to a PDF, this once. Older cards of theirs stop working.

    Print the file and delete it: whoever has it has the cards.
    """
    if (username is None) == (of_class is None):
        raise click.UsageError("Name a person, or a class with --class.")
    if file.exists():
        raise click.ClickException(f"{file} is there already; name a new file.")
    system = operator.system
    with system.database.writing() as db:
        made, without = _made(db, system, username, of_class)
        if made:
            site = system.settings.site
            words = in_language(language or site.default_language, card_words, site.name, catalogue="admin_ui")
            # Written before the cards are kept: cards without a file would have to be printed again.
            _write(file, print_single(made, words) if single else print_sheets(made, words))
    for line in without:
        click.echo(f"No card: {line}", err=True)
    if not made:
        raise click.ClickException("No card was made.")
    click.echo(f"{len(made)} {'card' if len(made) == 1 else 'cards'} in {file}. Print the file and delete it.")


@cards.command()
@click.argument("username")
@click.option("--lost", is_flag=True, help="Put on record that the card was lost.")
@click.pass_obj
def revoke(operator: Operator, username: str, *, lost: bool) -> None:
    """Make the card of USERNAME worthless."""
    system = operator.system
    with system.database.writing() as db:
        revoked = usecases.take_card_back(db, system, person_id=_person(db, username), taken_by=None, lost=lost)
    click.echo(f"The card of {username} no longer works." if revoked else f"{username} had no card.")


@cards.command("list")
@click.argument("institution")
@click.pass_obj
def list_(operator: Operator, institution: str) -> None:
    """Print the live cards of an INSTITUTION, as JSON. No card can be made from what is printed."""
    with operator.system.database.reading() as db:
        print_json(
            [
                {"username": card.username, "issued_at": card.issued_at, "last_used_at": card.last_used_at}
                for card in usecases.live_cards(db, _institution(db, institution))
            ]
        )


@cards.command()
@click.argument("institution")
@click.option("--on/--off", "enabled", default=None, help="Whether cards of the institution work at all.")
@click.option("--days", help="The days of the week on which they work, as 1,2,3,4,5; 1 is Monday.")
@click.option("--opens", help="From when, as 07:00.")
@click.option("--closes", help="Until when, as 17:00.")
@click.option(
    "--network", "networks", multiple=True, help="A network, as 192.0.2.0/24. Repeat it; it replaces the others."
)
@click.pass_obj
def rules(
    operator: Operator,
    institution: str,
    *,
    enabled: bool | None,
    days: str | None,
    opens: str | None,
    closes: str | None,
    networks: tuple[str, ...],
) -> None:
    """Say when and where cards of INSTITUTION work, or print what holds, as JSON. Nothing set means that none works."""
    system = operator.system
    changes = any(given is not None for given in (enabled, days, opens, closes)) or bool(networks)
    with system.database.writing() if changes else system.database.reading() as db:
        institution_id = _institution(db, institution)
        rule = usecases.card_rule_of(db, institution_id)
        if changes:
            # Never set before: the usual times, to be changed by what is given.
            before = rule if rule.days else system.rules.cards.usual
            rule = _changed(before, enabled=enabled, days=days, opens=opens, closes=closes, networks=networks)
            usecases.set_card_rule(db, system, institution_id=institution_id, rule=rule, set_by=None)
    print_json(rule.to_json())


def _made(
    db: Session, system: System, username: str | None, of_class: tuple[str, str] | None
) -> tuple[Sequence[CardToPrint], list[str]]:
    if of_class is not None:
        number, name = of_class
        institution_id = _institution(db, number)
        made, without = usecases.give_cards_to_class(
            db, system, institution_id=institution_id, group_id=_class(db, institution_id, name), given_by=None
        )
        return made, [f"person {one.person_id}: {in_language('en', sentence, one.reason)}" for one in without]
    person_id = _person(db, username or "")
    try:
        return [usecases.give_card(db, system, person_id=person_id, given_by=None)], []
    except Refused as refused:
        return [], [f"{username}: {in_language('en', sentence, refused.reason)}"]


def _changed(
    before: CardRule,
    *,
    enabled: bool | None,
    days: str | None,
    opens: str | None,
    closes: str | None,
    networks: Sequence[str],
) -> CardRule:
    try:
        return card_rule(
            enabled=before.enabled if enabled is None else enabled,
            days=before.days if days is None else [int(day) for day in days.split(",")],
            opens=opens or f"{before.opens:%H:%M}",
            closes=closes or f"{before.closes:%H:%M}",
            networks=networks or [str(network) for network in before.networks],
        )
    except CardRuleFault as wrong:
        raise click.ClickException("\n".join(f"{fault}." for fault in wrong.faults)) from None
    except ValueError:
        raise click.ClickException(f"{days} are no days; write 1,2,3,4,5.") from None


def _write(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)


def _person(db: Session, username: str) -> int:
    person = find_by_username(db, username)
    if person is None:
        raise click.ClickException(f"Nobody is called {username}.")
    return person.person_id


def _class(db: Session, institution_id: int, called: str) -> int:
    found = usecases.classes_called(db, institution_id, called)
    if len(found) != 1:
        told = f"{len(found)} classes are called {called}: write the code of the one." if found else None
        raise click.ClickException(told or f"No class is called {called}.")
    return found[0]


def _institution(db: Session, number: str) -> int:
    institution_id = known_institution(db, number)
    if institution_id is None:
        raise click.ClickException(f"{number} is not registered.")
    return institution_id
