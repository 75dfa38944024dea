"""Calls the child process: a picture of a page, or the place of a name. Bounded in time; a crash is an error."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from signing.errors import SigningError
from signing.preview.placement import Box, NameSpot, Placement

WORKER = Path(__file__).with_name("worker.py")
COMPARER = Path(__file__).with_name("compare.py")
LONGEST_SECONDS = 25
LAST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is laid over a page: a PNG and where it stands."""

    image_png: bytes
    box: Box


def draw_page(path: Path, page: int, *, width: int, overlay: Overlay | None = None) -> bytes:
    """
    Page `page` (1 for the first) as PNG, about `width` pixels wide.

    Raises: SigningError("page_not_drawn"): PDFium failed, crashed or took too long.
    """
    request: dict[str, Any] = {"do": "draw", "path": str(path), "page": page, "width": width}
    if overlay is not None:
        request |= {"box": overlay.box, "overlay": base64.b64encode(overlay.image_png).decode()}
    return _ask(request)


def find_name(path: Path, name: str) -> NameSpot | None:
    """Where `name` stands on the last pages. Raises: SigningError("page_not_drawn")."""
    answer = orjson.loads(_ask({"do": "find", "path": str(path), "name": name, "last_pages": LAST_PAGES}))
    return NameSpot(answer["page"], tuple(answer["box"]), answer["gap"]) if answer else None


@dataclass(frozen=True, slots=True)
class PageDifference:
    """
    One page that looks different. regions: (left, top, right, bottom) in parts of the page.

    before, after: PNG in base64; None where there is no such page, empty where none was made.
    """

    page: int
    regions: tuple[tuple[float, float, float, float], ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """signed, now: pages of each; compared: how many were looked at; pages: those that differ."""

    signed: int
    now: int
    compared: int
    pages: tuple[PageDifference, ...]


def compare_documents(signed: Path, now: Path, password: str = "") -> Compared:
    """Draw both, page by page; password: for encrypted ones. Raises: SigningError("page_not_drawn")."""
    said = orjson.loads(_ask({"signed": str(signed), "now": str(now), "password": password}, COMPARER))
    pages = tuple(
        PageDifference(
            one["page"], tuple(tuple(region) for region in one["regions"]), one.get("before", ""), one.get("after", "")
        )
        for one in said["pages"]
    )
    return Compared(said["signed"], said["now"], said["compared"], pages)


def overlay_for(placement: Placement, page: int, image_png: bytes) -> Overlay | None:
    """The overlay of a page: only on the page where the signature will stand."""
    if placement.box is None or placement.page != page:
        return None
    return Overlay(image_png, placement.box)


def _ask(request: dict[str, Any], worker: Path = WORKER) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(worker)],
            input=orjson.dumps(request) + b"\n",
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
            env={"LC_ALL": "C.UTF-8"},
        )
        failure = f"exit {done.returncode}: {done.stderr[-300:]!r}"
    except subprocess.TimeoutExpired:
        done, failure = None, "too slow"
    if done is None or done.returncode != 0 or not done.stdout:
        raise SigningError(
            "page_not_drawn",
            vi="Không hiển thị được trang này của văn bản.",
            en="This page of the document cannot be shown.",
            debug=failure,
            status=422,
        )
    return done.stdout
