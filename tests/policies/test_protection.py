from __future__ import annotations

from dataclasses import replace

from policies.protection import SchoolRecord, ShownName, is_protected, shown_name

OPEN = SchoolRecord("Søren", "Holm")
PROTECTED = SchoolRecord("Søren", "Holm", "Bo", "Lund", protected=True)


def test_an_unprotected_person_is_shown_as_the_acting_school_says() -> None:
    assert shown_name([OPEN, SchoolRecord("Søren P.", "Holm")]) == ShownName("Søren", "Holm")


def test_one_record_that_protects_protects_everywhere() -> None:
    assert is_protected([OPEN, PROTECTED])
    assert shown_name([OPEN, PROTECTED]) == ShownName("Bo", "Lund", alias=True)


def test_an_alias_without_protection_hides_nothing() -> None:
    assert shown_name([replace(PROTECTED, protected=False)]) == ShownName("Søren", "Holm")


def test_the_alias_of_the_protecting_record_comes_first() -> None:
    other = replace(OPEN, alias_first_name="Kaj", alias_family_name="Bak")
    assert shown_name([other, PROTECTED]) == ShownName("Bo", "Lund", alias=True)


def test_a_protected_person_without_an_alias_has_no_name() -> None:
    assert shown_name([replace(PROTECTED, alias_first_name=None)]) is None
    assert shown_name([replace(PROTECTED, alias_family_name="")]) is None


def test_nobody_has_no_name() -> None:
    assert shown_name([]) is None
