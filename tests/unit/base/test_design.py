"""The design language, measured: contrast in both schemes, size, and nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import base.web

FOLDER = Path(base.web.__file__).parent
CSS = (FOLDER / "static" / "app.css").read_text("utf-8")
PAIRS = [
    ("ink", "paper", 4.5),
    ("ink", "sheet", 4.5),
    ("quiet", "paper", 4.5),
    ("quiet", "sheet", 4.5),
    ("link", "paper", 4.5),
    ("link", "sheet", 4.5),
    ("on-seal", "seal", 4.5),
    ("on-seal", "seal-deep", 4.5),
    *((word, ground, 4.5) for word in ("good", "care", "bad") for ground in ("paper", "sheet")),
    *((word, f"{word}-bg", 4.5) for word in ("good", "care", "bad", "note")),
    *(("ink", f"{word}-bg", 4.5) for word in ("good", "care", "bad", "note")),
    ("edge", "paper", 3.0),  # WCAG 1.4.11: the edge of a field
    ("edge", "sheet", 3.0),
    ("focus", "paper", 3.0),
    ("focus", "sheet", 3.0),
    ("seal", "paper", 2.6),  # the mark: decorative, its meaning is said beside it
]


def tokens(scheme: str) -> dict[str, str]:
    light, dark = CSS.split("@media (prefers-color-scheme:dark)", 1)
    text = light if scheme == "light" else dark.split("}}", 1)[0]
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", text))


def luminance(colour: str) -> float:
    """WCAG 2.1 relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(scheme: str, front: str, back: str, least: float) -> None:
    colours = tokens(scheme)
    bright, dim = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= least


def test_the_stylesheet_stays_small_and_plain() -> None:
    assert len(CSS.encode()) <= 14_000
    for unwanted in ("gradient", "@import", "!important", "http:", "https:"):
        assert unwanted not in CSS


def test_templates_need_no_script_and_no_inline_style() -> None:
    for path in (FOLDER / "templates").iterdir():
        text = path.read_text("utf-8")
        assert not re.search(r"<script|style=|\son\w+=|https?://", text), path.name


def test_every_state_has_a_shape_of_its_own() -> None:
    macros = (FOLDER / "templates" / "macros.html").read_text("utf-8")
    shapes = re.findall(r'<(?:circle|path) class="solid"[^>]*>', macros.split("macro verdict")[1].split("endmacro")[0])
    assert len(set(shapes)) == 3
