"""pkilint, which is not ours: its rules for RFC 5280 and for ETSI EN 319 412, over certificates of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

from pkilint import etsi, finding_filter, loader
from pkilint.etsi.etsi_constants import CertificateType
from pkilint.itu import x520_name  # noqa: F401  # its decoders register themselves
from pkilint.pkix import certificate, extension, name
from pkilint.validation import ValidationFindingSeverity, ValidatorContainer

from keys.ca.order import Profile

ETSI_KINDS = {
    Profile.PERSON: CertificateType.NCP_NATURAL_PERSON_CERTIFICATE,
    Profile.LEGAL_PERSON: CertificateType.NCP_LEGAL_PERSON_CERTIFICATE,
    Profile.TSU: CertificateType.NCP_LEGAL_PERSON_CERTIFICATE,
}
"""EN 319 412 is about persons, natural and legal; a time-stamping unit is certified as its legal person."""
OTHERWISE = {Profile.TSU: "etsi.en_319_412_2.gen-4.3.10-1.eku_extension_is_critical"}
"""What another standard asks for: RFC 3161 §2.3 makes the extended usage of a time-stamping unit critical."""
BAD = (ValidationFindingSeverity.ERROR, ValidationFindingSeverity.FATAL)


@cache
def _pkix() -> ValidatorContainer:
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def _etsi(kind: CertificateType) -> ValidatorContainer:
    return certificate.create_pkix_certificate_validator_container(
        etsi.create_decoding_validators(kind), etsi.create_validators(kind)
    )


def findings(profile: Profile, certificates: Iterable[bytes], *, with_etsi: bool = True) -> tuple[Counter[str], int]:
    """What it finds wrong, by code, and how many certificates it read; warnings and notices are left out."""
    found: Counter[str] = Counter()
    read = 0
    for der in certificates:
        read += 1
        found.update(_of(_pkix().validate(loader.load_certificate(der, "ours").root)))
        if with_etsi and profile in ETSI_KINDS:
            kind = ETSI_KINDS[profile]
            results = _etsi(kind).validate(loader.load_certificate(der, "ours").root)
            results, _ = finding_filter.filter_results(etsi.create_etsi_finding_filters(kind), results)
            found.update(_of(results))
    for code in [one for one in found if profile in OTHERWISE and one.startswith(OTHERWISE[profile])]:
        del found[code]
    return found, read


def _of(results: Iterable[object]) -> list[str]:
    described = (one for result in results for one in result.finding_descriptions)  # type: ignore[attr-defined]  # untyped
    return [f"{one.finding.code} {one.message or ''}".strip() for one in described if one.finding.severity in BAD]
