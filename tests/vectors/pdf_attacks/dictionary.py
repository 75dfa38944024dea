"""Attacks on the signature dictionary: USF (universal forgery), SWA (signature wrapping), bad ranges, bad CMS."""

from __future__ import annotations

import hashlib

from asn1crypto import cms

from signing.formats.cms_writer import signed_attributes, signed_data
from signing.formats.der import sequence, tlv
from tests.signing_pki import City, Holder, issue, shared_city
from tests.vectors.pdf_attacks.surgery import dissect, with_gap, with_range


def usf_contents_missing(document: bytes) -> bytes:
    return document.replace(b"/Contents <", b"/Contentz <")


def usf_contents_null(document: bytes) -> bytes:
    return with_gap(document, b"null")


def usf_contents_empty(document: bytes) -> bytes:
    return with_gap(document, b"<>")


def usf_contents_zeros(document: bytes) -> bytes:
    start, end = dissect(document).gap
    return with_gap(document, b"<" + b"0" * (end - start - 2) + b">")


def usf_byte_range_missing(document: bytes) -> bytes:
    return with_range(document, b"")


def usf_byte_range_null(document: bytes) -> bytes:
    return with_range(document, b"/ByteRange null")


def usf_byte_range_empty(document: bytes) -> bytes:
    return with_range(document, b"/ByteRange []")


def usf_byte_range_negative(document: bytes) -> bytes:
    _, b, c, d = dissect(document).numbers
    return with_range(document, b"/ByteRange [0 %d %d -%d]" % (b, c, d))


def usf_byte_range_two_numbers(document: bytes) -> bytes:
    return with_range(document, b"/ByteRange [0 %d]" % dissect(document).numbers[1])


def range_gap_larger_than_contents(document: bytes) -> bytes:
    _, b, c, d = dissect(document).numbers
    return with_range(document, b"/ByteRange [0 %d %d %d]" % (b, c + 20, d - 20))


def range_overlapping(document: bytes) -> bytes:
    _, b, _, d = dissect(document).numbers
    return with_range(document, b"/ByteRange [0 %d %d %d]" % (b, b - 10, d))


def range_not_from_start(document: bytes) -> bytes:
    _, b, c, d = dissect(document).numbers
    return with_range(document, b"/ByteRange [9 %d %d %d]" % (b - 9, c, d))


def range_beyond_file(document: bytes) -> bytes:
    _, b, c, d = dissect(document).numbers
    return with_range(document, b"/ByteRange [0 %d %d %d]" % (b, c, d + 1000))


def range_shorter_than_file(document: bytes) -> bytes:
    _, b, c, d = dissect(document).numbers
    return with_range(document, b"/ByteRange [0 %d %d %d]" % (b, c, d - 7))


def swa_second_range_moved(document: bytes) -> bytes:
    """The bytes of the second range move to the end; forged ones with a table of their own take their place."""
    _, _, c, d = dissect(document).numbers
    tail = document[c : c + d]
    forged = tail.replace(b"/Filter", b"/Filtre")
    moved = document[:c] + forged + tail
    return with_range(moved, b"/ByteRange [0 %d %d %d]" % (dissect(document).numbers[1], c + len(forged), d))


def contents_with_blanks(document: bytes) -> bytes:
    _start, end = dissect(document).gap
    return document[: end - 9] + b" " * 8 + document[end - 1 :]


def contents_with_padding_not_zero(document: bytes) -> bytes:
    _start, end = dissect(document).gap
    return document[: end - 9] + b"DEADBEEF" + document[end - 1 :]


def contents_letter_case_changed(document: bytes) -> bytes:
    start, end = dissect(document).gap
    gap = document[start:end]
    at = next(place for place, letter in enumerate(gap) if letter in b"ABCDEF")
    return document[: start + at] + gap[at : at + 1].lower() + document[start + at + 1 :]


def duplicate_byte_range(document: bytes) -> bytes:
    found = dissect(document)
    doubled = document[found.range_start : found.range_end].rstrip() + b" /ByteRange [0 1 2 3]"
    return with_range(document, doubled)


def _resigned(document: bytes, city: City, attributes_over: bytes, *, signer: Holder | None = None) -> bytes:
    """The same document with a fresh CMS by the official over the given digest."""
    holder = signer or city.official
    attributes = signed_attributes(attributes_over, holder.der)
    value = holder.sign(hashlib.sha256(attributes).digest())
    return _with_cms(document, signed_data(attributes, value, holder.der, holder.chain, None))


def _with_cms(document: bytes, der: bytes) -> bytes:
    start, end = dissect(document).gap
    return with_gap(document, b"<" + der.hex().upper().encode().ljust(end - start - 2, b"0") + b">")


def _content_digest(document: bytes) -> bytes:
    _, b, c, d = dissect(document).numbers
    return hashlib.sha256(document[:b] + document[c : c + d]).digest()


def cms_of_another_document(document: bytes) -> bytes:
    return _resigned(document, shared_city(), hashlib.sha256(b"another document").digest())


def cms_by_a_stranger_with_the_same_names(document: bytes) -> bytes:
    """A whole PKI of the attacker's whose certificates bear our names."""
    root = issue("Gốc thử nghiệm", None, organisation="Thành phố", authority=True)
    issuing = issue("CA cấp phát thử nghiệm", root, organisation="Thành phố", authority=True)
    return _resigned(document, shared_city(), _content_digest(document), signer=issue("Nguyễn Văn An", issuing))


def cms_self_signed_stranger(document: bytes) -> bytes:
    return _resigned(document, shared_city(), _content_digest(document), signer=issue("Nguyễn Văn An", None))


def cms_certificate_swapped(document: bytes) -> bytes:
    """The value is the official's; the certificate shown is a colleague's from the same authority."""
    city = shared_city()
    colleague = city.person("Chủ tịch")
    attributes = signed_attributes(_content_digest(document), city.official.der)
    value = city.official.sign(hashlib.sha256(attributes).digest())
    return _with_cms(document, signed_data(attributes, value, colleague.der, colleague.chain, None))


def cms_signed_by_the_authority_key(document: bytes) -> bytes:
    """An issuing authority's own certificate is no signer of documents."""
    city = shared_city()
    return _resigned(document, city, _content_digest(document), signer=city.issuing)


_INFO = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature", "unsigned_attrs")


def _rebuilt(der: bytes, *, without: str = "", times: int = 1) -> bytes:
    """The same CMS with its signer info repeated, or without one of its parts."""
    info = cms.ContentInfo.load(der)
    data = info["content"]
    signer = data["signer_infos"][0]
    one = sequence(*(signer[name].dump() for name in _INFO if name != without))
    parts = (data[name].dump() for name in ("version", "digest_algorithms", "encap_content_info", "certificates"))
    return sequence(info["content_type"].dump(), tlv(0xA0, sequence(*parts, tlv(0x31, one * times))))


def cms_without_signed_attributes(document: bytes) -> bytes:
    """Only unsigned attributes: the value is made straight over the document's digest."""
    city = shared_city()
    value = city.official.sign(_content_digest(document))
    attributes = signed_attributes(_content_digest(document), city.official.der)
    stamp = city.stamp(hashlib.sha256(value).digest())
    der = signed_data(attributes, value, city.official.der, city.official.chain, stamp)
    return _with_cms(document, _rebuilt(der, without="signed_attrs"))


def cms_two_signers(document: bytes) -> bytes:
    city = shared_city()
    attributes = signed_attributes(_content_digest(document), city.official.der)
    value = city.official.sign(hashlib.sha256(attributes).digest())
    return _with_cms(
        document, _rebuilt(signed_data(attributes, value, city.official.der, city.official.chain, None), times=2)
    )


def stamp_from_another_signature(document: bytes) -> bytes:
    city = shared_city()
    attributes = signed_attributes(_content_digest(document), city.official.der)
    value = city.official.sign(hashlib.sha256(attributes).digest())
    foreign = city.stamp(hashlib.sha256(b"the value of another signature").digest())
    return _with_cms(document, signed_data(attributes, value, city.official.der, city.official.chain, foreign))


def stamp_by_a_person(document: bytes) -> bytes:
    """A token made with a person's certificate, which is not for time stamping."""
    city = shared_city()
    attributes = signed_attributes(_content_digest(document), city.official.der)
    value = city.official.sign(hashlib.sha256(attributes).digest())
    stamp = city.stamp(hashlib.sha256(value).digest(), tsu=city.official)
    return _with_cms(document, signed_data(attributes, value, city.official.der, city.official.chain, stamp))


ATTACKS = (
    usf_contents_missing,
    usf_contents_null,
    usf_contents_empty,
    usf_contents_zeros,
    usf_byte_range_missing,
    usf_byte_range_null,
    usf_byte_range_empty,
    usf_byte_range_negative,
    usf_byte_range_two_numbers,
    range_gap_larger_than_contents,
    range_overlapping,
    range_not_from_start,
    range_beyond_file,
    range_shorter_than_file,
    swa_second_range_moved,
    contents_with_blanks,
    contents_with_padding_not_zero,
    contents_letter_case_changed,
    duplicate_byte_range,
    cms_of_another_document,
    cms_by_a_stranger_with_the_same_names,
    cms_self_signed_stranger,
    cms_certificate_swapped,
    cms_signed_by_the_authority_key,
    cms_without_signed_attributes,
    cms_two_signers,
    stamp_from_another_signature,
    stamp_by_a_person,
)
