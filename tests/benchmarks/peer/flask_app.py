"""The least that Flask can do: one view, one text. A yardstick."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def nothing() -> str:
    return "nothing"
