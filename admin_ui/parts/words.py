"""Closed words as people read them: actor groups, roles, relations and levels, in the language of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from idp.web.i18n import current_language
from policies.vocabulary import ActorGroup, Factor, Level, Relation, Role

if TYPE_CHECKING:
    from idp.usecases.consents import AllowedService
    from idp.usecases.own_page import OwnAttachment

ACTORS: Final = {
    ActorGroup.PUPIL: _l("Pupil"),
    ActorGroup.STAFF: _l("Staff"),
    ActorGroup.EXTERNAL: _l("External"),
    ActorGroup.CONTACT: _l("Contact person"),
}
ROLES: Final = {
    Role.CHILD: _l("Child"),
    Role.PUPIL: _l("Pupil"),
    Role.STUDENT: _l("Student"),
    Role.TEACHER: _l("Teacher"),
    Role.PEDAGOGUE: _l("Pedagogue"),
    Role.SUBSTITUTE: _l("Substitute teacher"),
    Role.LEADER: _l("Head"),
    Role.MANAGEMENT: _l("Management"),
    Role.TECHNICAL: _l("Technical and administrative staff"),
    Role.CONSULTANT: _l("Consultant"),
    Role.TRAINEE: _l("Trainee"),
    Role.EXTERNAL: _l("External"),
}
RELATIONS: Final = {
    Relation.MOTHER: _l("Mother"),
    Relation.FATHER: _l("Father"),
    Relation.OTHER: _l("Contact person"),
    Relation.OFFICIAL: _l("Officially attached person"),
}


FACTORS: Final = {
    Factor.PASSKEY: _l("Passkey"),
    Factor.TOTP: _l("App with one-time codes"),
    Factor.RECOVERY_CODE: _l("Recovery codes"),
}


_MAY_KNOW: Final = (
    ({"name", "given_name", "family_name"}, _l("my name")),
    ({"aktoer_gruppe"}, _l("what I am at school")),
)


def service_name(service: AllowedService) -> str:
    """Return the name of a service in the language of the page."""
    return service.name_en if current_language() == "en" else service.name_da


def may_know(claims: frozenset[str]) -> list[str]:
    """Say what a service may know of a person, beside a number of its own for them, by kind."""
    return [str(words) for names, words in _MAY_KNOW if claims & names]


def factor_name(factor: Factor) -> str:
    """Return the word for a second factor."""
    return str(FACTORS[factor])


def actor_name(actor_group: ActorGroup) -> str:
    """Return the word for an actor group."""
    return str(ACTORS[actor_group])


def as_whom(one: OwnAttachment) -> str:
    """Say as what a person is attached: the roles, a contact's relations, else the actor group."""
    said = [str(ROLES[role]) for role in one.roles] or [str(RELATIONS[relation]) for relation in one.relations]
    return ", ".join(dict.fromkeys(said)) or actor_name(one.actor_group)


def level_name(level: Level) -> str | None:
    """Return the grade in words, None for levels that are not grades."""
    if level.value.isdigit():
        return str(_l("Grade %(number)s", number=level.value))
    return None
