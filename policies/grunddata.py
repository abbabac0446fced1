"""The closed words of SkoleGrunddata, spelled as it spells them (SkoleGrunddata feltdefinitioner).

The rest of the system takes them from :mod:`policies.vocabulary`.
"""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Gender(StrEnum):
    """As SkoleGrunddata spells it; used only where a CPR number is made or read."""

    MALE = "M"
    FEMALE = "K"


@unique
class Level(StrEnum):
    """``trin``: how far a pupil has come. DT is day-care, U1-U4 youth education, VU higher education."""

    DT = "DT"
    G0 = "0"
    G1 = "1"
    G2 = "2"
    G3 = "3"
    G4 = "4"
    G5 = "5"
    G6 = "6"
    G7 = "7"
    G8 = "8"
    G9 = "9"
    G10 = "10"
    U1 = "U1"
    U2 = "U2"
    U3 = "U3"
    U4 = "U4"
    VU = "VU"
    OTHER = "Andet"


@unique
class Role(StrEnum):
    """Roles of pupils, staff and externals, spelled as SkoleGrunddata spells them."""

    CHILD = "Barn"
    PUPIL = "Elev"
    STUDENT = "Studerende"
    TEACHER = "Lærer"
    PEDAGOGUE = "Pædagog"
    SUBSTITUTE = "Vikar"
    LEADER = "Leder"
    MANAGEMENT = "Ledelse"
    TECHNICAL = "TAP"
    CONSULTANT = "Konsulent"
    TRAINEE = "Praktikant"
    EXTERNAL = "Ekstern"


@unique
class GroupType(StrEnum):
    """Kinds of groups; only a Hovedgruppe (class) has a level."""

    CLASS = "Hovedgruppe"
    YEAR = "Årgang"
    LINE = "Retning"
    UNIT = "Hold"
    SFO = "SFO"
    TEAM = "Team"
    OTHER = "Andet"


@unique
class Relation(StrEnum):
    """How a contact is related to a pupil."""

    MOTHER = "Mor"
    FATHER = "Far"
    OTHER = "Andet"
    OFFICIAL = "Officielt tilknyttet person"
