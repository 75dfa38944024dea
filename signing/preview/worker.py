"""
The child process that opens strangers' PDFs: draws one page, or looks for a name on the last pages.

Run as `python -I worker.py`; the request is one line of JSON on standard input, the document a path inside it, the
answer PNG or JSON on standard output. It imports nothing of ours, limits its own memory and time, and may crash
without harm: PDFium is C++ and has had its share of memory errors, and it is not thread-safe.
"""

from __future__ import annotations

import base64
import io
import json
import resource
import sys
import unicodedata
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageDraw

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 20
LONGEST_SIDE_PIXELS = 4000
MOST_CHARACTERS = 30_000
COLUMN_GAP_POINTS = 14.0  # text further apart than this on one line belongs to another column
Box = tuple[float, float, float, float]
"""(left, bottom, right, top) in points of the page as people see it, origin lower left."""


def limit() -> None:
    """Bound this process: memory, processor time, no files written, no core."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def draw(document: Any, request: dict[str, Any]) -> bytes:
    """One page as PNG of about `width` pixels, with the signature picture and its frame laid over it when asked for."""
    page = document[request["page"] - 1]
    width, height = page.get_size()
    scale = min(request["width"] / width, LONGEST_SIDE_PIXELS / max(width, height))
    picture = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    if request.get("box"):
        left, bottom, right, top = request["box"]
        frame = (left * scale, (height - top) * scale, right * scale, (height - bottom) * scale)
        _lay_over(picture, base64.b64decode(request["overlay"]), frame)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _lay_over(picture: Image.Image, overlay_png: bytes, frame: Box) -> None:
    left, top, right, bottom = (round(value) for value in frame)
    size = (max(right - left, 1), max(bottom - top, 1))
    overlay = Image.open(io.BytesIO(overlay_png), formats=("PNG",)).convert("RGBA")
    overlay.thumbnail(size)
    corner = (left + (size[0] - overlay.width) // 2, top + (size[1] - overlay.height) // 2)
    picture.paste(overlay, corner, overlay)
    pen = ImageDraw.Draw(picture)
    dash, colour = 9, (176, 42, 48)
    for x in range(left, right, dash * 2):
        pen.line([(x, top), (min(x + dash, right), top)], fill=colour, width=2)
        pen.line([(x, bottom), (min(x + dash, right), bottom)], fill=colour, width=2)
    for y in range(top, bottom, dash * 2):
        pen.line([(left, y), (left, min(y + dash, bottom))], fill=colour, width=2)
        pen.line([(right, y), (right, min(y + dash, bottom))], fill=colour, width=2)


def find(document: Any, request: dict[str, Any]) -> bytes:
    """
    Where the signer's name stands at the end of the document.

    Returns JSON: null, or {"page", "box" of the name, "gap": free points above it}. The last page that shows the name
    wins; on it a name standing alone beats one inside a sentence, then the lowest wins.
    """
    wanted = _plain(request["name"])
    for number in range(len(document), max(len(document) - request["last_pages"], 0), -1):
        letters = _letters(document[number - 1])
        found = _occurrences(letters, wanted)
        if found:
            box = max(found, key=lambda item: (item[0], -item[1][1]))[1]
            return json.dumps({"page": number, "box": box, "gap": _gap_above(letters, box)}).encode()
    return b"null"


def _letters(page: Any) -> list[tuple[str, Box]]:
    """Every visible character of a page and its box; white space is left out."""
    text, frame, turned = page.get_textpage(), page.get_cropbox(), page.get_rotation()
    letters = []
    for index in range(min(text.count_chars(), MOST_CHARACTERS)):
        character = chr(pdfium.FPDFText_GetUnicode(text, index) or 32)
        if not character.isspace() and character.isprintable():
            letters.append((character, _as_seen(text.get_charbox(index), frame, turned)))
    return letters


def _as_seen(box: Box, frame: Box, turned: int) -> Box:
    """A box of the page's own coordinates as it lies after /CropBox and /Rotate (clockwise degrees)."""
    (left, bottom, right, top), (x0, y0, x1, y1) = box, frame
    if turned == 90:
        return (bottom - y0, x1 - right, top - y0, x1 - left)
    if turned == 180:
        return (x1 - right, y1 - top, x1 - left, y1 - bottom)
    if turned == 270:
        return (y1 - top, left - x0, y1 - bottom, right - x0)
    return (left - x0, bottom - y0, right - x0, top - y0)


def _plain(text: str) -> str:
    """Text without spaces, marks composed, case folded: producers differ in all three."""
    return unicodedata.normalize("NFC", "".join(text.split())).casefold()


def _occurrences(letters: list[tuple[str, Box]], wanted: str) -> list[tuple[bool, Box]]:
    """Each place of the name: (stands alone, box)."""
    plain, owner = "", []
    for index, (character, _) in enumerate(letters):
        joined = unicodedata.normalize("NFC", plain[-1:] + character.casefold())
        if plain and len(joined) <= 1:  # a combining mark belongs to the letter before it
            plain = plain[:-1] + joined
            continue
        added = character.casefold()
        plain += added
        owner += [index] * len(added)
    found, start = [], plain.find(wanted) if wanted else -1
    while start >= 0:
        first, last = owner[start], owner[start + len(wanted) - 1]
        boxes = [box for _, box in letters[first : last + 1]]
        box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        if box[3] - box[1] < 60:  # not broken over lines
            found.append((_alone(letters, first, last, box), box))
        start = plain.find(wanted, start + 1)
    return found


def _alone(letters: list[tuple[str, Box]], first: int, last: int, box: Box) -> bool:
    middle = (box[1] + box[3]) / 2
    for character, other in letters[max(first - 1, 0) : first] + letters[last + 1 : last + 2]:
        same_line = other[1] <= middle <= other[3]
        distance = max(box[0] - other[2], other[0] - box[2])
        if same_line and distance < COLUMN_GAP_POINTS and character not in ".":
            return False
    return True


def _gap_above(letters: list[tuple[str, Box]], box: Box) -> float:
    above = [
        other[1] - box[3] for _, other in letters if other[1] > box[3] - 1 and other[2] > box[0] and other[0] < box[2]
    ]
    return round(min(above, default=200.0), 2)


def main() -> None:
    """Read the request, limit the process, answer."""
    request = json.loads(sys.stdin.buffer.readline())
    limit()
    document = pypdfium2.PdfDocument(request["path"])
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()  # without this, form fields and visible signatures are not drawn
    answer = draw(document, request) if request["do"] == "draw" else find(document, request)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
