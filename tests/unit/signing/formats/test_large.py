"""Files signed where they are, in memory that does not depend on their size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from signing.errors import SignatureRefused
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import ExtensionSources, Level, PrepareRequest, ValidationData
from signing.formats.large import CHUNK, append, mapped
from signing.formats.pades import Pades
from signing.formats.pdf_locate import locate_signatures
from signing.validation.indications import Indication
from signing.validation.located import Coverage
from tests import pdf_family
from tests.large_files import extend_file, sign_file, sparse
from tests.signing_pki import NOW, shared_city

GROWTH_MIB = 40
"""What signing 200 MB may add to the memory of a process; reading them as a whole would add five times that."""
EXTENDING_GROWTH_MIB = 64
PROGRAM = """
import sys
from pathlib import Path
from signing.formats.base import Level
from tests.large_files import extend_file, sign_file
from tests.signing_pki import shared_city
def peak():
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
def play(path):
    sign_file(path, shared_city())
    for level in sys.argv[3:]:
        extend_file(path, Level(level))
small, large = map(Path, sys.argv[1:3])
play(small)
before = peak()
play(large)
print((peak() - before) // 1024)
"""


def test_a_file_is_signed_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    sparse(path, 2 * CHUNK + 12345)
    before = path.read_bytes()
    sign_file(path, shared_city())
    after = path.read_bytes()
    assert after.startswith(before)
    (found,) = locate_signatures(after)
    assert (found.coverage, found.problems) == (Coverage.WHOLE_FILE, ())


@pytest.mark.parametrize("name", ["deep tree", "version named"])
def test_mapped_or_in_memory_the_same_is_signed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "small.pdf"
    path.write_bytes(pdf_family.family()[name])
    request = PrepareRequest(shared_city().official.der, shared_city().official.chain, NOW, Level.B_B)
    with mapped(path) as document:
        large = Pades().prepare(document, request)
        assert large.output.startswith(path.read_bytes())
    small = Pades().prepare(path.read_bytes(), request)
    assert (large.document_digest, large.place) == (small.document_digest, small.place)


@pytest.mark.parametrize("change", [b"x", b""])
def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, change: bytes) -> None:
    path = tmp_path / "small.pdf"
    path.write_bytes(b"12345" + change)
    if change:
        with pytest.raises(SignatureRefused, match="file_changed"):
            append(path, 5, b"67")
        assert path.read_bytes() == b"12345x"
    else:
        append(path, 5, b"67")
        assert path.read_bytes() == b"1234567"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc (Linux)")
def test_memory_does_not_depend_on_the_size(tmp_path: Path) -> None:
    assert growth(tmp_path) < GROWTH_MIB


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc (Linux)")
def test_nor_does_that_of_an_extension_and_its_renewal(tmp_path: Path) -> None:
    assert growth(tmp_path, "B-T", "B-LT", "B-LTA", "B-LTA") < EXTENDING_GROWTH_MIB


def growth(folder: Path, *levels: str) -> int:
    """MiB that 200 MB add to the peak of a process that did the same to 1 kB before."""
    small, large = folder / "small.pdf", folder / "large.pdf"
    sparse(small, 1000)
    sparse(large, 200_000_000)
    words = [sys.executable, "-c", PROGRAM, str(small), str(large), *levels]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("level", [Level.B_T, Level.B_LT, Level.B_LTA])
def test_a_file_is_extended_where_it_is(tmp_path: Path, level: Level) -> None:
    path = tmp_path / "large.pdf"
    sparse(path, CHUNK + 12345)
    sign_file(path, shared_city())
    before = path.read_bytes()
    extend_file(path, level)
    extend_file(path, level, NOW + 120)
    after = path.read_bytes()
    assert after.startswith(before)
    own = TrustSource(tuple(shared_city().anchors), (shared_city().issuing.der,), tuple(shared_city().crls))
    report = verify_document(after, moment=NOW + 180, own=own)
    assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, str(level))


def test_a_file_that_cannot_be_extended_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "small.pdf"
    sparse(path, 1000)
    sign_file(path, shared_city())
    before, stamps = path.read_bytes(), 0

    def stamp(imprint: bytes) -> bytes:
        nonlocal stamps
        stamps += 1
        return shared_city().stamp(imprint, at=NOW + 60) if stamps == 1 else b""

    sources = ExtensionSources(stamp, lambda certificate, _embedded: ValidationData((certificate,)))
    with pytest.raises(SignatureRefused, match="no_time_stamp"):
        Pades().extend_file(path, Level.B_LTA, sources)
    assert (stamps, path.read_bytes()) == (2, before)
    with pytest.raises(SignatureRefused, match="level_unsupported"):
        Pades().extend_file(path, Level.B_B, sources)
