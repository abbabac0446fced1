"""Everything on one port, as people meet it: the provider, the administration, and a browser without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from admin_ui.app import create_app
from admin_ui.cli import Operator
from admin_ui.wsgi import ADMINISTRATION, ByFirstPart
from idp.app import create_app as create_idp
from idp.keyring import write_keyring
from tests import recipes
from tests.opponents.browser import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from idp.keyring import Keyring
    from idp.usecases.system import System
    from tests.opponents.browser import Page

PICTURES = "house sun cat key"
WORDS = "hest-banan"


@dataclass
class Whole:
    """The site, and who is there. ``asta`` is in 1a with pictures, ``viggo`` teaches 1a with words."""

    system: System
    administration: Flask
    application: ByFirstPart
    school: recipes.School
    group: int
    asta: recipes.Someone
    viggo: recipes.Someone

    def test_client(self) -> Client:
        """What a browser asks for: a client over the whole site."""
        return Client(self.application)

    def browser(self, **about: str) -> Browser:
        return Browser(self, **about)

    def mit(self, browser: Browser, someone: recipes.Someone) -> Page:
        """Go to Mit login as somebody who is not logged in yet."""
        page = browser.type_username(browser.open("/mit/"), someone.username)
        return self.give_code(browser, page, someone)

    def give_code(self, browser: Browser, page: Page, someone: recipes.Someone) -> Page:
        assert someone.code is not None
        if someone.code.count(" ") == 3:
            return browser.tap(page, someone.code)
        return browser.type_code(page, someone.code)


@pytest.fixture
def whole(system: System) -> Whole:
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        group = recipes.a_class(db, system, school)
        asta = recipes.a_pupil(db, system, school, group=group, code=PICTURES)
        viggo = recipes.a_teacher(db, system, school, of=group, code=WORDS)
    idp = create_idp(system=system)
    administration = create_app(system, idp.wsgi_app)
    application = ByFirstPart(idp.wsgi_app, dict.fromkeys(ADMINISTRATION, administration.wsgi_app))
    return Whole(system, administration, application, school, group, asta, viggo)


@pytest.fixture
def operator(system: System, keyring: Keyring, tmp_path: Path) -> Operator:
    """Whoever runs the installation, with a settings file and the secrets beside it."""
    file = tmp_path / "skolepas.toml"
    file.write_text(
        f'[database]\nurl = "{system.settings.database.url}"\n[secrets]\nfile = "secrets.toml"\n', encoding="utf-8"
    )
    write_keyring(keyring, tmp_path / "secrets.toml")
    return Operator(file)
