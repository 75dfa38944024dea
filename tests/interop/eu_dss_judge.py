"""EU DSS in a process that stays: its files checked against their hashes, its source compiled, its answers read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.java import JavaFolder, ask, missing

__all__ = ["DSS", "Answer", "Judge", "Opinion", "judge", "missing"]

DSS = JavaFolder(Path(__file__).parent / "eu-dss")


@dataclass(frozen=True, slots=True)
class Opinion:
    """Of one signature. indication: TOTAL_PASSED, TOTAL_FAILED, INDETERMINATE; sub_indication: "null" for none."""

    format: str
    indication: str
    sub_indication: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a document; without signatures, `why` says what is wrong with it."""

    signatures: tuple[Opinion, ...]
    why: str

    @property
    def passes(self) -> bool:
        """Whether every signature is TOTAL_PASSED and there is one."""
        return bool(self.signatures) and all(one.indication == "TOTAL_PASSED" for one in self.signatures)


class Judge:
    """Use `judge()`, which also stops it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def verify(self, document: bytes, at: int, detached: bytes | None = None) -> Answer:
        """The document as of a time, epoch seconds."""
        fields = ["verify", str(at), self._written("document", document)]
        if detached is not None:
            fields.append(self._written("detached", detached))
        line = self._asked(fields)
        parts = [part.split("\t") for part in line.split("\x1f")]
        if parts[0][0] != "signature":
            return Answer((), line)
        return Answer(tuple(Opinion(*part[1:5]) for part in parts), "")

    def accepts_report(self, report: bytes) -> str:
        """Whether a report is as ETSI TS 119 102-2 has it: "" or what is wrong."""
        line = self._asked(["report", self._written("report.xml", report)])
        return "" if line == "valid" else line

    def _written(self, name: str, data: bytes) -> str:
        path = self._folder / name
        path.write_bytes(data)
        return str(path)

    def _asked(self, fields: Sequence[str]) -> str:
        return ask(self._process, *fields)


@contextmanager
def judge(folder: Path, *, anchors: Sequence[bytes], lists: Sequence[bytes]) -> Iterator[Judge]:
    """A judge that trusts these certificates (DER) and knows these revocation lists (DER); `folder` is its own."""
    DSS.fetch()
    DSS.compile(DSS.folder / "Judge.java")
    for name, ending, kept in (("anchors", "der", anchors), ("lists", "crl", lists)):
        place = folder / name
        place.mkdir(exist_ok=True)
        for number, der in enumerate(kept):
            (place / f"{number}.{ending}").write_bytes(der)
    process = DSS.start("Judge", str(folder))
    try:
        yield Judge(process, folder)
    finally:
        process.kill()
        process.wait()
