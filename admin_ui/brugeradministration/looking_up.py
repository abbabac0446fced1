"""What an administrator looks up: the rules for codes, and the reference that an error page showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from admin_ui.brugeradministration import brugeradministration, words
from admin_ui.guard import needs, visit
from idp.usecases import access
from idp.usecases.administered import names_of
from idp.usecases.shown_errors import look_up
from idp.web.i18n import current_language
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.picture_words import word
from idp.web.site import site
from policies.actions import Action
from policies.lockout import known_device, strangers
from policies.strength import assigned_bits
from policies.vocabulary import CodeKind, Stage

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.usecases.access import Administered


@brugeradministration.get("/code-policy")
@needs(Action.SEE_CODE_POLICY)
def code_policy() -> ResponseReturnValue:
    """Show which codes the people of each stage have."""
    rules = site().system.rules
    pictures = rules.pictures.alphabet[: rules.pictures.length]
    return page(
        "brugeradministration/code_policy.html",
        stages=[{"stage": stage, "rule": rules.codes[stage], "bits": assigned_bits(rules, stage)} for stage in Stage],
        pictures=[(name, word(name)) for name in pictures],
        alphabet=len(rules.pictures.alphabet),
        known_device=known_device(rules),
        by_pictures=strangers(rules, CodeKind.PICTURES),
        by_text=strangers(rules, CodeKind.TEXT),
        words=words,
    )


@brugeradministration.get("/reference")
@needs(Action.LOOK_UP_REFERENCE)
def reference() -> ResponseReturnValue:
    """Show what stands under the reference of an error page."""
    system, by = site().system, visit().person_id
    typed = request.args.get("ref", "").strip()
    with system.database.reading() as db:
        found = look_up(db, system, typed, by=by) if typed else None
        where = None
        if found is not None and found.person_id is not None:
            where = _where(db, by, found.person_id)
    return page(
        "brugeradministration/reference.html",
        typed=typed[:40],
        found=found,
        why=sentence(found.reason) if found and found.reason else None,
        service=found.service_names.get(current_language()) if found else None,
        where=where,
        words=words,
    )


def _where(db: Session, by: int, person_id: int) -> tuple[Administered, str] | None:
    """Return the institution through which the person may be seen, and the name there."""
    system = site().system
    subject = access.subject_of(db, person_id)
    for own in access.institutions_of(db, system, by):
        if any(one.institution == own.number and one.confirmed for one in subject.attachments):
            return own, words.shown(names_of(db, [person_id], own.id).get(person_id))
    return None
