"""The identity provider alone, for a WSGI server: ``granian --interface wsgi idp.wsgi:app``."""

from idp.app import create_app

app = create_app()
