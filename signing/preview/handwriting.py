"""
The picture of a handwritten signature: an official's own PNG, or a drawn one. It is only a picture.

Source: Decree 30/2020/ND-CP, Appendix I, box 7c: handwritten image, blue, PNG with a transparent ground.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import math
import warnings

from PIL import Image, ImageDraw, ImageFilter

from signing.errors import SigningError

MOST_BYTES = 1024 * 1024
MOST_PIXELS = 6_000_000
SIZE = (720, 300)
BLUE = (26, 62, 150)
OVERSAMPLING = 3
Point = tuple[float, float]


def admit_picture(upload: bytes) -> bytes:
    """
    An uploaded picture, decoded and written anew: RGBA, trimmed, at most SIZE pixels, blue ink on a transparent ground.

    A scan on white paper becomes transparent: darkness becomes the ink's opacity.
    Raises: SigningError("bad_picture").
    """
    if len(upload) > MOST_BYTES:
        raise _bad("Ảnh lớn hơn 1 MB.", "The picture is larger than 1 MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            source = Image.open(io.BytesIO(upload), formats=("PNG",))
            if source.width * source.height > MOST_PIXELS:
                raise _bad("Ảnh có quá nhiều điểm ảnh.", "The picture has too many pixels.")
            picture = source.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise _bad("Tệp không phải là ảnh PNG đọc được.", "The file is not a readable PNG picture.") from error
    ink = _ink_of(picture)
    frame = ink.point(lambda value: 255 if value > 24 else 0).getbbox()
    if frame is None:
        raise _bad("Ảnh không có nét chữ nào.", "There is no writing in the picture.")
    ink = ink.crop(frame)
    ink.thumbnail(SIZE)
    return _png(ink)


def draw_picture(name: str) -> bytes:
    """A drawn flourish for somebody without a picture of their own; the same name always gives the same strokes."""
    seed = hashlib.sha256(name.encode()).digest()
    size = (SIZE[0] * OVERSAMPLING, SIZE[1] * OVERSAMPLING)
    ink = Image.new("L", size, 0)
    pen = ImageDraw.Draw(ink)
    letters = max(4, min(sum(not c.isspace() for c in name.split(" ")[-1]) + 3, 9))
    for stroke in (_writing(seed, letters), _flourish(seed)):
        _ink_stroke(pen, [(x * size[0], y * size[1]) for x, y in stroke])
    ink = ink.filter(ImageFilter.GaussianBlur(1.5)).resize(SIZE, Image.Resampling.LANCZOS)
    return _png(ink.crop(ink.getbbox()))


def _writing(seed: bytes, letters: int) -> list[Point]:
    """A capital loop and a line of smaller loops leaning right; unit coordinates, y downwards."""
    points: list[Point] = []
    steps = 48
    for step in range(steps * 2):
        angle = math.pi * (0.9 + 2.2 * step / (steps * 2))
        points.append((0.19 + 0.10 * math.cos(angle) - 0.06 * math.sin(angle), 0.42 + 0.30 * math.sin(angle)))
    x, base = points[-1]
    for number in range(letters):
        tall = 0.07 + 0.22 * (seed[number] / 255) ** 2
        wide = 0.05 + 0.04 * seed[number + 10] / 255
        for step in range(steps):
            angle = 2 * math.pi * step / steps
            lean = tall * 0.16 * (1 - math.cos(angle))
            y = 0.58 + (base - 0.58) * max(0.0, 1 - (number + step / steps)) - tall * (1 - math.cos(angle)) / 2
            points.append((x + wide * step / steps + 0.018 * math.sin(angle) + lean, y))
        x += wide
    return points


def _flourish(seed: bytes) -> list[Point]:
    """One long stroke under the writing that turns back on itself."""
    depth = 0.07 + 0.05 * seed[20] / 255
    points = []
    for step in range(120):
        along = step / 119
        x = 0.66 - 0.86 * along if along < 0.55 else 0.187 + 1.1 * (along - 0.55)
        points.append((x, 0.80 + depth * math.sin(math.pi * 2.1 * along) + 0.05 * along))
    return points


def _ink_stroke(pen: ImageDraw.ImageDraw, points: list[Point]) -> None:
    """Lay a stroke whose width follows its speed and direction, as a nib does."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        down = (y1 - y0) / (math.hypot(x1 - x0, y1 - y0) or 1.0)
        radius = OVERSAMPLING * (2.6 + 2.0 * max(down, 0.0))
        pieces = max(1, int(math.hypot(x1 - x0, y1 - y0) / OVERSAMPLING))
        for piece in range(pieces):
            x, y = x0 + (x1 - x0) * piece / pieces, y0 + (y1 - y0) * piece / pieces
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _ink_of(picture: Image.Image) -> Image.Image:
    """How much ink each pixel carries, 0…255: alpha where there is any transparency, else darkness."""
    alpha = picture.getchannel("A")
    if any(alpha.histogram()[:250]):
        return alpha
    return picture.convert("L").point(lambda value: max(0, min(255, int((215 - value) * 1.6))))


def _png(ink: Image.Image) -> bytes:
    picture = Image.new("RGBA", ink.size, (*BLUE, 0))
    picture.putalpha(ink)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _bad(vi: str, en: str) -> SigningError:
    return SigningError("bad_picture", vi=vi + " Hãy chọn một ảnh PNG nhỏ hơn.", en=en + " Choose another PNG picture.")
