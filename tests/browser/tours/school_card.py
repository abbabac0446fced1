"""The school card in place of the username, under a scanner or in front of a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import go_to_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "card": "A card is held under a scanner, or in front of the camera.",
    "card-camera": "The camera looks for the card; its pictures stay in the page.",
    "card-refused": "The camera was not allowed.",
    "card-wrong": "What was scanned is no card that works.",
}
SCENE = """() => {
  let allowed = true;
  window.refuseTheCamera = () => { allowed = false; };
  navigator.mediaDevices.getUserMedia = async () => {
    if (!allowed) throw new DOMException('no', 'NotAllowedError');
    const room = Object.assign(document.createElement('canvas'), {width: 640, height: 480});
    const brush = room.getContext('2d');
    const draw = () => {
      brush.fillStyle = '#8a9a8f'; brush.fillRect(0, 0, 640, 480);
      brush.fillStyle = '#e9e2d6'; brush.fillRect(150, 130, 340, 214);
      brush.fillStyle = '#b9aec4'; brush.fillRect(180, 170, 130, 130);
    };
    draw(); setInterval(draw, 100);
    return room.captureStream(10);
  };
}"""
"""A camera that sees a room and a card without a code in it."""


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk to the card's page; no card is read."""
    page = windows()
    page.add_init_script(f"({SCENE})()")
    go_to_service(page)
    page.goto(page.url.replace("/username", "/card"))  # the way there is shown where somebody has a card
    expect(page.locator("#card")).to_be_focused()
    yield "card", page
    page.click(".by-camera .start")
    expect(page.locator(".camera-says")).not_to_be_empty()
    yield "card-camera", page
    page.click(".by-camera .stop")
    page.evaluate("() => refuseTheCamera()")
    page.click(".by-camera .start")
    expect(page.locator(".camera-says")).not_to_be_empty()
    yield "card-refused", page
    page.fill("#card", "SKP0000000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "card-wrong", page
