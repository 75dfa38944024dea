"""EU DSS in a process that stays: its files checked against their hashes, its source compiled, its answers read."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "eu-dss"
JARS, CLASSES, HASHES = FOLDER / "jars", FOLDER / "classes", FOLDER / "jars.sha256"


def missing() -> str:
    """Why it cannot run here; "" when it can."""
    lacking = [name for name in ("java", "javac", "mvn") if shutil.which(name) is None]
    return f"not installed: {', '.join(lacking)} (Java 17 and Maven)" if lacking else ""


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
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(fields) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("EU DSS has ended")
        return line.rstrip("\n")


@contextmanager
def judge(folder: Path, *, anchors: Sequence[bytes], lists: Sequence[bytes]) -> Iterator[Judge]:
    """A judge that trusts these certificates (DER) and knows these revocation lists (DER); `folder` is its own."""
    fetch_jars()
    compile_java(FOLDER / "Judge.java")
    for name, ending, kept in (("anchors", "der", anchors), ("lists", "crl", lists)):
        place = folder / name
        place.mkdir(exist_ok=True)
        for number, der in enumerate(kept):
            (place / f"{number}.{ending}").write_bytes(der)
    process = subprocess.Popen(
        ["java", "-Xmx1g", "-cp", f"{CLASSES}:{JARS}/*", "Judge", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Judge(process, folder)
    finally:
        process.kill()
        process.wait()


def fetch_jars() -> None:
    """Fetch what is not there and compare every file with its hash."""
    wanted = {name: digest for digest, name in map(str.split, HASHES.read_text("ascii").splitlines())}
    if {path.name for path in JARS.glob("*.jar")} != wanted.keys():
        shutil.rmtree(JARS, ignore_errors=True)
        fetch = ["mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
        subprocess.run(fetch, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in JARS.glob("*.jar")}
    if found != wanted:
        raise RuntimeError(f"not what jars.sha256 names: {sorted(found.items() ^ wanted.items())}")


def compile_java(source: Path) -> None:
    """Into CLASSES, if it is newer than what stands there."""
    made = CLASSES / f"{source.stem}.class"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["javac", "-d", str(CLASSES), "-cp", f"{JARS}/*", str(source)], check=True)
