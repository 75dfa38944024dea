"""
The typeface of the sample documents: four static cuts of Noto Serif, made once from the variable font of its package.

Decree 30/2020 names Times New Roman, which is proprietary. Noto Serif covers every Vietnamese letter and is free; its
width axis is set to 86 % here, so that lines run about as long as they do in Times.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import fontpkg_noto_serif
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from reportlab.pdfbase import pdfmetrics, ttfonts

REGULAR, BOLD, ITALIC, BOLD_ITALIC = "Van", "Van-Dam", "Van-Nghieng", "Van-DamNghieng"
_WIDTH_PERCENT = 86
LETTERS = (
    "".join(
        chr(code)
        for first, last in ((0x20, 0x7E), (0xA0, 0xFF), (0x2010, 0x2026), (0x1EA0, 0x1EF9))
        for code in range(first, last + 1)
    )
    + "ĂăĐđĨĩŨũƠơƯư"
)
_CUTS = {
    REGULAR: ("NotoSerif[wdth,wght].ttf", 400),
    BOLD: ("NotoSerif[wdth,wght].ttf", 700),
    ITALIC: ("NotoSerif-Italic[wdth,wght].ttf", 400),
    BOLD_ITALIC: ("NotoSerif-Italic[wdth,wght].ttf", 700),
}


def register_typefaces(cache: Path) -> None:
    """Make the four cuts in `cache` unless they are there already, and make them known to reportlab."""
    cache.mkdir(parents=True, exist_ok=True)
    targets = {name: cache / f"{name}.ttf" for name in _CUTS}
    if not all(target.exists() for target in targets.values()):
        files = Path(fontpkg_noto_serif.__file__).parent / "files"
        small = {source: _letters_only(files / source) for source in {source for source, _ in _CUTS.values()}}
        for name, (source, weight) in _CUTS.items():
            _cut(small[source], name, weight, targets[name])
    for name, target in targets.items():
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(target)))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD_ITALIC)


def _letters_only(source: Path) -> bytes:
    """The variable font cut down to our letters, as a file: making a cut then takes a tenth of the time."""
    font = TTFont(source)
    subsetter = Subsetter(Options(layout_features=[], notdef_outline=True, name_IDs=["*"]))
    subsetter.populate(text=LETTERS)
    subsetter.subset(font)
    held = BytesIO()
    font.save(held)
    return held.getvalue()


def _cut(variable: bytes, name: str, weight: int, target: Path) -> None:
    cut = instantiateVariableFont(TTFont(BytesIO(variable)), {"wght": weight, "wdth": _WIDTH_PERCENT})
    for record in (1, 4, 6):  # reportlab tells faces apart by these names, which a cut inherits from its source
        cut["name"].setName(name, record, 3, 1, 0x409)
        cut["name"].removeNames(nameID=record, platformID=1)
    # written under another name first: two starts at once must not read half a font
    draft = target.with_suffix(".part")
    cut.save(draft)
    draft.replace(target)
