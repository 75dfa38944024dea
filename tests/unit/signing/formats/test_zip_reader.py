"""The strict reader of ZIP: what it reads, and every way in which two programs could read another thing."""

from __future__ import annotations

import io
import random
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from signing.formats import zip_reader
from signing.formats.zip_reader import MOST_TOTAL, ZipFile, ZipRefused, is_remarked, read_zip
from signing.formats.zip_writer import write_zip
from tests.signing_asic import Raw, deflated, extra_field, raw_zip

NESTED = raw_zip(Raw(name=b"inside"))
DATA = b"content" * 100
SIZES = struct.pack("<3L", zlib.crc32(DATA), len(deflated(DATA)), len(DATA))


def test_what_is_written_is_read_by_us_and_by_others() -> None:
    files = (ZipFile("mimetype", b"x", plain=True), ZipFile("tệp.txt", b"a" * 9000), ZipFile("b/c", bytes(range(256))))
    written = write_zip(files)
    assert written == write_zip(files)
    assert [(one.name, one.data) for one in read_zip(written)] == [(one.name, one.data) for one in files]
    assert [one.plain for one in read_zip(written)] == [True, False, True]
    with zipfile.ZipFile(io.BytesIO(written)) as theirs:
        assert theirs.testzip() is None
        assert {name: theirs.read(name) for name in theirs.namelist()} == {one.name: one.data for one in files}


def test_what_others_write_is_read() -> None:
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", how) as theirs:
            theirs.mkdir("folder")
            theirs.writestr("folder/tệp", b"word " * 500)
        assert [(one.name, one.data) for one in read_zip(kept.getvalue())] == [("folder/tệp", b"word " * 500)]


def test_what_was_packed_is_written_as_it_was_and_what_gains_nothing_is_stored() -> None:
    weakly = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = weakly.compress(DATA * 9) + weakly.flush()
    assert packed != deflated(DATA * 9)
    (read,) = read_zip(raw_zip(Raw(data=DATA * 9, method=8, packed=packed)))
    assert packed in write_zip([read])
    noise = random.Random(7).randbytes(60_000)
    kept, shrunk = read_zip(write_zip([ZipFile("a.jpg", noise), ZipFile("b.txt", noise[:2000] + b"word " * 20_000)]))
    assert (kept.plain, kept.data, shrunk.plain) == (True, noise, False)


@pytest.mark.parametrize("mark", [b"PK\x07\x08", b""])
def test_sizes_behind_the_file_are_read(mark: bytes) -> None:
    one = Raw(data=DATA, method=8, packed=deflated(DATA), flags=8, behind=mark + SIZES)
    assert read_zip(raw_zip(one))[0].data == DATA


def test_a_zip_inside_and_harmless_extra_fields_change_nothing() -> None:
    one = Raw(data=NESTED, extra=extra_field(0x5455, b"12345"), local_extra=extra_field(0x5455, b"123456789"))
    assert read_zip(raw_zip(one)) == (ZipFile("a.txt", NESTED, plain=False),)
    comment = b"mimetype=application/vnd.etsi.asic-e+zip"
    assert read_zip(raw_zip(Raw(), after=comment, comment=len(comment)))[0].data == b"content"


@pytest.mark.parametrize(
    ("document", "remarked"),
    [
        (raw_zip(Raw(comment=b"LibDigidoc 4"), Raw(name=b"b", comment=b"x")), True),
        (raw_zip(Raw(), after=b"hello", comment=5), True),
        (raw_zip(Raw(needed=45)), False),
    ],
)
def test_what_other_programs_leave_in_a_zip_is_read_and_comments_are_told(document: bytes, remarked: bool) -> None:
    files = read_zip(document)
    assert files[0].data == b"content"
    assert is_remarked(document, files) is remarked


UTF8 = 0x0800
ATTACKS: dict[str, bytes] = {
    "empty": b"",
    "no entries": raw_zip(),
    "not a ZIP": b"PK\x03\x04" + bytes(100),
    "name that climbs": raw_zip(Raw(name=b"../a")),
    "name that climbs later": raw_zip(Raw(name=b"a/../../b")),
    "absolute": raw_zip(Raw(name=b"/etc/passwd")),
    "drive": raw_zip(Raw(name=b"C:a")),
    "backslash": raw_zip(Raw(name=b"a\\..\\b")),
    "NUL in the name": raw_zip(Raw(name=b"a.txt\x00.p7s")),
    "empty step": raw_zip(Raw(name=b"a//b")),
    "dot": raw_zip(Raw(name=b"./a")),
    "ends with a dot": raw_zip(Raw(name=b"a.txt.")),
    "no name": raw_zip(Raw(name=b"")),
    "long name": raw_zip(Raw(name=b"a" * 600)),
    "letters that turn around": raw_zip(Raw(name="a\u202etxt.exe".encode(), flags=UTF8)),
    "name without its encoding": raw_zip(Raw(name="tệp".encode())),
    "name that is no UTF-8": raw_zip(Raw(name=b"\xff\xfe", flags=UTF8)),
    "meta-inf in other letters": raw_zip(Raw(name=b"Meta-Inf/x")),
    "mimetype in other letters": raw_zip(Raw(name=b"Mimetype")),
    "twice": raw_zip(Raw(), Raw(data=b"other")),
    "twice in other letters": raw_zip(Raw(name=b"a.TXT"), Raw(data=b"other")),
    "twice in other forms": raw_zip(
        Raw(name="\u1ea5".encode(), flags=UTF8), Raw(name="a\u0302\u0301".encode(), flags=UTF8, data=b"other")
    ),
    "file and folder": raw_zip(Raw(name=b"a"), Raw(name=b"a/b")),
    "folder with content": raw_zip(Raw(name=b"a/", data=b"x")),
    "link": raw_zip(Raw(made_by=0x0314, external=0o120777 << 16)),
    "other name in front": raw_zip(Raw(local_name=b"b.txt")),
    "other size in front": raw_zip(Raw(local_size=3)),
    "wrong checksum": raw_zip(Raw(crc=1)),
    "two sizes of a stored file": raw_zip(Raw(size=3)),
    "something before the first": raw_zip(Raw(before=b"MZ")),
    "something between": raw_zip(Raw(), Raw(name=b"b", before=b"hidden")),
    "a hidden entry between": raw_zip(Raw(), Raw(name=b"b", before=NESTED[:60])),
    "the directory points elsewhere": raw_zip(Raw(), Raw(name=b"b", offset_by=5)),
    "overlapping": raw_zip(Raw(), Raw(name=b"b", offset_by=-42)),
    "something before the directory": raw_zip(Raw(), before_directory=b"x"),
    "something before the end": raw_zip(Raw(), before_end=b"x"),
    "something after the end": raw_zip(Raw(), after=b"x"),
    "longer comment": raw_zip(Raw(), after=b"hello", comment=4),
    "shorter comment": raw_zip(Raw(), after=b"hello", comment=6),
    "endless comment": raw_zip(Raw(), after=b"x" * 2000, comment=2000),
    "a second end in the comment": raw_zip(Raw(), after=NESTED, comment=len(NESTED)),
    "an entry in the comment of an entry": raw_zip(Raw(comment=NESTED[:60])),
    "endless comment of an entry": raw_zip(Raw(comment=b"x" * 2000)),
    "a version that is not known": raw_zip(Raw(needed=63)),
    "fewer entries than there are": raw_zip(Raw(), Raw(name=b"b"), count=1),
    "more entries than there are": raw_zip(Raw(), count=2),
    "several disks": raw_zip(Raw(), disk=1),
    "encrypted": raw_zip(Raw(flags=1)),
    "patched": raw_zip(Raw(flags=0x20)),
    "masked": raw_zip(Raw(flags=0x2000)),
    "bzip2": raw_zip(Raw(method=12)),
    "encrypted by AES": raw_zip(Raw(method=99)),
    "ZIP64 extra field": raw_zip(Raw(extra=extra_field(1, bytes(8)))),
    "ZIP64 sizes": raw_zip(Raw(size=0xFFFFFFFF)),
    "other name in an extra field": raw_zip(Raw(extra=extra_field(0x7075, b"\x01" + bytes(4) + b"b.txt"))),
    "other name in front in an extra field": raw_zip(Raw(local_extra=extra_field(0x7075, b"\x01" + bytes(4) + b"b"))),
    "extra field cut short": raw_zip(Raw(extra=b"\x55\x54\xff\x00x")),
    "deflated with an end": raw_zip(Raw(method=8, packed=deflated(b"content") + b"x")),
    "deflated too long": raw_zip(Raw(method=8, packed=deflated(b"content" * 2))),
    "deflated cut short": raw_zip(Raw(method=8, packed=deflated(b"content")[:-2])),
    "not deflated": raw_zip(Raw(method=8, packed=b"\xff\xff\xff")),
    "other sizes behind": raw_zip(
        Raw(data=DATA, method=8, packed=deflated(DATA), flags=8, behind=b"PK\x07\x08" + SIZES[:-1] + b"\x01")
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_two_programs_could_read_differently_is_refused(attack: str) -> None:
    with pytest.raises(ZipRefused):
        read_zip(ATTACKS[attack])


def test_a_bomb_is_refused_before_it_is_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    def inflate(*_: object) -> bytes:
        raise AssertionError("it was inflated")

    monkeypatch.setattr(zip_reader, "_inflated", inflate)
    small = deflated(bytes(100_000))
    for bomb in (
        raw_zip(Raw(method=8, packed=small, size=1 << 30)),
        raw_zip(Raw(method=8, packed=small, size=2 << 20)),
        raw_zip(*(Raw(name=b"%d" % number, method=8, packed=small, size=MOST_TOTAL // 2) for number in range(3))),
        raw_zip(*(Raw(name=b"%d" % number) for number in range(1001))),
    ):
        began = time.process_time()
        with pytest.raises(ZipRefused):
            read_zip(bomb)
        assert time.process_time() - began < 2


def test_a_lie_about_the_size_stops_at_that_size() -> None:
    liar = raw_zip(Raw(method=8, packed=deflated(bytes(50_000_000)), size=1000))
    tracemalloc.start()
    with pytest.raises(ZipRefused, match="another size"):
        read_zip(liar)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_no_flipped_bit_and_no_cut_gives_other_files() -> None:
    files = (ZipFile("mimetype", b"x", plain=True), ZipFile("a", b"words " * 20), ZipFile("b", bytes(range(40))))
    good = write_zip(files)
    wanted = [(one.name, one.data) for one in files]
    for place in range(len(good)):
        for mutant in (good[:place], good[:place] + bytes((good[place] ^ 1 << place % 8,)) + good[place + 1 :]):
            try:
                found = [(one.name, one.data) for one in read_zip(mutant)]
            except ZipRefused:
                continue
            assert found == wanted
