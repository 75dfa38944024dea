"""The manifests of ASiC-E: one form is written, every form is read that leaves nothing open."""

from __future__ import annotations

import pytest

from signing.formats.asic_container import META
from signing.formats.asic_manifest import ManifestBroken, read_manifest, write_manifest

GOOD = write_manifest(f"{META}signature001.p7s", "application/x-pkcs7-signature", [("a b&ư.txt", b"x"), ("c", b"")])


def test_a_manifest_is_read_as_it_was_written() -> None:
    read = read_manifest(GOOD)
    assert (read.keeper, [one.name for one in read.files]) == (f"{META}signature001.p7s", ["a b&ư.txt", "c"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<asic:ASiCManifest ", b"<!DOCTYPE x><asic:ASiCManifest "),
        (b"<asic:ASiCManifest ", b"<asic:ASiCManifest Id='x' "),
        (b"02918/v1.2.1#", b"02918/v9#"),
        (b'URI="c"', b'URI="a%20b%26%C6%B0.txt"'),
        (b'URI="c"', b'URI="c?d"'),
        (b'URI="c"', b'URI="%FF"'),
        (b'URI="c"', b""),
        (b'URI="c"', b'URI="c" Else="x"'),
        (b"</ds:DigestValue>", b"</ds:DigestValue><ds:DigestValue>eA==</ds:DigestValue>"),
        (b"<ds:DigestValue>", b"<ds:DigestValue>!"),
        (b"</asic:DataObjectReference>", b"</asic:DataObjectReference>words"),
        (b"</asic:ASiCManifest>", b"<asic:ASiCManifestExtensions/></asic:ASiCManifest>"),
        (b"</asic:ASiCManifest>", b"<asic:SigReference URI='x'/></asic:ASiCManifest>"),
        (b"<asic:SigReference", b"<asic:Other"),
        (b"</asic:ASiCManifest>", b""),
    ],
)
def test_what_a_manifest_should_not_hold_is_refused(old: bytes, new: bytes) -> None:
    assert old in GOOD
    with pytest.raises(ManifestBroken):
        read_manifest(GOOD.replace(old, new, 1))
