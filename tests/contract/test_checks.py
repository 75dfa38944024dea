"""The suite every validation check joins by standing in its CHECKS tuple."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import signing.validation.checks
from signing.validation.case import Case, open_case
from signing.validation.facts import Outcome, SignatureFacts, SignerFacts, StampFacts, Trust
from signing.validation.findings import finding
from signing.validation.indications import Indication, SubIndication
from signing.validation.judge import BLOCKS, CHECKS, DOCUMENT_STAMP_BLOCKS, Check, judge
from signing.validation.located import Changes, Coverage, LocatedSignature, Place, Problem, SignatureKind, SignedContent
from signing.validation.policy import POLICY, Level
from signing.validation.wording import WORDS

FOLDER = Path(signing.validation.checks.__file__).parent


def located(kind: SignatureKind, coverage: Coverage, changes: Changes, *problems: Problem) -> LocatedSignature:
    return LocatedSignature(
        format="PAdES",
        position=1,
        field="x",
        kind=kind,
        profile="ETSI.CAdES.detached",
        cms=b"",
        content=SignedContent(Place.ABSENT),
        coverage=coverage,
        changes_after=changes,
        problems=problems,
    )


def bare_cases() -> Iterator[Case]:
    """Signatures of which hardly anything could be learnt, in every combination."""
    trust = Trust((), (), (), moment=1_764_000_000)
    signers = (
        SignerFacts(trouble="unreadable"),
        SignerFacts(trouble=""),
        SignerFacts(trouble="", digest=Outcome(False), signature=Outcome(False, unknown=True)),
    )
    for kind, coverage, changes, signer in itertools.product(SignatureKind, Coverage, Changes, signers):
        for stamps in ((StampFacts(signer),), (StampFacts(signer), StampFacts(signer, time=5))):
            yield open_case(SignatureFacts(located(kind, coverage, changes), signer, stamps, trust))


def test_policy_and_wording_know_the_same_codes() -> None:
    assert POLICY.keys() == WORDS.keys()


@pytest.mark.parametrize("code", POLICY)
def test_every_finding_speaks_both_languages(code: str) -> None:
    found = finding(code, "X")
    assert found.text.vi
    assert found.text.en
    assert "{" not in found.text.vi + found.text.en
    assert (found.level is Level.FAIL) == (found.indication is not None) == (found.sub_indication is not None)
    assert found.advice.vi, "whatever is told tells people what to do about it"
    assert found.advice.en
    assert found.advice.vi != found.advice.en
    if found.level is Level.FAIL:
        assert found.indication is not Indication.TOTAL_PASSED


def test_every_code_is_used_and_every_used_code_is_known() -> None:
    flows = FOLDER.parent.parent / "flows"
    sources = [*FOLDER.glob("*.py"), flows / "verify.py", flows / "verify_inside.py"]
    text = "".join(path.read_text("utf-8") for path in sources)
    used = {code for code in re.findall(r'"([a-z_]+)"', text) if code in POLICY}
    assert used == set(POLICY)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_check_cites_nothing_less_than_a_docstring_and_never_raises(check: Check) -> None:
    assert inspect.getdoc(check)
    assert len(inspect.getsource(check).splitlines()) <= 40
    for case in bare_cases():
        said = check(case)
        assert said is None or said.code in POLICY


def test_every_check_in_the_folder_stands_in_the_table() -> None:
    defined = {
        name
        for path in FOLDER.glob("*.py")
        for name in re.findall(r"^def ((?:check|note)_\w+)", path.read_text("utf-8"), re.M)
    }
    assert defined == {check.__name__ for check in CHECKS}


def test_blocks_come_in_the_order_of_the_standard() -> None:
    assert [name for name, _ in BLOCKS] == [
        "format-checking",
        "identification-of-the-signing-certificate",
        "validation-context-initialization",
        "x509-certificate-validation",
        "cryptographic-verification",
        "signature-acceptance-validation",
        "signature-time-stamp-validation",
        "archive-time-stamp-validation",
    ]
    assert all(checks for _, checks in DOCUMENT_STAMP_BLOCKS)


def test_what_is_not_known_never_passes() -> None:
    for case in bare_cases():
        assert judge(case.facts).verdict[0] is not Indication.TOTAL_PASSED


def test_sub_indications_are_those_of_the_standard() -> None:
    assert all(word == word.name for word in SubIndication)
