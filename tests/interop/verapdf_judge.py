"""
PDF/A is kept: what conforms before it is signed conforms afterwards, as veraPDF sees it, at every level.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from signing.formats import FORMATS
from signing.formats.base import ExtensionSources, Level, ValidationData, VisibleSignature
from tests import signing_pdfs as pdfs
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.java import JavaFolder, ask, missing
from tests.signing_pdfa import archive_document
from tests.signing_pki import NOW, shared_city

VERA = JavaFolder(Path(__file__).parent / "verapdf")
PICTURE = VisibleSignature(pdfs.handwriting(), page=1, box=(300, 100, 460, 160))


def run(_city: City) -> bool:
    """All of it, also after something failed."""
    say("veraPDF")
    with _judge() as conforms:
        told = [_told(name, conforms(flavour, document), wanted) for name, flavour, document, wanted in _papers()]
    return all(told)


def _papers() -> Iterator[tuple[str, str, bytes, bool]]:
    """Name, flavour, document, whether it must conform."""
    city = shared_city()
    for part, flavour in ((1, "1b"), (2, "2b")):
        document = archive_document(part)
        yield f"PDF/A-{flavour}, not signed", flavour, document, True
        for level in FORMATS[0].signing_levels:
            yield f"PDF/A-{flavour}, {level}", flavour, pdfs.sign(document, city, level=level), True
        for level in FORMATS[0].extension_levels:
            yield f"PDF/A-{flavour}, {level}", flavour, _extended(pdfs.sign(document, city), level), True
        twice = pdfs.sign(pdfs.sign(document, city), city, at=NOW + 60)
        yield f"PDF/A-{flavour}, signed twice", flavour, twice, True
    yield "PDF/A-2b, with a picture", "2b", pdfs.sign(archive_document(2), city, visible=PICTURE), True
    yield "an office's document that never was PDF/A", "2b", pdfs.sign(pdfs.plain(), city), False


def _extended(document: bytes, level: Level) -> bytes:
    city = shared_city()
    data = ValidationData((city.issuing.der, city.root.der), tuple(city.crls))
    sources = ExtensionSources(city.stamp, lambda _certificate, _embedded: data)
    return FORMATS[0].extend(document, level, sources).content


def _told(name: str, said: str, wanted: bool) -> bool:
    good = (said == "conforms") is wanted
    say(f"  {'✓' if good else '✗'} {name}{'' if good else ': ' + said}")
    return good


@contextmanager
def _judge() -> Iterator[Callable[[str, bytes], str]]:
    VERA.fetch()
    VERA.compile(VERA.folder / "Conforms.java")
    process = VERA.start("Conforms")
    try:
        with tempfile.TemporaryDirectory(prefix="antin-vera-") as folder:
            file = Path(folder) / "document.pdf"

            def conforms(flavour: str, document: bytes) -> str:
                file.write_bytes(document)
                return ask(process, flavour, str(file))

            yield conforms
    finally:
        process.kill()
        process.wait()


COUNTERPART = Counterpart("verapdf", missing, run)
