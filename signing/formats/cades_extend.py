"""
A CAdES signature on its way up: T, then LT, then LTA, one type for each stage, so that none can be left out.

T:   a signature time stamp for every signer who has none.
LT:  certificates and revocation data of signers and time-stamping authorities, in the SignedData itself.
LTA: an archive time stamp for every signer, over all that; one more renews it before its authority's key grows old.
Source: EN 319 122-1 §5.3, §5.4, §5.5, §6.3; RFC 5652 §10.2; RFC 5940 (OCSP responses among the revocation values).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.base import ExtensionSources, ValidationData
from signing.formats.cades_signer import SIGNATURE_TIME_STAMP
from signing.formats.cms_build import with_certificates, with_unsigned, write_signed
from signing.formats.der import octets, oid, sequence
from signing.formats.refusals import stamped
from signing.formats.signature_algorithms import DIGEST_IDENTIFIERS
from signing.validation.archive import ARCHIVE_TIME_STAMP, HASH_INDEX, imprint_input, objects_of
from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import identify
from signing.validation.cms import CmsBroken, open_cms, read_cms
from signing.validation.cms_parts import SignedParts, SignerParts, open_signed, open_signer, paths_of
from signing.validation.located import Beside

_OCSP = oid("1.3.6.1.5.5.7.16.2")
_SHA256 = DIGEST_IDENTIFIERS["sha256"]


@dataclass(frozen=True, slots=True)
class _Stage:
    parts: SignedParts = field(repr=False)

    def write(self) -> bytes:
        """The signature file at this stage, DER."""
        return write_signed(self.parts)


class Opened(_Stage):
    """A strict signature file, whatever its level."""


class Stamped(_Stage):
    """Every signer has a signature time stamp."""


class Lasting(_Stage):
    """It holds what a verifier will need."""


class Archived(_Stage):
    """An archive time stamp covers all of it."""


def opened(document: bytes) -> Opened:
    """Raises: DocumentRefused: not a strict signature file."""
    try:
        return Opened(open_cms(document))
    except CmsBroken as error:
        raise DocumentRefused(
            "not_readable",
            vi="Tệp này không phải là tệp chữ ký (CMS) hợp lệ nên không nâng mức được.",
            en="This is no proper signature file (CMS), so it cannot be extended.",
            hint=str(error),
        ) from error


def stamped_signers(stage: Opened, sources: ExtensionSources) -> Stamped:
    """Raises: SignatureRefused: no stamp came; what the timestamper raises passes through."""
    signers = []
    for signer in stage.parts.signers:
        parts = open_signer(signer)
        if not _values(parts, SIGNATURE_TIME_STAMP):
            token = stamped(sources.timestamper, hashlib.sha256(parts.value).digest())
            signer = with_unsigned(signer, SIGNATURE_TIME_STAMP, token)
        signers.append(signer)
    return Stamped(replace(stage.parts, signers=tuple(signers)))


def with_validation_data(stage: Stamped, sources: ExtensionSources) -> Lasting:
    """Raises: SignatureRefused: a signer's certificate is missing; what the sources raise passes through."""
    document = stage.write()
    found = [
        data
        for der, path in ((document, path) for path in paths_of(open_signed(document)))
        for data in data_of(der, path, sources)
    ]
    parts = with_certificates(stage.parts, (one for data in found for one in data.certificates))
    values = (value for data in found for value in (*data.lists, *map(_response, data.answers)))
    return Lasting(replace(parts, lists=tuple(dict.fromkeys((*parts.lists, *values)))))


def data_of(
    der: bytes, path: tuple[int, ...], sources: ExtensionSources, beside: tuple[bytes, ...] = ()
) -> Iterable[ValidationData]:
    """
    For one signer and each time stamp that belongs to it. beside: certificates that the document holds elsewhere.

    Raises: SignatureRefused: it is damaged, or lacks its certificate; what the sources raise passes through.
    """
    try:
        facts = read_cms(der, path)
        signers = [(facts, (*facts.certificates, *beside))]
        for token in (*facts.stamps, *facts.content_stamps, *facts.archives):
            stamp = read_cms(token)
            signers.append((stamp, (*stamp.certificates, *facts.certificates, *beside)))
        for signer, embedded in signers:
            certificate = identify(embedded, signer.signer, signer.key_identifier)
            if certificate is None:
                raise CmsBroken("the certificate of a signer is missing")
            yield sources.collect(certificate, embedded)
    except (CmsBroken, CertificateUnreadable) as error:
        raise SignatureRefused(
            "not_extendable",
            vi="Chữ ký hoặc dấu thời gian bị hỏng hoặc thiếu chứng thư số nên không nâng mức được.",
            en="The signature or a time stamp is damaged or lacks a certificate, so it cannot be extended.",
            hint=str(error),
            status=422,
        ) from error


def with_own_data(token: bytes, sources: ExtensionSources) -> bytes:
    """
    A time stamp that carries the certificates and revocation data which its own verification needs.

    Raises: SignatureRefused: it is damaged, or lacks its certificate; what the sources raise passes through.
    """
    found = tuple(data_of(token, (), sources))
    parts = with_certificates(open_signed(token), (one for data in found for one in data.certificates))
    values = (value for data in found for value in (*data.lists, *map(_response, data.answers)))
    return write_signed(replace(parts, lists=tuple(dict.fromkeys((*parts.lists, *values)))))


def archived(stage: Lasting, sources: ExtensionSources, beside: Beside) -> Archived:
    """Raises: SignatureRefused: no stamp came, or the content of a detached signature was not brought along."""
    digest = _content_digest(stage.parts, beside)
    algorithms = tuple(dict.fromkeys((*stage.parts.digest_algorithms, _SHA256)))
    signers = tuple(_with_archive(stage.parts, signer, digest, sources) for signer in stage.parts.signers)
    return Archived(replace(stage.parts, signers=signers, digest_algorithms=algorithms))


def _with_archive(parts: SignedParts, signer: bytes, digest: bytes, sources: ExtensionSources) -> bytes:
    open_one = open_signer(signer)
    index = hash_index(parts, open_one)
    imprint = hashlib.sha256(imprint_input(parts, open_one, digest, index)).digest()
    token = open_signed(stamped(sources.timestamper, imprint))
    indexed = with_unsigned(token.signers[0], HASH_INDEX, index)
    return with_unsigned(signer, ARCHIVE_TIME_STAMP, write_signed(replace(token, signers=(indexed,))))


def hash_index(parts: SignedParts, signer: SignerParts) -> bytes:
    """ATSHashIndexV3 over all that is there, with SHA-256, DER."""
    named = (
        sequence(*(octets(hashlib.sha256(one).digest()) for one in objects)) for objects in objects_of(parts, signer)
    )
    return sequence(_SHA256, *named)


def _content_digest(parts: SignedParts, beside: Beside) -> bytes:
    content = parts.content if parts.content is not None else beside.content
    if content is not None:
        return hashlib.sha256(content).digest()
    if beside.digest is not None and len(beside.digest) == 32:
        return beside.digest
    raise SignatureRefused(
        "no_content",
        vi="Chữ ký rời: hãy kèm tệp nội dung để đóng dấu thời gian lưu trữ.",
        en="The signature is detached: bring the content along for an archive time stamp.",
        status=422,
    )


def _values(signer: SignerParts, kind: bytes) -> list[bytes]:
    return [value for found, value in signer.unsigned if found == kind]


def _response(answer: bytes) -> bytes:
    """An OCSP response as a RevocationInfoChoice (RFC 5940 §2.1)."""
    return b"\xa1" + sequence(_OCSP, answer)[1:]
