"""Which language a page speaks: the service's wish, the person's own, this browser's, then Danish.

A language chosen by hand during a login comes before all of these for the rest of that login.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, abort, g, make_response, redirect, request, url_for
from flask_babel import Babel, force_locale, get_locale, get_translations, refresh
from jinja2 import pass_context
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from idp.web.session_cookie import chosen_language, set_language_cookie
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from gettext import NullTranslations

    from flask import Flask, Request, Response
    from jinja2.runtime import Context

    from idp.web.application import Application

LANGUAGES: Final[Mapping[str, str]] = {"da": "Dansk", "en": "English"}

_LOCALES: Final = {code: Locale.parse(code) for code in LANGUAGES}

_LOGIN_PAGE: Final = re.compile(r"/login/([A-Za-z0-9_-]+)(?:/|$)")

language_blueprint = Blueprint("language", __name__)


def set_up_languages(app: Application) -> None:
    """Teach the application to choose a language and to say which one it chose."""
    Babel(
        app,
        default_translation_directories="translations",
        default_locale=site_default(app),
        locale_selector=_select,
        timezone_selector=lambda: site().system.settings.site.time_zone,
    )
    _give_templates_their_texts(app)
    app.finish_with(_say_language)
    app.register_blueprint(language_blueprint)


def _give_templates_their_texts(app: Flask) -> None:
    """Let templates find a text of the page's language by one look.

    Flask-Babel asks for the request, the domain and the language again at every text, and Jinja formats each, also those
    in which nothing is to be put: together that was a third of a page.
    """
    catalogues: dict[str, NullTranslations] = {}
    texts: dict[tuple[str, str], Markup] = {}

    def catalogue(language: str) -> NullTranslations:
        found = catalogues.get(language)
        if found is None:
            with force_locale(language):
                found = catalogues[language] = get_translations()
        return found

    @pass_context
    def text(context: Context, message: str, **variables: object) -> Markup:
        key = (context.get("lang") or current_language(), message)
        said = texts.get(key)
        if said is None:
            said = texts[key] = Markup(catalogue(key[0]).gettext(message))  # noqa: S704 (our own texts)
        return said % variables if variables or "%" in said else said

    @pass_context
    def counted(context: Context, one: str, many: str, number: int, **variables: object) -> Markup:
        said = catalogue(context.get("lang") or current_language()).ngettext(one, many, number)
        return Markup(said) % {"num": number, **variables}  # noqa: S704

    app.jinja_env.globals.update({"_": text, "gettext": text, "ngettext": counted})


def site_default(app: Flask) -> str:
    """Return the installation's own language."""
    default: str = app.extensions["skolepas"].system.settings.site.default_language
    return default


def prefer(*languages: str | None, attempt: str) -> None:
    """Name the languages of the login ``attempt`` that come before the browser's: ``ui_locales``, then the person's."""
    wished = [chosen_language(attempt), *languages]
    g.preferred_languages = [code for code in map(_known, wished) if code]
    refresh()


def speak(*languages: str) -> None:
    """Name the languages that a service wishes for a page outside any login; what was chosen by hand comes first."""
    g.preferred_languages = [code for code in map(_known, [chosen_language(), *languages]) if code]
    refresh()


def current_language() -> str:
    """Return the code of the language this page speaks."""
    return str(get_locale().language)


def other_languages() -> list[tuple[str, str, str]]:
    """Return (code, name, address) of each other language; the address leads back to this page."""
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return [
        (code, name, url_for("language.choose", code=code, to=here))
        for code, name in LANGUAGES.items()
        if code != current_language()
    ]


def is_on_this_site(target: str) -> bool:
    """Say whether ``target`` is a path on this site and nothing that a browser reads as another."""
    try:
        parts = urlsplit(target)
    except ValueError:  # an authority with half a bracket
        return False
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return plain and not parts.scheme and not parts.netloc


@language_blueprint.get("/language/<code>")
def choose(code: str) -> Response:
    """Remember a language in this browser and go back to the page, which must be one of ours."""
    if code not in LANGUAGES:
        abort(404)
    target = request.args.get("to", "/")
    if not is_on_this_site(target):
        target = "/"
    response = make_response(redirect(target, 303))
    login = _LOGIN_PAGE.match(target)
    set_language_cookie(response, code, attempt=login[1] if login else "")
    return response


def _known(language: str | None) -> str | None:
    code = (language or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else None


def _first(languages: Iterable[str | None]) -> str | None:
    return next((language for language in languages if language), None)


@lru_cache(maxsize=512)
def _best_of(accepted: str) -> str | None:
    """Return which of our languages a browser wants most; there are few different headers."""
    return parse_accept_header(accepted, LanguageAccept).best_match(list(LANGUAGES))


def _select() -> Locale:
    preferred: list[str] = g.get("preferred_languages", [])
    chosen = (
        _first([*preferred, _known(chosen_language()), _best_of(request.headers.get("Accept-Language", ""))])
        or site().system.settings.site.default_language
    )
    return _LOCALES[chosen]


def _say_language(_asked: Request, response: Response, _seconds: float) -> None:
    if "Location" not in response.headers and response.mimetype == "text/html":  # nobody reads the page of a redirect
        response.headers["Content-Language"] = current_language()
        response.vary.update({"Accept-Language", "Cookie"})
