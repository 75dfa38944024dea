"""Software in Java: its files fetched and compared with their hashes, its source compiled, its process."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


def missing() -> str:
    """Why nothing in Java can run here; "" when it can."""
    lacking = [name for name in ("java", "javac", "mvn") if shutil.which(name) is None]
    return f"not installed: {', '.join(lacking)} (Java 17 and Maven)" if lacking else ""


@dataclass(frozen=True, slots=True)
class JavaFolder:
    """pom.xml says which files, jars.sha256 (by `sha256sum`) which bytes; `jars` and `classes` come beside them."""

    folder: Path

    @property
    def jars(self) -> Path:
        return self.folder / "jars"

    @property
    def classes(self) -> Path:
        return self.folder / "classes"

    def fetch(self) -> None:
        """Fetch what is not there and compare every file with its hash. Raises: RuntimeError: another file."""
        listed = (self.folder / "jars.sha256").read_text("ascii").splitlines()
        wanted = {name: digest for digest, name in map(str.split, listed)}
        if {path.name for path in self.jars.glob("*.jar")} != wanted.keys():
            shutil.rmtree(self.jars, ignore_errors=True)
            words = ["mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies", f"-DoutputDirectory={self.jars}"]
            subprocess.run(words, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.jars.glob("*.jar")}
        if found != wanted:
            raise RuntimeError(f"not what jars.sha256 names: {sorted(found.items() ^ wanted.items())}")

    def compile(self, source: Path) -> None:
        """Into `classes`, if it is newer than what stands there."""
        made = self.classes / f"{source.stem}.class"
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            words = ["javac", "-d", str(self.classes), "-cp", f"{self.jars}/*", str(source)]
            subprocess.run(words, check=True)

    def start(self, main: str, *words: str, heap: str = "1g") -> subprocess.Popen[str]:
        """A process that is asked and answers in lines of UTF-8."""
        command = ["java", f"-Xmx{heap}", "-cp", f"{self.classes}:{self.jars}/*", main, *words]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )


def ask(process: subprocess.Popen[str], *fields: str) -> str:
    """One line there, one line back. Raises: RuntimeError: the process has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\t".join(fields) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the process has ended")
    return line.rstrip("\n")
