"""CMS signatures for tests: made by our own format, with keys of any algorithm."""

from __future__ import annotations

from dataclasses import replace

from asn1crypto import cms

from signing.formats.cades import Cades
from signing.formats.cms_build import write_signed, write_signer
from signing.validation.cms_parts import COUNTER_SIGNATURE, open_signed, open_signer
from tests.signing_acts import Acts

CONTENT = "Quyết định số 01/QĐ-SNV: bổ nhiệm ông Nguyễn Văn An.".encode()
CADES = Cades()
_ACTS = Acts(CADES, CONTENT)
sign, add, counter = _ACTS.sign, _ACTS.add, _ACTS.counter
extend, verify = _ACTS.extend, _ACTS.verify


def signer_infos(document: bytes) -> list[cms.SignerInfo]:
    return list(cms.ContentInfo.load(document)["content"]["signer_infos"])


def value_of(document: bytes, name: str) -> bytes:
    """The signature value of the signer whose certificate has that common name."""
    for one in cms.ContentInfo.load(document)["content"]["certificates"]:
        if one.chosen.subject.native["common_name"] == name:
            serial = one.chosen.serial_number
    found = [info for info in signer_infos(document) if info["sid"].chosen["serial_number"].native == serial]
    return bytes(found[0]["signature"].native)


def transplant(source: bytes, target: bytes) -> bytes:
    """`target` with the unsigned attributes and the certificates of `source`."""
    taken = open_signer(open_signed(source).signers[0]).unsigned
    parts = open_signed(target)
    signer = open_signer(parts.signers[0])
    mixed = tuple(pair for pair in taken if pair[0] == COUNTER_SIGNATURE) or taken
    kept = tuple(pair for pair in signer.unsigned if pair[0] != mixed[0][0])
    signers = (write_signer(replace(signer, unsigned=(*kept, *mixed))),)
    certificates = tuple(dict.fromkeys((*parts.certificates, *open_signed(source).certificates)))
    return write_signed(replace(parts, signers=signers, certificates=certificates))
