"""School cards (elevkort): when and where they work; new ones for a pupil or a class, as a PDF that exists this once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.brugeradministration import brugeradministration, card_rule_form, words
from admin_ui.brugeradministration.card_rule_form import CardRuleForm
from admin_ui.brugeradministration.people import PERSON, whole_number
from admin_ui.guard import needs, visit
from admin_ui.parts.card_sheet import card_words, print_sheets
from idp.errors import Refused
from idp.usecases import access
from idp.usecases.administered import find_people
from idp.usecases.cards import (
    card_rule_of,
    give_card,
    give_cards_to_class,
    live_cards,
    set_card_rule,
    take_card_back,
    without_card,
)
from idp.web.messages import sentence
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
    """Show when and where cards work, and those of a class; offer new ones for all of it."""
    return _show(number)


def _show(number: str, *, form: CardRuleForm | None = None, status: int = 200) -> Response:
    system, by = site().system, visit().person_id
    with system.database.reading() as db:
        institution = access.institution_for(db, system, by, number)
        group = whole_number(request.args.get("class", ""))
        found = find_people(
            db, institution, group_id=group or 0, actor_groups=(ActorGroup.PUPIL,), on_a_page=_EVERYBODY
        )
        cards_of = {card.person_id: card for card in live_cards(db, institution.id)}
        without = without_card(db, system, person_ids=[one.person_id for one in found.people], by=by)
        rule = card_rule_of(db, institution.id)
    return page(
        "brugeradministration/cards.html",
        status=status,
        institution=institution,
        found=found,
        group=group,
        class_name=dict(found.classes).get(group or 0),
        cards=cards_of,
        without={person_id: sentence(reason) for person_id, reason in without.items()},
        rule_told=card_rule_form.told(rule),
        form=form or card_rule_form.filled_in(rule, system.rules.cards.usual),
        day_names=card_rule_form.day_names(),
        own_address=request.remote_addr,
        words=words,
    )


@brugeradministration.post("/<number>/cards/rule")
@needs(Action.SET_CARD_RULE)
def set_rule(number: str) -> ResponseReturnValue:
    """Say when and where the school's cards work from now on."""
    system, by = site().system, visit().person_id
    read = card_rule_form.read_form(request.form)
    if isinstance(read, CardRuleForm):
        return _show(number, form=read, status=400)
    with system.database.writing() as db:
        institution = access.institution_for(db, system, by, number)
        set_card_rule(db, system, institution_id=institution.id, rule=read, set_by=by)
    flash(_("It holds from now on."), "success")
    return redirect(url_for("brugeradministration.cards", number=institution.number), code=303)


@brugeradministration.post("/<number>/cards")
@needs(Action.HANDLE_CARDS)
def give_to_class(number: str) -> ResponseReturnValue:
    """Give every pupil of a class a new card, and send them to be printed."""
    system, by = site().system, visit().person_id
    group = whole_number(request.form.get("class", "")) or 0
    with system.database.writing() as db:
        institution = access.institution_for(db, system, by, number)
        class_name = dict(find_people(db, institution, group_id=0).classes).get(group)
        if class_name is None:
            raise Refused(Reason.OUTSIDE_YOUR_INSTITUTIONS)
        made, without = give_cards_to_class(db, system, institution_id=institution.id, group_id=group, given_by=by)
    if without or not made:
        # Beside a file there is no page to say it on: it stands on the next one.
        got_none = ngettext("%(num)s pupil got no card.", "%(num)s pupils got no card.", len(without))
        flash(got_none if without else _("There is nobody in the class."), "info")
    if made:
        return _to_the_printer(made, class_name)
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
