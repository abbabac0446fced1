"""The words under the pictures and the signs. Their stable names are those of the picture set (decision 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

_WORDS: Final[Mapping[str, LazyString]] = {
    "automobile": _l("car"),
    "house": _l("house"),
    "soft-ice-cream": _l("ice cream"),
    "sun": _l("sun"),
    "horse": _l("horse"),
    "sailboat": _l("boat"),
    "bird": _l("bird"),
    "red-apple": _l("apple"),
    "cat": _l("cat"),
    "soccer-ball": _l("ball"),
    "tulip": _l("flower"),
    "fish": _l("fish"),
    "crescent-moon": _l("moon"),
    "key": _l("key"),
    "deciduous-tree": _l("tree"),
    "birthday-cake": _l("cake"),
    "rocket": _l("rocket"),
    "umbrella": _l("umbrella"),
    "crown": _l("crown"),
    "guitar": _l("guitar"),
    "balloon": _l("balloon"),
    "drum": _l("drum"),
    "kite": _l("kite"),
    "anchor": _l("anchor"),
    "bell": _l("bell"),
    "rainbow": _l("rainbow"),
    "snowman": _l("snowman"),
    "teapot": _l("teapot"),
    "banana": _l("banana"),
    "strawberry": _l("strawberry"),
    "carrot": _l("carrot"),
    "mushroom": _l("mushroom"),
    "pizza": _l("pizza"),
    "locomotive": _l("train"),
    "airplane": _l("plane"),
    "tractor": _l("tractor"),
    "bicycle": _l("bicycle"),
    "helicopter": _l("helicopter"),
    "scissors": _l("scissors"),
    "books": _l("books"),
    "backpack": _l("backpack"),
    "alarm-clock": _l("alarm clock"),
    "light-bulb": _l("light bulb"),
    "gem-stone": _l("diamond"),
    "magnet": _l("magnet"),
    "teddy-bear": _l("teddy bear"),
    "top-hat": _l("hat"),
    "socks": _l("socks"),
    "cactus": _l("cactus"),
    "sunflower": _l("sunflower"),
    "snowflake": _l("snowflake"),
    "star": _l("star"),
    "hammer": _l("hammer"),
    "bucket": _l("bucket"),
    "glasses": _l("glasses"),
    "trophy": _l("trophy"),
    "camera": _l("camera"),
    "ladder": _l("ladder"),
}


def word(name: str) -> str:
    """Return the word for a picture or sign in the language of the page."""
    return str(_WORDS[name])
