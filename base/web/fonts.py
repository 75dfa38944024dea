"""
The font of our pages: Be Vietnam Pro from its package, cut to Latin and Vietnamese, kept as WOFF2.

Cut once, at first start, into `<data_dir>/static/fonts`; the name carries the number of the cut, so that its address
can be cached for a year. Two processes may do it at once: each writes a file of its own and renames it.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import fontpkg_be_vietnam_pro

from base.errors import StartError

CUT = "1"
"""Raise it when the characters below, or the address in static/app.css, change."""
WEIGHTS = ((400, "BeVietnamPro-Regular.ttf"), (600, "BeVietnamPro-SemiBold.ttf"))
CHARACTERS = (
    (0x20, 0x7E),
    (0xA0, 0x17F),  # Latin-1 and Latin Extended-A
    (0x18F, 0x192),
    (0x1A0, 0x1A1),  # ơ
    (0x1AF, 0x1B0),  # ư
    (0x300, 0x303),  # combining marks, for text that is not NFC
    (0x306, 0x309),
    (0x31B, 0x31B),
    (0x323, 0x323),
    (0x1EA0, 0x1EF9),  # Vietnamese
    (0x2010, 0x2026),
    (0x2030, 0x203A),
    (0x20AB, 0x20AC),  # ₫ €
    (0x2212, 0x2212),
)


def file_name(weight: int) -> str:
    """The name under /static/fonts/; static/app.css spells it out."""
    return f"be-vietnam-pro-{weight}-{CUT}.woff2"


def prepare(data_dir: Path) -> list[Path]:
    """
    The font files, made where they are missing; 400 first.

    Raises: StartError: the folder cannot be written.
    """
    folder = data_dir / "static" / "fonts"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_made(folder / file_name(weight), source) for weight, source in WEIGHTS]
    except OSError as error:
        raise StartError(f"The fonts cannot be written to {folder}: {error.strerror}.") from error


def _made(target: Path, source: str) -> Path:
    if not target.exists():
        content_path = Path(fontpkg_be_vietnam_pro.ROOT) / "files" / source
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".woff2")
        os.close(handle)
        try:
            _cut(content_path, Path(temporary))
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return target


def _cut(source: Path, target: Path) -> None:
    from fontTools import subset  # slow to import and needed once in the life of an installation

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(flavor="woff2", hinting=False, layout_features=["*"], notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in CHARACTERS for code in range(first, last + 1)])
    with subset.load_font(str(source), options) as font:
        cutter.subset(font)
        subset.save_font(font, str(target), options)
