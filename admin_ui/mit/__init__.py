"""Mit login: everybody's own page, and a parent's children."""

from __future__ import annotations

from flask import Blueprint

mit = Blueprint("mit", __name__, url_prefix="/mit")
