"""
A JAdES signature on its way up: T, then LT, then LTA, one type for each stage, so that none can be left out.

T:   a signature time stamp (sigTst) for every signature that has none.
LT:  certificates and revocation data of the signer (xVals, rVals) and of time stamps and counter-signatures (tstVD,
     anyValData), unless they are there.
LTA: an archive time stamp (arcTst) for every signature; one more renews it before its authority's key grows old.
Counter-signatures are kept as they are: what is added is about them, not in them.
Source: TS 119 182-1 §5.3.4 to §5.3.6, §6.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from signing.errors import SignatureRefused
from signing.formats.base import ExtensionSources, ValidationData
from signing.formats.jades_archive import imprint_input
from signing.formats.jades_header import read_header
from signing.formats.jades_locate import Found, content_to, opened, signatures_of
from signing.formats.jades_protected import container, pki_object
from signing.formats.jades_unsigned import (
    ARCHIVE_STAMP,
    CERTIFICATES,
    REVOCATION,
    SIGNATURE_STAMP,
    STAMP_DATA,
    stamps_of,
    values_of,
)
from signing.formats.json_strict import NotStrict
from signing.formats.jws_parts import Jws, JwsSignature
from signing.formats.refusals import stamped
from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import identify
from signing.validation.cms import CmsBroken, read_cms
from signing.validation.located import Beside

_ANY_DATA = "anyValData"


@dataclass(frozen=True, slots=True)
class _Stage:
    jws: Jws = field(repr=False)

    def write(self) -> bytes:
        """The signature file at this stage."""
        return self.jws.write()


class Begun(_Stage):
    """A strict signature file, whatever its level."""


class Stamped(_Stage):
    """Every signature has a signature time stamp."""


class Lasting(_Stage):
    """It holds what a verifier will need."""


class Archived(_Stage):
    """An archive time stamp covers all of it."""


def begun(document: bytes) -> Begun:
    """Raises: DocumentRefused: not a strict signature file."""
    return Begun(opened(document))


def stamped_signatures(stage: Begun, sources: ExtensionSources) -> Stamped:
    """Raises: SignatureRefused: no stamp came; what the timestamper raises passes through."""

    def with_stamp(signature: JwsSignature) -> JwsSignature:
        if any(one.name == SIGNATURE_STAMP for one in signature.unsigned):
            return signature
        token = stamped(sources.timestamper, hashlib.sha256(signature.value.encode("ascii")).digest())
        return signature.and_unsigned(SIGNATURE_STAMP, container(token))

    return Stamped(replace(stage.jws, signatures=tuple(map(with_stamp, stage.jws.signatures))))


def with_validation_data(stage: Stamped, sources: ExtensionSources) -> Lasting:
    """Raises: SignatureRefused: a signer's certificate is missing; what the sources raise passes through."""
    try:
        everyone = list(signatures_of(stage.jws))
        signatures = tuple(
            _lasting(signature, [one for one in everyone if one.path[0] == number], sources)
            for number, signature in enumerate(stage.jws.signatures)
        )
    except (CmsBroken, CertificateUnreadable, NotStrict) as error:
        raise _not_extendable(str(error)) from error
    return Lasting(replace(stage.jws, signatures=signatures))


def _lasting(signature: JwsSignature, family: list[Found], sources: ExtensionSources) -> JwsSignature:
    """With what is missing for the signer, for its time stamps, and for who countersigned it."""
    own, *counters = family
    embedded = _embedded(own.signature)
    there = {*values_of(signature.unsigned).all}
    signer = _missing([_of_signer(own.signature, embedded, sources)], there)
    stamps = _missing(_of_stamps(own.signature, embedded, sources), there)
    others = _missing((data for one in counters for data in _of_everyone(one.signature, sources)), there)
    for name, value in signer.items():
        signature = signature.and_unsigned(name, value)
    if stamps:
        signature = signature.and_unsigned(STAMP_DATA, stamps)
    return signature.and_unsigned(_ANY_DATA, others) if others else signature


def _of_everyone(signature: JwsSignature, sources: ExtensionSources) -> Iterator[ValidationData]:
    """Of one who countersigned, and of the time stamps over that."""
    embedded = _embedded(signature)
    yield _of_signer(signature, embedded, sources)
    yield from _of_stamps(signature, embedded, sources)


def _embedded(signature: JwsSignature) -> tuple[bytes, ...]:
    return (*read_header(signature.header).certificates, *values_of(signature.unsigned).certificates)


def _of_signer(signature: JwsSignature, embedded: tuple[bytes, ...], sources: ExtensionSources) -> ValidationData:
    """The first embedded certificate that the header names."""
    named = read_header(signature.header).ess
    digests = {hashlib.new(named[0].algorithm, one).digest(): one for one in embedded} if named else {}
    certificate = digests.get(named[0].digest) if named else None
    if certificate is None:
        raise CmsBroken("the certificate of a signer is missing")
    return sources.collect(certificate, embedded)


def _of_stamps(
    signature: JwsSignature, embedded: tuple[bytes, ...], sources: ExtensionSources
) -> Iterator[ValidationData]:
    names = (SIGNATURE_STAMP, ARCHIVE_STAMP)
    tokens = (*read_header(signature.header).stamps, *(token for name in names for token in _tokens(signature, name)))
    for token in tokens:
        facts = read_cms(token)
        around = (*facts.certificates, *embedded)
        certificate = identify(around, facts.signer, facts.key_identifier)
        if certificate is None:
            raise CmsBroken("the certificate of a time-stamping authority is missing")
        yield sources.collect(certificate, around)


def _tokens(signature: JwsSignature, name: str) -> tuple[bytes, ...]:
    return stamps_of(signature.unsigned, name)


def _missing(found: Iterable[ValidationData], there: set[bytes]) -> dict[str, Any]:
    """xVals and rVals of what is not there yet; what is given out counts as there from then on."""
    data = list(found)
    certificates, lists, answers = (
        [one for one in dict.fromkeys(value for each in data for value in pick(each)) if one not in there]
        for pick in (_certificates, _lists, _answers)
    )
    there.update(certificates, lists, answers)
    revocation = {"crlVals": list(map(pki_object, lists)), "ocspVals": list(map(pki_object, answers))}
    kept = {name: values for name, values in revocation.items() if values}
    return {
        **({CERTIFICATES: [{"x509Cert": pki_object(one)} for one in certificates]} if certificates else {}),
        **({REVOCATION: kept} if kept else {}),
    }


def _certificates(data: ValidationData) -> tuple[bytes, ...]:
    return data.certificates


def _lists(data: ValidationData) -> tuple[bytes, ...]:
    return data.lists


def _answers(data: ValidationData) -> tuple[bytes, ...]:
    return data.answers


def archived(stage: Lasting, sources: ExtensionSources, beside: Beside) -> Archived:
    """Raises: SignatureRefused: no stamp came, or the content of a detached signature was not brought along."""

    def with_archive(number: int, signature: JwsSignature) -> JwsSignature:
        try:
            content = content_to(Found((number,), signature), read_header(signature.header), stage.jws.payload, beside)
            over = imprint_input(signature, content, signature.unsigned)
        except NotStrict as error:
            raise _not_extendable(str(error)) from error
        if over is None:
            raise SignatureRefused(
                "no_content",
                vi="Chữ ký rời: hãy kèm tệp nội dung để đóng dấu thời gian lưu trữ.",
                en="The signature is detached: bring the content along for an archive time stamp.",
                status=422,
            )
        token = stamped(sources.timestamper, hashlib.sha256(over).digest())
        return signature.and_unsigned(ARCHIVE_STAMP, container(token))

    signatures = tuple(with_archive(number, one) for number, one in enumerate(stage.jws.signatures))
    return Archived(replace(stage.jws, signatures=signatures))


def _not_extendable(why: str) -> SignatureRefused:
    return SignatureRefused(
        "not_extendable",
        vi="Chữ ký hoặc dấu thời gian bị hỏng hoặc thiếu chứng thư số nên không nâng mức được.",
        en="The signature or a time stamp is damaged or lacks a certificate, so it cannot be extended.",
        hint=why,
        status=422,
    )
