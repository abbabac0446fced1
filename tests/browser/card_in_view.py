"""A printed card in front of a camera: its picture as Chromium's make-believe camera films it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageEnhance, ImageFilter

from tests.cards.printed import picture_of

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 1280, 720
WIDTH = 720
"""The card, held at half an arm's length, fills a little more than half of what the camera sees."""


def film(pdf: bytes, target: Path) -> Path:
    """Write a film of the first card of ``pdf``: turned a little, not quite sharp, in the light of a classroom."""
    card = Image.open(picture_of(pdf, target.with_suffix(".png"), dots_per_inch=254)).convert("RGB")
    card = card.resize((WIDTH, WIDTH * card.height // card.width))
    frames = [_frame(card, degrees) for degrees in (-8.0, -6.5, -5.0, -6.5)]
    target.write_bytes(b"".join(frames) * 4)
    return target


def _frame(card: Image.Image, degrees: float) -> bytes:
    room = Image.effect_noise((SIZE[0] // 16, SIZE[1] // 16), 60).resize(SIZE).convert("RGB")
    mask = Image.new("L", card.size, 255).rotate(degrees, expand=True)
    turned = card.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC)
    place = (SIZE[0] - turned.width) // 2, (SIZE[1] - turned.height) // 2
    room.paste(turned, place, mask)
    dim = ImageEnhance.Brightness(room.filter(ImageFilter.GaussianBlur(0.8))).enhance(0.85)
    kept = io.BytesIO()
    dim.save(kept, "JPEG", quality=85)
    return kept.getvalue()
