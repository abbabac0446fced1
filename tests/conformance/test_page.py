"""``docs/conformance.md`` lists what the run knows, plan by plan, and says of nothing that it were certified."""

from __future__ import annotations

from collections import Counter

from tests.conformance.page import listed
from tests.conformance.plans import PLANS
from tests.house.tree import ROOT, text

SIZES = {
    "oidcc-config-certification-test-plan": 1,
    "oidcc-basic-certification-test-plan": 38,
    "oidcc-formpost-basic-certification-test-plan": 38,
    "oidcc-rp-initiated-logout-certification-test-plan": 11,
    "oidcc-backchannel-rp-initiated-logout-certification-test-plan": 2,
    "oidcc-frontchannel-rp-initiated-logout-certification-test-plan": 2,
    "oidcc-dynamic-certification-test-plan": 23,
}
PAGE = ROOT / "docs" / "conformance.md"


def test_the_page_lists_every_module_of_every_plan() -> None:
    assert listed(text(PAGE)) == {plan.name: [one.name for one in plan.modules] for plan in PLANS}


def test_every_module_runs_or_says_why_it_is_not_offered() -> None:
    assert not [one.name for plan in PLANS for one in plan.modules if (one.port is None) != bool(one.reason)]


def test_no_plan_has_a_module_twice_and_the_known_ones_are_whole() -> None:
    twice = {
        plan.name: [name for name, times in Counter(one.name for one in plan.modules).items() if times > 1]
        for plan in PLANS
    }
    assert not any(twice.values())
    sizes = {plan.name: len(plan.modules) for plan in PLANS}
    assert sizes == {**sizes, **SIZES}


def test_the_reasons_of_what_is_not_offered_stand_on_the_page() -> None:
    page = text(PAGE)
    assert not [one.name for plan in PLANS for one in plan.modules if one.reason and one.reason not in page]


def test_the_page_says_own_port_and_claims_no_certificate() -> None:
    page = text(PAGE)
    assert "our own port" in page
    assert "certified" not in page.lower()
