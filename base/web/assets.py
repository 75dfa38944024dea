"""
Static files: read once at start, served from memory under an address that carries their digest.

Only names that were read exist, so no path can climb out of a folder. An address with the right digest is cached for a
year; one without it is asked again each time (ETag). Fonts are cut at first start (base/web/fonts.py).
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import flask

from base.web import fonts

EXTENSION = "antin_assets"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file: content, media type, first 16 hexadecimal digits of its SHA-256."""

    content: bytes
    media_type: str
    digest: str


def add_static(app: flask.Flask, folder: Path) -> None:
    """Serve every file of a folder under /static/<path inside the folder>."""
    held: dict[str, Asset] = app.extensions.setdefault(EXTENSION, {})
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            held[path.relative_to(folder).as_posix()] = _read(path)


def asset(held: Mapping[str, Asset], name: str) -> str:
    """The address of a static file, for templates. Raises: KeyError: no such file."""
    return f"/static/{name}?v={held[name].digest}"


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, media_type, hashlib.sha256(content).hexdigest()[:16])


def mount(app: flask.Flask, folder: Path, data_dir: Path) -> None:
    """GET /static/<name>; `asset()` in templates; the fonts of the data folder."""
    add_static(app, folder)
    held: dict[str, Asset] = app.extensions[EXTENSION]
    app.jinja_env.globals["asset"] = partial(asset, held)

    @app.get("/static/<path:name>")
    def static_file(name: str) -> flask.Response:
        found = held.get(name) or _font(held, name, data_dir)
        if found is None:
            flask.abort(404)
        response = flask.Response(found.content, content_type=_content_type(found))
        exact = flask.request.args.get("v") == found.digest or name.startswith("fonts/")
        response.headers["Cache-Control"] = FOREVER if exact else "public, no-cache"
        response.set_etag(found.digest)
        return response.make_conditional(flask.request)  # type: ignore[return-value]  # returns the same object


def _font(held: dict[str, Asset], name: str, data_dir: Path) -> Asset | None:
    """A font when one is asked for: read at the first request, cut before that if `antin run` has not done it."""
    if name in {f"fonts/{fonts.file_name(weight)}" for weight, _ in fonts.WEIGHTS}:
        for path in fonts.prepare(data_dir):
            held[f"fonts/{path.name}"] = _read(path)
    return held.get(name)


def _content_type(found: Asset) -> str:
    text = found.media_type.startswith("text/") or found.media_type == "image/svg+xml"
    return f"{found.media_type}; charset=utf-8" if text else found.media_type
