"""
Pictures of what changed: two readings of one document, page by page, drawn small and laid over each other.

A child process like worker.py, run as `python -I compare.py`: it imports nothing of ours, limits itself, and may crash
without harm. Strangers may make it work, so its limits are tighter. Source: shadow attacks (Mainka et al., 2021): what
a later revision hides or replaces shows only in what is drawn.
"""

from __future__ import annotations

import base64
import io
import json
import resource
import sys
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

MEMORY_BYTES = 1024**3
CPU_SECONDS = 8
MOST_PAGES = 40
MOST_PICTURES = 4
WIDTH_PIXELS = 560
LONGEST_PIXELS = 1200
CELL_PIXELS = 12
LEAST_DIFFERENCE = 40
"""Of 255: less is how the same thing is drawn twice."""
COLOUR = (176, 42, 48)
Cells = set[tuple[int, int]]
Frame = tuple[int, int, int, int]


def compare(signed: Any, now: Any) -> bytes:
    """
    JSON: `signed` and `now`, their numbers of pages; `compared`, how many were looked at; `pages`, those that differ:
    `page`, `regions` as (left, top, right, bottom) in parts of the page, and, for the first few, `before` and `after`,
    PNG in base64, null where there is no such page.
    """
    differing: list[dict[str, Any]] = []
    count = min(max(len(signed), len(now)), MOST_PAGES)
    for number in range(count):
        pair = [_drawn(document, number) for document in (signed, now)]
        found = _regions(*pair)
        if found is None:
            continue
        entry: dict[str, Any] = {"page": number + 1, "regions": [region for region, _frame in found]}
        if len(differing) < MOST_PICTURES:
            entry["before"], entry["after"] = (_marked(one, [frame for _region, frame in found]) for one in pair)
        differing.append(entry)
    said = {"signed": len(signed), "now": len(now), "compared": count, "pages": differing}
    return json.dumps(said).encode()


def _drawn(document: Any, number: int) -> Image.Image | None:
    if number >= len(document):
        return None
    page = document[number]
    width, height = page.get_size()
    scale = min(WIDTH_PIXELS / width, LONGEST_PIXELS / max(width, height))
    picture: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    return picture


def _regions(
    before: Image.Image | None, after: Image.Image | None
) -> list[tuple[tuple[float, float, float, float], Frame]] | None:
    """Where they differ; one region for all of a page that is new, gone, or of another size. None: nowhere."""
    if before is None or after is None or before.size != after.size:
        size = (after or before or Image.new("RGB", (1, 1))).size
        return [((0.0, 0.0, 1.0, 1.0), (0, 0, size[0] - 1, size[1] - 1))]
    difference = ImageChops.difference(before, after).convert("L").point(lambda value: 255 * (value > LEAST_DIFFERENCE))
    if difference.getbbox() is None:
        return None
    columns, rows = -(-before.width // CELL_PIXELS), -(-before.height // CELL_PIXELS)
    cells = {
        (x, y)
        for y in range(rows)
        for x in range(columns)
        if difference.crop((x * CELL_PIXELS, y * CELL_PIXELS, (x + 1) * CELL_PIXELS, (y + 1) * CELL_PIXELS)).getbbox()
    }
    width, height = before.size
    frames = [_frame(group, width, height) for group in _groups(cells)]
    return [((f[0] / width, f[1] / height, f[2] / width, f[3] / height), f) for f in frames]


def _groups(cells: Cells) -> list[Cells]:
    """Cells that lie within two of each other, together; at most twelve groups, the rest in the last one."""
    groups: list[Cells] = []
    left = set(cells)
    while left:
        group, edge = set(), [min(left, key=lambda cell: (cell[1], cell[0]))]
        left.discard(edge[0])
        while edge:
            x, y = edge.pop()
            group.add((x, y))
            near = {(x + dx, y + dy) for dx in range(-2, 3) for dy in range(-2, 3)} & left
            left -= near
            edge += near
        groups.append(group)
    return [*groups[:11], set().union(*groups[11:])] if len(groups) > 12 else groups


def _frame(group: Cells, width: int, height: int) -> Frame:
    left, top = min(x for x, _ in group) * CELL_PIXELS, min(y for _, y in group) * CELL_PIXELS
    right, bottom = (max(x for x, _ in group) + 1) * CELL_PIXELS, (max(y for _, y in group) + 1) * CELL_PIXELS
    return (max(left - 3, 0), max(top - 3, 0), min(right + 3, width - 1), min(bottom + 3, height - 1))


def _marked(picture: Image.Image | None, frames: list[Frame]) -> str | None:
    if picture is None:
        return None
    marked = picture.copy()
    pen = ImageDraw.Draw(marked)
    for frame in frames:
        pen.rectangle(frame, outline=COLOUR, width=3)
    out = io.BytesIO()
    marked.quantize(64).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _opened(path: str, password: str) -> Any:
    document = pypdfium2.PdfDocument(path, password=password or None)
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()  # without this, form fields and visible signatures are not drawn
    return document


def main() -> None:
    """Read the request, limit the process, answer."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit()
    signed, now = (_opened(request[name], request["password"]) for name in ("signed", "now"))
    sys.stdout.buffer.write(compare(signed, now))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
