"""Letter sequences that no username and no word code may show: Danish and English abuse, and bodies in rude words.

Our own list, kept short: it is held against machine-made text only, never against people's names or chosen codes.
"""

from __future__ import annotations

from typing import Final

AVOIDED: Final[tuple[str, ...]] = (
    "anal",
    "anus",
    "arsch",
    "bitch",
    "bolle",
    "bryst",
    "cock",
    "cunt",
    "dick",
    "dildo",
    "dum",
    "fag",
    "fanden",
    "fede",
    "fise",
    "fiss",
    "fuck",
    "hader",
    "heil",
    "helved",
    "hitl",
    "hore",
    "idiot",
    "isis",
    "jihad",
    "kkk",
    "klam",
    "kneppe",
    "kusse",
    "lort",
    "luder",
    "mong",
    "nazi",
    "neger",
    "nigg",
    "numse",
    "nøgen",
    "nogen",
    "onan",
    "patte",
    "penis",
    "perker",
    "pik",
    "pis",
    "porno",
    "prut",
    "røv",
    "rov",
    "satan",
    "sex",
    "shit",
    "skid",
    "slut",
    "spas",
    "svans",
    "svin",
    "taber",
    "tisse",
    "tits",
    "tæve",
    "vagina",
    "voldt",
)


def is_avoided(text: str) -> bool:
    """Say whether ``text``, in lower case, shows one of the sequences anywhere."""
    return any(sequence in text for sequence in AVOIDED)
