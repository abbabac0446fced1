"""School cards as a PDF: ten on an A4 sheet with marks to cut along, or each on a page of its own size for a card printer.

A card has the size of a bank card (ISO/IEC 7810 ID-1). Every second page of a sheet is the back of all its cards and the
same for everybody, so that it does not matter how a printer turns the paper, or whether both sides are printed at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING, Final

import segno
from flask_babel import gettext as _
from fpdf import FPDF
from fpdf.drawing import PaintedPath
from fpdf.drawing_primitives import DeviceRGB

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp.usecases.cards import CardToPrint

CARD: Final = (85.6, 54.0)
"""Width and height in millimetres."""

_COLUMNS, _ROWS = 2, 5
_SHEET: Final = (210.0, 297.0)
_LEFT: Final = (_SHEET[0] - _COLUMNS * CARD[0]) / 2
_TOP: Final = (_SHEET[1] - _ROWS * CARD[1]) / 2
_QR: Final = 33.0
"""With its quiet zone. A module is then 0.89 mm wide: a tablet's front camera reads it at arm's length."""
_QUIET: Final = 4
_INK: Final = DeviceRGB(0.17, 0.08, 0.22)
_GROUNDS: Final = ("#fff3cf", "#e6f6f1", "#ffe9e0", "#f1e8f8", "#e4f0fb", "#ffe6f1")
_PLEX: Final = "Plex"
_PRINTED: Final = resources.files("admin_ui") / "static" / "vendor" / "print"


@dataclass(frozen=True, kw_only=True)
class CardWords:
    """What stands on every card, in the language of the school."""

    site: str
    title: str
    lost: str
    found: str


def card_words(site: str) -> CardWords:
    """Return the words in the language that is spoken now; ``site`` is what the installation is called."""
    return CardWords(
        site=site,
        title=_("School card"),
        lost=_("Lost it? Tell your teacher."),
        found=_("Found? Hand it in at the school's office."),
    )


def print_sheets(cards: Sequence[CardToPrint], words: CardWords) -> bytes:
    """Return a PDF with ten cards on every sheet of A4, and their backs."""
    pdf = _document(_SHEET)
    for sheet in _in_tens(cards):
        pdf.add_page()
        _cut_marks(pdf)
        for card, (left, top) in zip(sheet, _places(), strict=False):
            _front(pdf, card, words, left, top)
        pdf.add_page()
        for left, top in _places():  # all ten: the paper is turned over, and what was left is right
            _back(pdf, sheet[0].school, words, left, top)
    return bytes(pdf.output())


def print_single(cards: Sequence[CardToPrint], words: CardWords) -> bytes:
    """Return a PDF with one card on every page of its own size, for a printer of plastic cards."""
    pdf = _document(CARD)
    for card in cards:
        pdf.add_page()
        _front(pdf, card, words, 0, 0)
    return bytes(pdf.output())


def _places() -> list[tuple[float, float]]:
    rows, columns = range(_ROWS), range(_COLUMNS)
    return [(_LEFT + column * CARD[0], _TOP + row * CARD[1]) for row in rows for column in columns]


def _document(size: tuple[float, float]) -> FPDF:
    orientation = "landscape" if size[0] > size[1] else "portrait"
    pdf = FPDF(orientation=orientation, unit="mm", format=(min(size), max(size)))
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    for style, file in (("", "IBMPlexSans_400Regular.ttf"), ("B", "IBMPlexSans_700Bold.ttf")):
        with resources.as_file(_PRINTED / file) as path:
            pdf.add_font(_PLEX, style, path)
    return pdf


def _front(pdf: FPDF, card: CardToPrint, words: CardWords, left: float, top: float) -> None:
    width, height = CARD
    pdf.set_fill_color(_GROUNDS[card.person_id % len(_GROUNDS)])
    pdf.rect(left, top, width, height, style="F")
    pdf.set_fill_color("#ffffff")
    pdf.ellipse(left + 4, top + 5, 26, 26, style="F")
    pdf.image(BytesIO((_PRINTED / f"{card.animal}.svg").read_bytes()), left + 8, top + 9, 18, 18)
    beside = width - _QR - 4 - 32 - 2
    _line(pdf, words.title, left + 32, top + 9, beside, 8, bold=False)
    _ink(pdf, 16, bold=True)
    if pdf.get_string_width(card.class_name) <= beside:  # it stands beside the school in any case
        _line(pdf, card.class_name, left + 32, top + 13, beside, 16, bold=True)
    _lines(pdf, card.name, left + 5, top + 32, width - _QR - 4 - 5 - 2, 12)
    of = " · ".join(part for part in (card.class_name, card.school) if part)
    _line(pdf, of, left + 5, top + 43.5, width - 10, 8, bold=False)
    _line(pdf, words.lost, left + 5, top + 47.5, width - 10, 8, bold=False)
    _qr(pdf, card.token, left + width - _QR - 4, top + 5)


def _back(pdf: FPDF, school: str, words: CardWords, left: float, top: float) -> None:
    width, height = CARD
    for text, bold, down, size in (
        (words.site, True, 14, 14),
        (school, False, 21, 9),
        (words.found, False, 33, 8),
    ):
        _fit(pdf, text, size, width - 12, bold=bold)
        pdf.set_xy(left, top + down)
        pdf.cell(width, 5, text, align="C")
    pdf.set_draw_color("#9a7bb3")
    pdf.set_line_width(0.3)
    pdf.rect(left + 4, top + 4, width - 8, height - 8, style="D", round_corners=True, corner_radius=4)


def _qr(pdf: FPDF, token: str, left: float, top: float) -> None:
    """Draw the code as one shape, so that no viewer leaves hair lines between its modules."""
    rows = list(segno.make_qr(token, error="q", boost_error=False).matrix_iter(border=_QUIET))
    module = _QR / len(rows)
    pdf.set_fill_color("#ffffff")
    pdf.rect(left, top, _QR, _QR, style="F")
    shape = PaintedPath()
    shape.style.fill_color = DeviceRGB(0, 0, 0)
    shape.style.stroke_color = None
    for down, row in enumerate(rows):
        for right, length in _dark_runs(row):
            shape.rectangle(left + right * module, top + down * module, length * module, module)
    with pdf.drawing_context() as drawing:
        drawing.add_item(shape)


def _dark_runs(row: Iterable[int]) -> list[tuple[int, int]]:
    """Return where dark modules that stand side by side begin, and how many they are."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs


def _cut_marks(pdf: FPDF) -> None:
    pdf.set_draw_color("#777777")
    pdf.set_line_width(0.15)
    for column in range(_COLUMNS + 1):
        across = _LEFT + column * CARD[0]
        pdf.line(across, _TOP - 7, across, _TOP - 2)
        pdf.line(across, _SHEET[1] - _TOP + 2, across, _SHEET[1] - _TOP + 7)
    for row in range(_ROWS + 1):
        down = _TOP + row * CARD[1]
        pdf.line(_LEFT - 9, down, _LEFT - 2, down)
        pdf.line(_SHEET[0] - _LEFT + 2, down, _SHEET[0] - _LEFT + 9, down)


def _lines(pdf: FPDF, text: str, left: float, top: float, width: float, size: float) -> None:
    """Write a bold text on one line, or on two where it is longer than that."""
    _ink(pdf, size, bold=True)
    first, _, rest = text.partition(" ")
    parts = [text] if pdf.get_string_width(text) <= width or not rest else [first, rest]
    for part in parts:
        _line(pdf, part, left, top, width, size * (1 if len(parts) == 1 else 0.85), bold=True)
        top += size * 0.38


def _line(pdf: FPDF, text: str, left: float, top: float, width: float, size: float, *, bold: bool) -> None:
    text = _fit(pdf, text, size, width, bold=bold)
    pdf.set_xy(left, top)
    pdf.cell(width, size * 0.4, text)


def _fit(pdf: FPDF, text: str, size: float, width: float, *, bold: bool) -> str:
    """Set a size in which the text fits the width; cut what would have to be smaller than two thirds."""
    _ink(pdf, size, bold=bold)
    needed = pdf.get_string_width(text)
    if needed > width:
        _ink(pdf, max(size * width / needed * 0.98, size * 2 / 3), bold=bold)
    while len(text) > 1 and pdf.get_string_width(text) > width:
        text = text[:-2].rstrip() + "…"
    return text


def _ink(pdf: FPDF, size: float, *, bold: bool) -> None:
    pdf.set_font(_PLEX, "B" if bold else "", size)
    pdf.set_text_color(_INK)


def _in_tens(cards: Sequence[CardToPrint]) -> list[Sequence[CardToPrint]]:
    most = _COLUMNS * _ROWS
    return [cards[first : first + most] for first in range(0, len(cards), most)]
