"""
NIST PKITS: 223 end entities whose paths are right or wrong in ways of their own, through our path validation and lists.

What is expected stands in the names of the end entities' files (`Valid…`, `Invalid…`); the tests on policies without
such a name are in ANSWERS, for a verifier that asks for no policy. We may refuse what PKITS accepts, for a reason in
STRICTER (docs/divergences.md); we never accept what it refuses. A reason that no longer holds fails too.

Source: NIST, Public Key Interoperability Test Suite (PKITS) 1.0.1 §4; the data comes with PyPI's cryptography-vectors.
"""

from __future__ import annotations

import datetime
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.revocation import Status, revocation_of
from tests.city import City
from tests.interop.base import Counterpart, python_of, say

ROOT = "TrustAnchorRootCertificate"
MOMENT = int(datetime.datetime(2015, 6, 1, tzinfo=datetime.UTC).timestamp())
_WHERE = "import cryptography_vectors, os; print(os.path.dirname(cryptography_vectors.__file__))"
_TEST = re.compile(r"(Valid|Invalid)?.*Test\d+EE$")
FEWEST = 220
"""How many tests there must be, lest an empty folder pass."""
ANSWERS: Mapping[str, bool] = {
    "AllCertificatesNoPoliciesTest2": True,
    "DifferentPoliciesTest3": True,
    "DifferentPoliciesTest4": False,
    "DifferentPoliciesTest5": False,
    "OverlappingPoliciesTest6": True,
    "DifferentPoliciesTest7": False,
    "DifferentPoliciesTest8": False,
    "DifferentPoliciesTest9": False,
    "AllCertificatesSamePoliciesTest10": True,
    "AllCertificatesanyPolicyTest11": True,
    "DifferentPoliciesTest12": False,
    "AllCertificatesSamePoliciesTest13": True,
    "AnyPolicyTest14": True,
    "UserNoticeQualifierTest15": True,
    "UserNoticeQualifierTest16": True,
    "UserNoticeQualifierTest17": True,
    "UserNoticeQualifierTest18": True,
    "UserNoticeQualifierTest19": True,
    "CPSPointerQualifierTest20": True,
    "inhibitAnyPolicyTest3": True,
}
"""PKITS §4.8, §4.12.3: whether the path is valid for a verifier that asks for no policy."""
_NAMES = "names are compared byte by byte, not without regard to case, blanks and kind of string"
_DSA = "DSA is not verified"
_ROLLOVER = "a list counts only if the very key signed it that issued the certificate"
_PARTS = "a list with issuingDistributionPoint is not read: it may be a part, or somebody else's"
_DELTA = "what a delta list takes off the list is not taken off: it only adds"
STRICTER: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "ValidNameChainingWhitespaceTest3",
            "ValidNameChainingWhitespaceTest4",
            "ValidNameChainingCapitalizationTest5",
            "ValidRolloverfromPrintableStringtoUTF8StringTest10",
            "ValidUTF8StringCaseInsensitiveMatchTest11",
        ),
        _NAMES,
    ),
    **dict.fromkeys(("ValidDSASignaturesTest4", "ValidDSAParameterInheritanceTest5"), _DSA),
    **dict.fromkeys(
        (
            "ValidBasicSelfIssuedOldWithNewTest1",
            "ValidBasicSelfIssuedNewWithOldTest4",
            "ValidBasicSelfIssuedCRLSigningKeyTest6",
            "ValidSelfIssuedpathLenConstraintTest15",
            "ValidSelfIssuedpathLenConstraintTest17",
            "ValidSelfIssuedrequireExplicitPolicyTest6",
            "ValidSelfIssuedinhibitPolicyMappingTest7",
            "ValidSelfIssuedinhibitAnyPolicyTest7",
            "ValidSelfIssuedinhibitAnyPolicyTest9",
            "ValidDNnameConstraintsTest19",
            "ValidSeparateCertificateandCRLKeysTest19",
        ),
        _ROLLOVER,
    ),
    **dict.fromkeys(
        (
            "ValiddistributionPointTest4",
            "ValiddistributionPointTest5",
            "ValiddistributionPointTest7",
            "ValidonlySomeReasonsTest18",
            "ValidonlySomeReasonsTest19",
            "ValidIDPwithindirectCRLTest22",
            "ValidIDPwithindirectCRLTest24",
            "ValidIDPwithindirectCRLTest25",
            "ValidcRLIssuerTest28",
            "ValidcRLIssuerTest29",
            "ValidcRLIssuerTest30",
            "ValidcRLIssuerTest33",
        ),
        _PARTS,
    ),
    "ValiddeltaCRLTest5": _DELTA,
}


def run(_city: City) -> bool:
    """Every test; each disagreement that is not explained is said."""
    folder = Path(subprocess.run(
        [python_of("pkits"), "-c", _WHERE], check=True, capture_output=True, text=True
    ).stdout.strip()) / "x509" / "PKITS_data"  # fmt: skip
    certificates = {path.stem: path.read_bytes() for path in sorted((folder / "certs").glob("*.crt"))}
    lists = [path.read_bytes() for path in sorted((folder / "crls").glob("*.crl"))]
    return judge(certificates, lists)


def judge(certificates: Mapping[str, bytes], lists: list[bytes]) -> bool:
    """Hold our answers against the expected ones."""
    pool = [der for name, der in certificates.items() if name != ROOT and not name.endswith("EE")]
    wrong, counted = [], 0
    for name in (one for one in certificates if _TEST.match(one)):
        counted += 1
        why = refusal(certificates[name], pool, certificates[ROOT], lists)
        test = name.removesuffix("EE")
        expected = ANSWERS[test] if test in ANSWERS else not test.startswith("Invalid")
        if bool(why) != (not expected or test in STRICTER):
            wrong.append(f"{test}: expected {'valid' if expected else 'invalid'}, {why or 'accepted'}")
    for line in wrong:
        say(f"FAIL {line}")
    say(f"{counted} tests, {len(STRICTER)} stricter with a reason, {len(wrong)} not explained")
    return counted >= FEWEST and not wrong


def refusal(leaf: bytes, pool: list[bytes], anchor: bytes, lists: list[bytes]) -> str:
    """Why the path of a certificate is no good; "" if it is."""
    try:
        chain = build_chain(leaf, pool, (), [anchor], Effort())
    except CertificateUnreadable as error:
        return f"unreadable: {error}"
    if not chain.trusted or chain.defect:
        return chain.defect or "no path"
    if not all(link.holds_at(MOMENT) for link in chain.links[:-1]):
        return "out of its time"
    for state in revocation_of(chain.links, lists):
        if state.status is Status.REVOKED or not state.is_fresh(MOMENT):
            return f"link {state.position}: {state.status}"
    return ""


def missing() -> str:
    return ""


COUNTERPART = Counterpart("pkits", missing, run)
