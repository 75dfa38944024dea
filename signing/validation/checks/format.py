"""Format checking. Source: EN 319 102-1 §5.2.2; EN 319 142-1 §6.2."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.cms import CmsFacts
from signing.validation.findings import Finding, finding
from signing.validation.located import Coverage, Place, SignatureKind

DATA = "1.2.840.113549.1.7.1"
PADES = "ETSI.CAdES.detached"
BASELINE = frozenset((PADES, "CAdES", "XAdES", "JAdES"))
"""Those with a signed attribute that names the signing certificate."""
LEGACY = frozenset(("adbe.pkcs7.detached", "XMLDSig"))


def check_container(case: Case) -> Finding | None:
    """The document leads to the signature unambiguously, and the signed bytes are a whole revision of it."""
    problems = case.facts.located.problems
    if not problems:
        return None
    return finding("container", problems[0].text, debug=", ".join(problem.code for problem in problems))


def check_cms_is_readable(case: Case) -> Finding | None:
    """The signature value is one strict CMS structure with one signer."""
    trouble, located = case.facts.signer.trouble, case.facts.located
    if not trouble or (located.problems and not located.cms) or other_kind(case):
        return None  # something else has said already that there is nothing to read
    return finding("cms_unreadable", debug=trouble)


def check_content_type(case: Case) -> Finding | None:
    """
    What is signed is plain data, inside the CMS or outside as the format has it, and the signed attribute says the
    same (RFC 5652 §11.1); a counter-signature says nothing (§11.4).
    """
    cms, coverage = case.facts.signer.signed, case.facts.located.coverage
    if not isinstance(cms, CmsFacts) or other_kind(case):
        return None
    stated = "" if coverage is Coverage.SIGNATURE else DATA
    inside = cms.content is not None and coverage not in (Coverage.ENCLOSED, Coverage.SIGNATURE)
    right = cms.content_type == DATA and cms.attribute_content_type == stated and not inside
    return None if right else finding("content_type", debug=f"{cms.content_type} {cms.attribute_content_type}")


def check_content_is_there(case: Case) -> Finding | None:
    """The signed content was brought along (EN 319 102-1 §5.2.7.4: SIGNED_DATA_NOT_FOUND)."""
    located = case.facts.located
    signed = case.facts.signer.signed
    if signed is None or located.problems:
        return None
    if located.content.place is not Place.ABSENT and signed.message is not None:
        return None
    return finding("content_missing") if located.kind is SignatureKind.SIGNATURE else None


def check_nothing_is_left_out(case: Case) -> Finding | None:
    """Nothing in the document could be taken for signed and is not (three-way wording: what is partly signed)."""
    left_out = case.facts.located.left_out
    return finding("left_out", ", ".join(left_out)) if left_out else None


def note_coverage(case: Case) -> Finding | None:
    """What a signature covers that does not cover the file it stands in."""
    located = case.facts.located
    match located.coverage:
        case Coverage.PARTIAL if located.covered:
            return finding("covers_part", ", ".join(located.covered))
        case Coverage.DIGEST:
            return finding("covers_digest")
        case Coverage.SIGNATURE:
            return finding("covers_signature")
        case _:
            return None


def check_profile(case: Case) -> Finding | None:
    """The kind of signature is one we can judge, and so is everything in it; else that is named, and nothing failed."""
    other = other_kind(case)
    if other:
        return finding("profile_unsupported", other[:100], debug=other[:100])
    profile = case.facts.located.profile
    return finding("profile_legacy", profile) if profile in LEGACY else None


def other_kind(case: Case) -> str:
    """What it is or needs that is not read here, as people name it; empty for nothing."""
    located, signer = case.facts.located, case.facts.signer
    if located.other or signer.other:
        return located.other or signer.trouble
    profile, cms = located.profile, signer.signed
    if profile not in BASELINE | LEGACY and not (located.problems and not profile):
        return profile or "?"
    if isinstance(cms, CmsFacts) and DATA != cms.content_type == cms.attribute_content_type:
        return f"CMS {cms.content_type}"
    return ""


def note_structure(case: Case) -> Finding | None:
    """Oddities of the container that change nothing."""
    notes = case.facts.located.notes
    return finding("structure", notes[0].text) if notes else None


CHECKS = (
    check_container,
    check_cms_is_readable,
    check_content_type,
    check_content_is_there,
    check_profile,
    check_nothing_is_left_out,
    note_structure,
    note_coverage,
)
