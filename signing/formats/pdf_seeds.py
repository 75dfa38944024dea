"""
Seed values: what whoever made a signature field requires of the signature in it.

Whatever is required and cannot be kept refuses the signature; a wish that is not required is left aside.
Source: ISO 32000-2 §12.7.5.5, Tables 237 (seed values) and 238 (certificate).
"""

from __future__ import annotations

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SeedValueDictVersion, SigSeedSubFilter, SigSeedValFlags, SigSeedValueSpec
from pyhanko.sign.general import SigningError as LibraryRefusal
from pyhanko.sign.general import UnacceptableSignerError

from signing.errors import SignatureRefused
from signing.formats.base import Level, PrepareRequest
from signing.formats.signature_algorithms import algorithm_of


def check_seeds(values: generic.DictionaryObject, request: PrepareRequest) -> None:
    """Raises: SignatureRefused("seed_values"): the field requires something else than is to be signed."""
    try:
        seeds = SigSeedValueSpec.from_pdf_object(values)
        why = _unmet(seeds, request)
        if not why and seeds.cert is not None:
            seeds.cert.satisfied_by(x509.Certificate.load(request.certificate), None)
    except (
        LibraryRefusal,
        UnacceptableSignerError,
        PdfError,
        NotImplementedError,  # the library raises it for requirements that it knows but cannot judge
        LookupError,
        ValueError,
        TypeError,
    ) as error:
        why = str(error)[:200] or type(error).__name__
    if why:
        raise SignatureRefused(
            "seed_values",
            vi="Ô chữ ký này đặt ra yêu cầu mà chữ ký không đáp ứng được. Hãy hỏi nơi lập văn bản.",
            en="This signature field requires something that the signature does not meet. Ask who made the document.",
            hint=why,
            status=422,
        )


def _unmet(seeds: SigSeedValueSpec, request: PrepareRequest) -> str:
    """What is required and not met, empty if all is."""
    flags, kind = seeds.flags, seeds.seed_signature_type
    if kind is not None:
        wanted = int(kind.mdp_perm.value) if kind.mdp_perm is not None else 0
        if wanted != request.terms.certify:
            return f"/MDP {wanted}"
    if seeds.timestamp_required and request.level is Level.B_B:
        return "/TimeStamp"
    refused = (
        (SigSeedValFlags.SUBFILTER, SigSeedSubFilter.PADES not in (seeds.subfilters or ())),
        (SigSeedValFlags.V, _version(seeds) > SeedValueDictVersion.PDF_2_0.value),
        (SigSeedValFlags.REASONS, not _fits_reason(seeds, request.reason)),
        (SigSeedValFlags.DIGEST_METHOD, algorithm_of(request.algorithm).digest not in (seeds.digest_methods or ())),
        (SigSeedValFlags.ADD_REV_INFO, bool(seeds.add_rev_info)),
        (SigSeedValFlags.APPEARANCE_FILTER, seeds.appearance is not None),
        (SigSeedValFlags.LEGAL_ATTESTATION, True),
        (SigSeedValFlags.LOCK_DOCUMENT, True),
    )
    return next((str(flag.name) for flag, unmet in refused if flags & flag and unmet), "")


def _fits_reason(seeds: SigSeedValueSpec, reason: str) -> bool:
    """One of those that are listed; none at all where none is, or only a dot."""
    allowed = [one for one in seeds.reasons or () if one != "."]
    return reason in allowed if allowed else not reason


def _version(seeds: SigSeedValueSpec) -> int:
    version = seeds.sv_dict_version
    return int(version.value if isinstance(version, SeedValueDictVersion) else version or 0)
