"""Brugeradministration: the user administrators of an institution look after its people and their codes."""

from __future__ import annotations

from flask import Blueprint

brugeradministration = Blueprint("brugeradministration", __name__, url_prefix="/brugeradministration")
