"""
The typeface of the sample documents: four static cuts of Noto Serif, made once from the variable font of its package.

Decree 30/2020 names Times New Roman, which is proprietary. Noto Serif covers every Vietnamese letter and is free; its
width axis is set to 86 % here, so that lines run about as long as they do in Times.
"""

from __future__ import annotations

from pathlib import Path

import fontpkg_noto_serif
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from reportlab.pdfbase import pdfmetrics, ttfonts

REGULAR, BOLD, ITALIC, BOLD_ITALIC = "Van", "Van-Dam", "Van-Nghieng", "Van-DamNghieng"
_WIDTH_PERCENT = 86
_CUTS = {
    REGULAR: ("NotoSerif[wdth,wght].ttf", 400),
    BOLD: ("NotoSerif[wdth,wght].ttf", 700),
    ITALIC: ("NotoSerif-Italic[wdth,wght].ttf", 400),
    BOLD_ITALIC: ("NotoSerif-Italic[wdth,wght].ttf", 700),
}


def register_typefaces(cache: Path) -> None:
    """Make the four cuts in `cache` unless they are there already, and make them known to reportlab."""
    cache.mkdir(parents=True, exist_ok=True)
    files = Path(fontpkg_noto_serif.__file__).parent / "files"
    for name, (source, weight) in _CUTS.items():
        target = cache / f"{name}.ttf"
        if not target.exists():
            cut = instantiateVariableFont(_letters_only(files / source), {"wght": weight, "wdth": _WIDTH_PERCENT})
            for record in (1, 4, 6):  # reportlab tells faces apart by these names, which a cut inherits from its source
                cut["name"].setName(name, record, 3, 1, 0x409)
                cut["name"].removeNames(nameID=record, platformID=1)
            # written under another name first: two starts at once must not read half a font
            draft = target.with_suffix(".part")
            cut.save(draft)
            draft.replace(target)
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(target)))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD_ITALIC)


def _letters_only(source: Path) -> TTFont:
    """The variable font cut down to Latin and Vietnamese letters: making a cut then takes a tenth of the time."""
    font = TTFont(source)
    subsetter = Subsetter(Options(layout_features=[], notdef_outline=True, name_IDs=["*"]))
    subsetter.populate(
        unicodes=[*range(0x20, 0x250), *range(0x300, 0x324), *range(0x1EA0, 0x1EFA), *range(0x2010, 0x2027)]
    )
    subsetter.subset(font)
    return font
