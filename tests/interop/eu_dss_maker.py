"""EU DSS as a maker of containers with keys of ours: what it makes is verified by us."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.interop.eu_dss_judge import DSS
from tests.interop.java import ask
from tests.signing_pki import City


class Maker:
    """Use `maker()`, which also stops it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, city: City) -> None:
        self._process = process
        self._folder = folder
        self._city = city

    def make(self, container: str, level: str, at: int, files: Sequence[tuple[str, bytes]]) -> bytes:
        """A container with one signature. Raises: RuntimeError: it refused, and why."""
        paths = []
        for name, data in files:
            path = self._folder / "files" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            paths.append(str(path))
        out = self._folder / "made"
        out.unlink(missing_ok=True)
        line = ask(self._process, "make", container, level, str(at), str(out), *paths)
        while line.startswith("stamp\t"):
            token = self._folder / "token"
            token.write_bytes(self._city.stamp(bytes.fromhex(line.partition("\t")[2]), at=at))
            line = ask(self._process, str(token))
        if line != "made":
            raise RuntimeError(line)
        return out.read_bytes()


@contextmanager
def maker(folder: Path, city: City, lists: Sequence[bytes]) -> Iterator[Maker]:
    """Signs with the key of the city's official; `folder` is its own."""
    DSS.fetch()
    DSS.compile(DSS.folder / "Maker.java")
    official = city.official
    kept = {"anchors": city.anchors, "lists": lists, "chain": (official.der, *official.chain)}
    for name, contents in kept.items():
        (folder / name).mkdir(parents=True)
        for number, der in enumerate(contents):
            (folder / name / f"{number}.der").write_bytes(der)
    key = official.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.der").write_bytes(key)
    process = DSS.start("Maker", str(folder))
    try:
        yield Maker(process, folder, city)
    finally:
        process.kill()
        process.wait()
