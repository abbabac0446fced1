"""The browser's speech, recorded: Chromium on a machine without loudspeakers has no voice to read with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

_RECORDER = """voices => {
  const spoken = [];
  const waiting = [];
  class Utterance extends EventTarget {
    constructor(text) { super(); this.text = text; this.voice = null; this.lang = ''; this.rate = 1; }
  }
  const speech = Object.assign(new EventTarget(), {
    spoken,
    getVoices: () => voices,
    speak(utterance) {
      spoken.push({text: utterance.text, lang: utterance.lang, voice: utterance.voice?.name});
      waiting.push(utterance);
      if (waiting.length === 1) utterance.dispatchEvent(new Event('start'));
    },
    cancel() { waiting.splice(0).forEach(one => one.dispatchEvent(new Event('end'))); },
    finish() {  // the voice comes to the end of what it says now
      waiting.shift()?.dispatchEvent(new Event('end'));
      waiting[0]?.dispatchEvent(new Event('start'));
    },
  });
  Object.defineProperty(window, 'speechSynthesis', {value: speech});
  Object.defineProperty(window, 'SpeechSynthesisUtterance', {value: Utterance});
}"""
DANISH = {"name": "Danish, of this device", "lang": "da-DK", "localService": True}
ENGLISH = {"name": "English, of this device", "lang": "en-GB", "localService": True}
DANISH_FROM_AFAR = {"name": "Danish, of a server", "lang": "da-DK", "localService": False}


def give_voices(window: BrowserContext, *voices: dict[str, object]) -> None:
    """Give the window's pages these voices, which are recorded and not heard."""
    window.add_init_script(f"({_RECORDER})({json.dumps(voices)})")


def spoken(page: Page) -> list[str]:
    """Return what was spoken on this page, in order."""
    said: list[str] = page.evaluate("() => speechSynthesis.spoken.map(one => one.text)")
    return said


def finish(page: Page) -> None:
    """Let the voice come to the end of what it says now."""
    page.evaluate("() => speechSynthesis.finish()")
