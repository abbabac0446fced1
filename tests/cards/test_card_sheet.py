"""What is printed: ten cards on a sheet, names in every European alphabet, and nothing that helps who finds a card."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from admin_ui.parts.card_sheet import CardWords, print_sheets, print_single
from idp.usecases.cards import CardToPrint
from policies.cards import animal_of, new_card_token
from tests.cards.printed import picture_of, text_of

if TYPE_CHECKING:
    from pathlib import Path

WORDS = CardWords(
    site="Skolepas",
    title="Elevkort",
    lost="Mistet? Sig det til din lærer.",
    found="Fundet? Giv kortet til skolens kontor.",
)


def cards(*names: str) -> list[CardToPrint]:
    return [
        CardToPrint(
            person_id=number,
            name=name,
            class_name="1a",
            school="Søndervangsskolen",
            animal=animal_of(number),
            token=new_card_token(secrets.randbelow),
        )
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize(("many", "pages"), [(1, 2), (10, 2), (11, 4), (25, 6)])
def test_ten_cards_fit_on_a_sheet_and_every_sheet_has_a_back(many: int, pages: int) -> None:
    text = text_of(print_sheets(cards(*["Asta Prøvesen"] * many), WORDS))
    assert text.count("\f") == pages
    fronts, backs = text.split("\f")[0:-1:2], text.split("\f")[1:-1:2]
    assert sum(page.count("Asta Prøvesen") for page in fronts) == many
    assert all(page.count("Fundet?") == 10 for page in backs)
    assert not any("Asta" in page for page in backs)


@pytest.mark.parametrize(
    "name", ["Åse Ørsted-Ærø", "Łukasz Żółkiewski", "Nguyễn Thị Ánh", "İbrahim Şağ", "Йосип Щука", "Nikos Παπάς"]
)
def test_names_are_printed_in_their_own_letters(name: str) -> None:
    assert name in text_of(print_single(cards(name), WORDS))


def test_a_card_carries_no_token_in_letters_no_address_and_no_username() -> None:
    made = cards("Asta Prøvesen")
    text = text_of(print_sheets(made, WORDS))
    assert made[0].token not in text
    assert "http" not in text
    assert "." not in text.replace("lærer.", "").replace("kontor.", "")


def test_a_long_name_is_printed_on_two_lines_and_stays_on_the_card() -> None:
    text = text_of(print_single(cards("Maximiliane Alexandra von Hohenstein-Bjørnholm"), WORDS))
    assert "Maximiliane" in text
    assert "Alexandra von Hohenstein" in text


def test_a_pupil_without_a_name_to_show_has_a_card_all_the_same() -> None:
    text = text_of(print_single(cards(""), WORDS))
    assert "Elevkort" in text
    assert "1a" in text


def test_a_card_printer_gets_pages_of_a_cards_size(tmp_path: Path) -> None:
    picture = picture_of(print_single(cards("Asta", "Bo"), WORDS), tmp_path / "card.png", dots_per_inch=254)
    header = picture.read_bytes()[16:24]
    size = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
    assert size == (pytest.approx(856, abs=1), pytest.approx(540, abs=1))
