"""What every application reads at its start is read once for all tests: the policy's files, and the templates.

A test makes an application of its own, some thousand of them in all. What they read is the same, and nobody changes it: rules
are frozen, and a template's code is kept under its text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import BytecodeCache

import idp.policy_files
from policies.tables import Rules, load_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2.bccache import Bucket

    from policies.vocabulary import Follow


class CodeInMemory(BytecodeCache):
    """Keeps what Jinja makes of a template; Jinja itself compares the text that it was made from."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._held:
            bucket.bytecode_from_string(self._held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._held[bucket.key] = bucket.bytecode_to_string()


@cache
def _rules(texts: tuple[tuple[str, str], ...], follow: Follow) -> Rules:
    return load_rules(dict(texts), follow)


def _known_rules(texts: Mapping[str, str], follow: Follow) -> Rules:
    return _rules(tuple(sorted(texts.items())), follow)


def pytest_configure() -> None:
    """Put both in the place of reading again."""
    idp.policy_files.load_rules = _known_rules
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CodeInMemory()}
