"""Files signed where they are, in memory that does not depend on their size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from signing.errors import SignatureRefused
from signing.formats.base import Level, PrepareRequest
from signing.formats.large import CHUNK, append, mapped
from signing.formats.pades import Pades
from signing.formats.pdf_locate import locate_signatures
from signing.validation.located import Coverage
from tests import pdf_family
from tests.large_files import sign_file, sparse
from tests.signing_pki import NOW, shared_city

GROWTH_MIB = 40
"""What signing 200 MB may add to the memory of a process; reading them as a whole would add five times that."""
PROGRAM = """
import sys
from pathlib import Path
from tests.large_files import sign_file
from tests.signing_pki import shared_city
def peak():
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
small, large = map(Path, sys.argv[1:])
sign_file(small, shared_city())
before = peak()
sign_file(large, shared_city())
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
    small, large = tmp_path / "small.pdf", tmp_path / "large.pdf"
    sparse(small, 1000)
    sparse(large, 200_000_000)
    done = subprocess.run([sys.executable, "-c", PROGRAM, small, large], capture_output=True, text=True, check=True)
    assert int(done.stdout) < GROWTH_MIB
