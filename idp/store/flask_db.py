"""The one line that hands our base to Flask-SQLAlchemy, apart so that the command line and sync need no Flask."""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy

from idp.store.base import Base

flask_db = SQLAlchemy(model_class=Base, disable_autonaming=True)
