"""
A logo as a service sends it → a picture that we can show: the only file of the provider that opens images.

What strangers send is decoded within bounds and drawn anew, so that nothing but its pixels gets through: no metadata,
no script of an SVG, no second format hidden behind the first.
"""

from __future__ import annotations

import io
import warnings

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 2_000_000
SIDE = 112
"""Pixels; twice what the pages show, for dense screens."""


class NotAnImage(Exception):
    """Of no format we take, broken, or too large."""


def as_logo(unverified: bytes) -> bytes:
    """A PNG of at most SIDE × SIDE pixels. Raises: NotAnImage."""
    from PIL import Image, UnidentifiedImageError  # logos are fetched by the background worker, and seldom

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is judged below
            opened = Image.open(io.BytesIO(unverified), formats=FORMATS)
            if opened.width * opened.height > MOST_PIXELS or opened.width < 1 or opened.height < 1:
                raise NotAnImage("size")
            drawn = opened.convert("RGBA")
            drawn.thumbnail((SIDE, SIDE))
            written = io.BytesIO()
            drawn.save(written, "PNG")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NotAnImage(type(error).__name__) from error
    return written.getvalue()
