"""
A thousand documents in one process, level B-T: how many a second, and how much memory at the most beside the process
before the first one. A process of its own, since only the peak of a whole process can be asked for.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import limits, report, signing
from bench.documents import image_document
from signing.formats.base import Level
from tests.signing_pki import shared_city

COUNT, SIZE = 1_000, 45_000


def rows() -> list[report.Row]:
    """One line."""
    said = json.loads(subprocess.run([sys.executable, "-m", "bench.bulk"], capture_output=True, check=True).stdout)
    floor = limits.digest_and_signature(image_document(SIZE))
    name = f"batch of {COUNT:,}, sign PAdES B-T, 50 kB, peak {said['more_mib']:.0f} MiB more"
    each = 1000 / said["rate"]
    return [
        report.Row(name, said["rate"], each, said["slowest_ms"], 0, 0, said["cpu_ms"], "SHA-256 + 1 signature", floor)
    ]


def main() -> None:
    city = shared_city()
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name:
        keys = signing.stamping_keys(Path(name))
        documents = [image_document(SIZE) for _ in range(20)]
        signing.sign(documents[0], city, keys, Level.B_T)
        before, began, cpu, slowest = _peak_mib(), time.perf_counter(), time.process_time(), 0.0
        for number in range(COUNT):
            at = time.perf_counter()
            signing.sign(documents[number % len(documents)], city, keys, Level.B_T)
            slowest = max(slowest, time.perf_counter() - at)
        spent = time.perf_counter() - began
        cpu_ms = (time.process_time() - cpu) / COUNT * 1000
    more = _peak_mib() - before
    print(json.dumps({"rate": COUNT / spent, "more_mib": more, "slowest_ms": slowest * 1000, "cpu_ms": cpu_ms}))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
