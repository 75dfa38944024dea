"""Format checking. Source: EN 319 102-1 §5.2.2; EN 319 142-1 §6.2."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.findings import Finding, finding

DATA = "1.2.840.113549.1.7.1"
PADES = "ETSI.CAdES.detached"
LEGACY = frozenset(("adbe.pkcs7.detached",))


def check_container(case: Case) -> Finding | None:
    """The document leads to the signature unambiguously, and the signed bytes are a whole revision of it."""
    problems = case.facts.located.problems
    if not problems:
        return None
    return finding("container", problems[0].text, debug=", ".join(problem.code for problem in problems))


def check_cms_is_readable(case: Case) -> Finding | None:
    """The signature value is one strict CMS structure with one signer."""
    trouble = case.facts.signer.trouble
    if not trouble or (case.facts.located.problems and not case.facts.located.cms):
        return None  # the container has said already that there is nothing to read
    return finding("cms_unreadable", debug=trouble)


def check_content_type(case: Case) -> Finding | None:
    """What is signed is plain data outside the CMS, and the signed attribute says the same (RFC 5652 §11.1)."""
    cms = case.facts.signer.cms
    if cms is None:
        return None
    right = cms.content_type == cms.attribute_content_type == DATA and cms.content is None
    return None if right else finding("content_type", debug=f"{cms.content_type} {cms.attribute_content_type}")


def check_profile(case: Case) -> Finding | None:
    """The kind of signature is one we can judge."""
    profile = case.facts.located.profile
    if profile == PADES or (case.facts.located.problems and not profile):
        return None
    return finding("profile_legacy" if profile in LEGACY else "profile_unsupported", profile[:60] or "?")


def note_structure(case: Case) -> Finding | None:
    """Oddities of the container that change nothing."""
    notes = case.facts.located.notes
    return finding("structure", notes[0].text) if notes else None


CHECKS = (check_container, check_cms_is_readable, check_content_type, check_profile, note_structure)
