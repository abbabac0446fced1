"""Elevadgang: teachers help the pupils of their classes in, and stay in charge."""

from __future__ import annotations

from flask import Blueprint

elevadgang = Blueprint("elevadgang", __name__, url_prefix="/elevadgang")
