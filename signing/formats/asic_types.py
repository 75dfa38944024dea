"""
META-INF/manifest.xml of ASiC-E with XAdES: the files and their media types. Nobody signs it, so it says nothing else.

Source: EN 319 162-1 §4.4.3.2 (OpenDocument 1.2 part 3 §3: manifest, file-entry with full-path and media-type).
"""

from __future__ import annotations

from xml.etree.ElementTree import ParseError, XMLParser, fromstring
from xml.sax.saxutils import quoteattr

from signing.formats.asic_container import META, Container

TYPES = f"{META}manifest.xml"
_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_ROOT, _ENTRY, _PATH = (f"{{{_NAMESPACE}}}{name}" for name in ("manifest", "file-entry", "full-path"))
_KNOWN = {_PATH, f"{{{_NAMESPACE}}}media-type", f"{{{_NAMESPACE}}}version"}
_ANY_TYPE = "application/octet-stream"
MOST_BYTES = 1024 * 1024


def with_types(container: Container) -> Container:
    """The container with the manifest of the files that are in it."""
    rows = [("/", container.kind.media_type), *((name, _ANY_TYPE) for name in container.payload)]
    entries = "".join(
        f"<manifest:file-entry manifest:full-path={quoteattr(name)} manifest:media-type={quoteattr(kind)}/>"
        for name, kind in rows
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest:manifest xmlns:manifest="{_NAMESPACE}" manifest:version="1.2">{entries}</manifest:manifest>\n'
    )
    return container.with_file(TYPES, text.encode())


def names_every_file(container: Container) -> bool:
    """Whether the manifest is there and names the files of the container, each once, and nothing else."""
    raw = container.content(TYPES) or b""
    if not raw or len(raw) > MOST_BYTES or b"\x00" in raw or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        return False
    try:
        raw.decode("utf-8")
        root = fromstring(raw, XMLParser(encoding="utf-8"))  # noqa: S314  # no document type, no entities: see above
    except (ParseError, ValueError):
        return False
    if root.tag != _ROOT or any(one.tag != _ENTRY or len(one) or not _KNOWN.issuperset(one.keys()) for one in root):
        return False
    named = sorted(one.get(_PATH, "") for one in root)
    return named in (sorted(("/", *container.payload)), sorted(container.payload))
