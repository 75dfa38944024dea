"""
CMS in BER of indefinite length, as many programs write it, says what its DER says; nothing else of BER is read.

Seen in the wild in every third CMS file, and in the time stamps of several public authorities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from signing.formats.base import Level
from signing.formats.cms_build import write_signed, write_signer
from signing.formats.der import set_of, tlv
from signing.formats.pdf_contents import read_contents
from signing.validation.ber import definite
from signing.validation.cms_parts import open_signed, open_signer
from signing.validation.der_check import MOST_DEPTH, NotDer, children
from signing.validation.indications import Indication, SubIndication
from tests import signing_cms as made
from tests import signing_pdfs as pdfs
from tests import signing_xades as xml
from tests.signing_acts import sign_message
from tests.signing_pki import NOW, shared_city
from tests.vectors.pdf_attacks.surgery import dissect, with_gap

PASSED = Indication.TOTAL_PASSED
END = b"\x00\x00"


def indefinite(der: bytes, depth: int = 5) -> bytes:
    """The containers of a CMS, down to the content, with marks at their ends; the content in two pieces."""
    parts = [part for _tag, part in children(der)]
    if depth and parts:
        number = 2 if depth == 3 else len(parts) - 1 if depth > 1 else -1
        inside = [indefinite(part, depth - 1) if place == number else part for place, part in enumerate(parts)]
        if depth == 1 and parts[0][0] == 0x04:
            inside = [b"\x24\x80" + tlv(0x04, made.CONTENT[:9]) + tlv(0x04, made.CONTENT[9:]) + END]
        return der[:1] + b"\x80" + b"".join(inside) + END
    return der


def test_it_passes_as_its_der_does() -> None:
    signed = made.sign()
    loose = indefinite(signed)
    assert loose.count(b"\x80") > signed.count(b"\x80") + 4
    assert b"\x24\x80" in loose
    assert definite(loose) == signed
    report = made.verify(loose)
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-T")
    changed = bytearray(loose)
    changed[loose.index(made.CONTENT[9:]) + 3] ^= 1
    assert made.verify(bytes(changed)).sub_indication is SubIndication.HASH_FAILURE


def test_a_time_stamp_in_ber_counts() -> None:
    def stamp(imprint: bytes) -> bytes:
        token = shared_city().stamp(imprint)
        return token[:1] + b"\x80" + b"".join(part for _tag, part in children(token)) + END

    report = xml.verify(xml.sign(stamp=stamp))
    assert (report.indication, report.signatures[0].time_source) == (PASSED, "time-stamp")


def test_a_pdf_may_hold_it() -> None:
    document = pdfs.sign(pdfs.plain(), shared_city())
    start, end = dissect(document).gap
    der, _trouble = read_contents(document[start:end])
    loose = der[:1] + b"\x80" + b"".join(part for _tag, part in children(der)) + END
    held = with_gap(document, b"<" + loose.hex().upper().encode().ljust(end - start - 2, b"0") + b">")
    assert made.verify(held).indication is PASSED
    torn = with_gap(document, b"<" + (loose[:-2] + b"\x01").hex().upper().encode().ljust(end - start - 2, b"0") + b">")
    assert made.verify(torn).sub_indication is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda loose: loose[:-2],
        lambda loose: loose[:-1],
        lambda loose: loose + b"\x00",
        lambda loose: loose + END,
        lambda loose: loose.replace(b"\x24\x80\x04", b"\x24\x80\x0c", 1),
        lambda loose: loose.replace(b"\x24\x80\x04\x09", b"\x24\x80\x04\x81\x09", 1),
        lambda loose: b"\x30\x80" * (MOST_DEPTH + 2) + loose,
        lambda loose: loose.replace(b"\x30\x80\x02\x01\x01", b"\x1f\x80\x02\x01\x01", 1),
    ],
    ids=["no-end", "half-an-end", "trailing", "twice-ended", "other-pieces", "long-length", "deep", "long-tag"],
)
def test_what_has_no_end_or_two_readings_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    loose = spoil(indefinite(made.sign()))
    with pytest.raises(NotDer):
        definite(loose)
    assert made.verify(loose).indication is not PASSED


@pytest.mark.parametrize("in_order", [True, False])
def test_signed_attributes_are_signed_in_order_however_they_stand(in_order: bool) -> None:
    """RFC 5652 §5.4: the value is over their DER. One over another order fits nothing."""
    parts = open_signed(made.sign(level=Level.B_B))
    signer = open_signer(parts.signers[0])
    attributes = [part for _tag, part in children(signer.signed)]
    mixed = b"".join(reversed(attributes))
    over = set_of(attributes) if in_order else tlv(0x31, mixed)
    value = tlv(0x04, sign_message(shared_city().official.key, "ES256", over))
    forged = replace(signer, signed=tlv(0xA0, mixed), signature=value)
    report = made.verify(write_signed(replace(parts, signers=(write_signer(forged),))), moment=NOW + 60)
    assert report.sub_indication is (None if in_order else SubIndication.SIG_CRYPTO_FAILURE)
