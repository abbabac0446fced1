"""One demo service: a start page with one big button, and what it received once somebody came through it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken
from flask import Blueprint, Flask, current_app, make_response, redirect, render_template, request, session, url_for
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect
from joserfc.errors import JoseError

from admin_ui.demo.laeringsportalen.in_process import oauth_over
from admin_ui.demo.laeringsportalen.told import ABOUT_THE_LOGIN, told
from idp.web.headers import content_security_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from _typeshed.wsgi import WSGIApplication
    from flask import Response
    from flask.typing import ResponseReturnValue

    from admin_ui.demo.laeringsportalen.looks import Look

portal = Blueprint("portal", __name__)

_SERVICE: Final = "demo-service"


@dataclass(frozen=True, kw_only=True)
class DemoService:
    """A look, and how it is known to the provider."""

    look: Look
    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class _Wired:
    service: DemoService
    client: Any
    claims_cls: type[CodeIDToken]


def create_app(service: DemoService, provider: WSGIApplication, *, now: Callable[[], datetime]) -> Flask:
    """Make the service's application, to be mounted at ``/<key>``. ``now`` is the clock its tokens are checked with."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=hashlib.sha256(f"{service.client_id}:{service.client_secret}".encode()).digest(),
        SESSION_COOKIE_NAME=f"{service.look.key}-session",
        SESSION_COOKIE_PATH=f"/{service.look.key}/",
        SESSION_COOKIE_SECURE=service.issuer.startswith("https://"),
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_TRANSLATION_DIRECTORIES="../../translations",
    )
    Babel(app, locale_selector=_language)
    CSRFProtect(app)
    client = oauth_over(app, provider).register(  # type: ignore[no-untyped-call]
        "skolepas",
        client_id=service.client_id,
        client_secret=service.client_secret,
        server_metadata_url=f"{service.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
    )

    def moment() -> int:
        return int(now().timestamp())

    class Claims(CodeIDToken):
        def validate(self, now: int | Callable[[], int] | None = None, leeway: int = 0) -> None:
            super().validate(now=now or moment(), leeway=leeway)

    app.extensions[_SERVICE] = _Wired(service, client, Claims)
    app.register_blueprint(portal)
    app.after_request(_harden)
    app.context_processor(lambda: {"look": service.look, "lang": _language()})
    return app


MORE_THAN_ONE_FACTOR: Final = "VoksenVerificeret ToFaktor"
"""What the sealed letter asks for: a pupil's teacher says yes, everybody else shows a second factor."""


@portal.get("/")
def start() -> ResponseReturnValue:
    """Show the big button, or what was received."""
    claims = session.get("claims")
    if claims is None:
        return render_template("portal/start.html")
    return render_template(
        "portal/inside.html",
        name=claims.get("given_name"),
        letter_open=claims.get("acr") in MORE_THAN_ONE_FACTOR.split(),
        sentences=told(claims),
        about_person={name: value for name, value in claims.items() if name not in ABOUT_THE_LOGIN},
        about_login={name: value for name, value in claims.items() if name in ABOUT_THE_LOGIN},
    )


@portal.get("/login")
def login() -> ResponseReturnValue:
    """Send the browser to the provider; for the sealed letter with a wish for more than one factor."""
    more = {"acr_values": MORE_THAN_ONE_FACTOR} if "letter" in request.args else {}
    answer: ResponseReturnValue = _wired().client.authorize_redirect(
        f"{_here()}{url_for('portal.callback')}", ui_locales=_language(), **more
    )
    return answer


@portal.get("/callback")
def callback() -> ResponseReturnValue:
    """Take the code, fetch the tokens, ask for the claims."""
    wired = _wired()
    try:
        tokens = wired.client.authorize_access_token(claims_cls=wired.claims_cls)
        claims = {**tokens["userinfo"], **wired.client.userinfo(token=tokens)}
    except (OAuthError, JoseError) as refused:
        return render_template("portal/refused.html", error=refused.error), 403
    session["claims"] = dict(claims)
    session["id_token"] = tokens["id_token"]
    return redirect(url_for("portal.start"), code=303)


@portal.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget who was here, and log out at the provider too (OpenID Connect RP-Initiated Logout 1.0)."""
    id_token = session.get("id_token")
    session.clear()
    answer: ResponseReturnValue = _wired().client.logout_redirect(
        post_logout_redirect_uri=f"{_here()}{url_for('portal.logged_out')}",
        id_token_hint=id_token,
        client_id=_wired().service.client_id,
    )
    return answer


@portal.get("/frontchannel-logout")
def frontchannel_logout() -> ResponseReturnValue:
    """Forget who was here when the provider says that the session has ended (OpenID Connect Front-Channel Logout 1.0, 3)."""
    claims = session.get("claims", {})
    issuer, sid = _wired().service.issuer, claims.get("sid")
    if request.args.get("iss") == issuer and sid and request.args.get("sid") == sid:
        session.clear()
    response = make_response("", 200)
    response.headers["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors {issuer}"
    return response


@portal.get("/logged-out")
def logged_out() -> ResponseReturnValue:
    """Say goodbye."""
    session.clear()
    return render_template("portal/goodbye.html")


def _wired() -> _Wired:
    found: _Wired = current_app.extensions[_SERVICE]
    return found


def _here() -> str:
    """Where this service is served, as it was registered; never what the request says."""
    return _wired().service.issuer


def _language() -> str:
    return request.accept_languages.best_match(["da", "en"]) or "da"


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", content_security_policy())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Language"] = str(get_locale())
    return response
