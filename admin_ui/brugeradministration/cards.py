"""School cards (elevkort): for one pupil or a whole class, as a PDF that exists this once; and taking one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.brugeradministration import brugeradministration, words
from admin_ui.brugeradministration.people import PERSON, whole_number
from admin_ui.guard import needs, visit
from admin_ui.parts.card_sheet import card_words, print_sheets
from idp.errors import Refused
from idp.usecases import access
from idp.usecases.administered import find_people
from idp.usecases.cards import card_rule_of, give_card, give_cards_to_class, live_cards, take_card_back
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action
from policies.vocabulary import ActorGroup, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from flask.typing import ResponseReturnValue

    from idp.usecases.cards import CardToPrint

_EVERYBODY: Final = 10_000


@brugeradministration.get("/<number>/cards")
@needs(Action.HANDLE_CARDS)
def cards(number: str) -> ResponseReturnValue:
    """Show the cards of a class, and offer new ones for all of it."""
    system = site().system
    with system.database.reading() as db:
        institution = access.institution_for(db, system, visit().person_id, number)
        group = whole_number(request.args.get("class", ""))
        found = find_people(
            db, institution, group_id=group or 0, actor_groups=(ActorGroup.PUPIL,), on_a_page=_EVERYBODY
        )
        cards_of = {card.person_id: card for card in live_cards(db, institution.id)}
        rule = card_rule_of(db, institution.id)
    return page(
        "brugeradministration/cards.html",
        institution=institution,
        found=found,
        group=group,
        class_name=dict(found.classes).get(group or 0),
        cards=cards_of,
        rule=rule,
        words=words,
    )


@brugeradministration.post("/<number>/cards")
@needs(Action.HANDLE_CARDS)
def give_to_class(number: str) -> ResponseReturnValue:
    """Give every pupil of a class a new card, and send them to be printed."""
    system, by = site().system, visit().person_id
    group = whole_number(request.form.get("class", ""))
    with system.database.writing() as db:
        institution = access.institution_for(db, system, by, number)
        class_name = dict(find_people(db, institution, group_id=0).classes).get(group or 0)
        if class_name is None:
            raise Refused(Reason.OUTSIDE_YOUR_INSTITUTIONS)
        made, without = give_cards_to_class(
            db, system, institution_id=institution.id, class_name=class_name, given_by=by
        )
    if made:
        return _to_the_printer(made, class_name)
    flash(
        ngettext("%(num)s pupil may have no card.", "%(num)s pupils may have no cards.", len(without))
        if without
        else _("There is nobody in the class."),
        "info",
    )
    asked: dict[str, Any] = {"class": group}
    return redirect(url_for("brugeradministration.cards", number=institution.number, **asked), code=303)


@brugeradministration.post(f"{PERSON}/card")
@needs(Action.HANDLE_CARDS)
def give_to_one(number: str, person_id: int) -> ResponseReturnValue:
    """Give one pupil a new card, and send it to be printed."""
    system, by = site().system, visit().person_id
    with system.database.writing() as db:
        access.person_to_see(db, system, actor_id=by, number=number, person_id=person_id)
        made = give_card(db, system, person_id=person_id, given_by=by)
    return _to_the_printer([made], made.class_name)


@brugeradministration.post(f"{PERSON}/card/block")
@needs(Action.HANDLE_CARDS)
def block_card(number: str, person_id: int) -> ResponseReturnValue:
    """Make a pupil's card worthless."""
    system, by = site().system, visit().person_id
    with system.database.writing() as db:
        at = access.person_to_see(db, system, actor_id=by, number=number, person_id=person_id)
        done = take_card_back(db, system, person_id=person_id, taken_by=by, lost="lost" in request.form)
    flash(_("The card no longer works.") if done else _("There was no card."), "success" if done else "info")
    return redirect(url_for("brugeradministration.person", number=at.number, person_id=person_id), code=303)


def _to_the_printer(made: Sequence[CardToPrint], class_name: str) -> Response:
    """Return the PDF. It is made after the cards are kept, so that nobody waits for the drawing of it."""
    pdf = print_sheets(made, card_words(site().system.settings.site.name))
    response = make_response(pdf)
    plain = "".join(sign for sign in class_name if sign.isascii() and sign.isalnum())
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="elevkort{"-" if plain else ""}{plain}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
