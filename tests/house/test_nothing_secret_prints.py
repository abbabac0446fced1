"""Whatever is printed, logged or shown in a traceback with its locals: no value of ours prints a secret that it holds."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

import admin_ui
import idp
import policies
import sync
from idp.login.attempt import Browser
from idp.login.dispatch import Position
from idp.login.steps.choose_code import Choice
from idp.usecases.codes import IssuedCode
from policies.vocabulary import CodeKind, Stage, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = re.compile(r"((^|_)(secret|token|password|cpr|seed|handovers|devices|clear)|^sign)$")
"""Names of fields that hold what nobody may read. ``address`` is one of a browser (decision 7)."""
CODE = "Tordenvejr-Alpaka-71"


LEFT_OUT = (".migrations", "admin_ui.demo")


def values() -> Iterator[type]:
    """Every dataclass of the product; the demo's are left out, whose codes are printed on purpose."""
    for package in (idp, policies, sync, admin_ui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith((".wsgi", ".env")) or any(left in module.name for left in LEFT_OUT):
                continue
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and dataclasses.is_dataclass(found) and found.__module__ == module.name:
                    yield found


def prints(of: type) -> list[str]:
    """The fields that dataclasses' own ``repr`` shows."""
    shows: bool = of.__dataclass_params__.repr  # type: ignore[attr-defined]
    return [field.name for field in dataclasses.fields(of) if field.repr] if shows else []


def test_no_value_prints_a_field_that_holds_a_secret() -> None:
    found = list(values())
    assert len(found) > 100
    assert [f"{of.__module__}.{of.__name__}.{name}" for of in found for name in prints(of) if SECRET.search(name)] == []


def test_a_code_prints_nowhere_it_is_carried() -> None:
    code = IssuedCode(CodeKind.TEXT, CODE, Stage.UDSKOLING)
    carried = [code, Choice(code, ()), Position(step=Step.NEW_CODE, new_code=code, held_with=CODE), [code], {"a": code}]
    for value in carried:
        assert CODE not in f"{value!r} {value}"


def test_a_browser_prints_neither_its_cookies_nor_where_it_is() -> None:
    browser = Browser(
        secret=CODE, address="192.0.2.7", devices=(CODE,), session_token=CODE, handovers=(CODE,), description="Firefox"
    )
    assert repr(browser) == "Browser(description='Firefox', shared=False)"
