"""Finding people of an own institution, and the page of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import redirect, request, url_for
from flask_babel import gettext as _

from admin_ui.brugeradministration import brugeradministration, words
from admin_ui.brugeradministration.forms import ForcedStageForm
from admin_ui.guard import needs, visit
from admin_ui.parts.reason_form import ReasonForm
from idp.usecases import access
from idp.usecases.administered import LONGEST_SEARCH, find_people
from idp.usecases.administered_person import person_page
from idp.usecases.custody import seen_in_person
from idp.usecases.facts import school_day
from idp.usecases.passes import pass_offer
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action
from policies.forced_stage import latest_last_day
from policies.stages import PUPIL_STAGES
from policies.vocabulary import ActorGroup
from policies.written_reason import LONGEST

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

PERSON: Final = "/<number>/people/<int(max=9223372036854775807):person_id>"
"""Where a person's page lies. The number is bounded by what the databases can hold."""
WHO: Final = {
    "pupils": (ActorGroup.PUPIL,),
    "staff": (ActorGroup.STAFF, ActorGroup.EXTERNAL),
    "contacts": (ActorGroup.CONTACT,),
    "all": tuple(ActorGroup),
}
_MOST: Final = 1 << 62


@brugeradministration.get("/")
@needs(Action.SEE_PEOPLE)
def start() -> ResponseReturnValue:
    """Show the institutions that I administer; where there is one, go on to its people."""
    system = site().system
    with system.database.reading() as db:
        own = access.institutions_of(db, system, visit().person_id)
    if len(own) == 1:
        return redirect(url_for("brugeradministration.people", number=own[0].number), code=303)
    return page("brugeradministration/start.html", institutions=own)


@brugeradministration.get("/<number>/")
@needs(Action.SEE_PEOPLE)
def people(number: str) -> ResponseReturnValue:
    """Show an institution's people, or those who are looked for."""
    system = site().system
    text = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]
    who = request.args.get("who", "")
    who = who if who in WHO else "all" if text else "pupils"
    group = whole_number(request.args.get("class", ""))
    with system.database.reading() as db:
        institution = access.institution_for(db, system, visit().person_id, number)
        found = find_people(
            db,
            institution,
            text=text,
            group_id=group,
            actor_groups=WHO[who],
            page=whole_number(request.args.get("page", "")) or 1,
        )
        several = len(access.institutions_of(db, system, visit().person_id)) > 1
    asked: dict[str, Any] = {"q": text or None, "who": who, "class": group}
    return page(
        "brugeradministration/people.html",
        institution=institution,
        several=several,
        found=found,
        text=text,
        who=who,
        group=group,
        longest_search=LONGEST_SEARCH,
        page_address=lambda number_of_page: url_for(
            "brugeradministration.people", number=institution.number, page=number_of_page, **asked
        ),
        words=words,
    )


@brugeradministration.get(PERSON)
@needs(Action.SEE_PEOPLE)
def person(number: str, person_id: int) -> ResponseReturnValue:
    """Show a person."""
    return show_person(number, person_id)


def show_person(
    number: str,
    person_id: int,
    *,
    stage_form: ForcedStageForm | None = None,
    block_form: ReasonForm | None = None,
    status: int = 200,
) -> Response:
    """Show a person's page, with a form as it was sent where something in it must be put right."""
    system = site().system
    with system.database.reading() as db:
        by = visit().person_id
        institution = access.person_to_see(db, system, actor_id=by, number=number, person_id=person_id)
        about = person_page(db, system, institution, person_id=person_id, by=by)
        offer = pass_offer(db, system, person_id=person_id, by=by)
        seen = seen_in_person(db, person_id, institution.id)
    today = school_day(system)
    return page(
        "brugeradministration/person.html",
        status=status,
        institution=institution,
        about=about,
        name=words.shown(about.name),
        stage_form=stage_form or ForcedStageForm(formdata=None, today=today),
        block_form=block_form or ReasonForm(formdata=None),
        wrong=_("Something is missing below.") if stage_form or block_form else None,
        stages=[(stage, words.stage_name(stage)) for stage in PUPIL_STAGES],
        today=today,
        latest=latest_last_day(today),
        longest_reason=LONGEST,
        pass_offer=offer,
        seen=seen,
        no_pass=sentence(offer.refusal) if offer.refusal else None,
        no_power=sentence(about.no_power) if about.no_power else None,
        no_forcing=sentence(about.no_forcing) if about.no_forcing else None,
        no_card=sentence(about.no_card) if about.no_card else None,
        words=words,
    )


def whole_number(typed: str) -> int | None:
    """Return a whole number from an address, None for anything else."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < len(str(_MOST)) else None
