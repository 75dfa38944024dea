"""An operator's policy: known codes only, nothing that a verdict stands on made milder, named in every report."""

from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import SettingsError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level
from signing.reports import REPORTS
from signing.services import open_policy
from signing.validation.algorithms import BUILT_IN, PolicyUnreadable, built_in_suite
from signing.validation.policy import POLICY
from signing.validation.policy_file import ALWAYS_FAIL, ValidationPolicy, built_in_policy, read_policy
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city


def policy(levels: str) -> ValidationPolicy:
    return read_policy(f"name = 'Bộ thử'\n[levels]\n{levels}".encode(), built_in_suite())


def unstamped(judged_by: ValidationPolicy | None) -> Report:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    document = pdfs.sign(pdfs.plain(), city, level=Level.B_B)
    return verify_document(document, moment=NOW + 60, own=own, policy=judged_by)


def levels_of(report: Report) -> dict[str, str]:
    return {found.code: str(found.level) for signature in report.signatures for found in signature.findings}


def test_a_warning_becomes_a_failure() -> None:
    report = unstamped(policy("no_stamp = 'FAIL'"))
    assert (str(report.indication), str(report.sub_indication)) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")
    assert levels_of(report) == {"no_stamp": "FAIL"}


def test_a_warning_is_ignored_but_the_check_stays_in_the_list() -> None:
    report = unstamped(policy("no_stamp = 'IGNORE'"))
    assert str(report.indication) == "TOTAL-PASSED"
    assert levels_of(report) == {}
    (ignored,) = [check for check in report.as_json()["signatures"][0]["checks"] if check["result"] == "ignore"]
    assert ignored["check"] == "check_proof_of_time"


def test_ours_warns() -> None:
    assert levels_of(unstamped(None)) == {"no_stamp": "WARN"}


def test_every_report_names_the_policy_and_its_digest() -> None:
    mine = policy("no_stamp = 'INFORM'")
    report = unstamped(mine)
    assert mine.digest != built_in_policy().digest
    for form in REPORTS:
        written = form.render(report, "vi", "x").decode()
        assert "Bộ thử" in written, form.name
        assert mine.digest in written, form.name


def test_the_digest_follows_every_level_and_every_date() -> None:
    other = open_suite_text().replace("2029-01-01", "2028-01-01")
    digests = {built_in_policy().digest, policy("no_stamp = 'IGNORE'").digest, policy("no_stamp = 'FAIL'").digest}
    assert len(digests) == 3
    assert policy("no_stamp = 'WARN'").digest == built_in_policy().digest  # says what we say
    assert other != open_suite_text()


def open_suite_text() -> str:
    return BUILT_IN.read_text("utf-8")


@pytest.mark.parametrize("code", sorted(ALWAYS_FAIL))
def test_what_a_verdict_stands_on_cannot_be_made_milder(code: str) -> None:
    with pytest.raises(PolicyUnreadable, match=code):
        policy(f"{code} = 'WARN'")
    assert policy(f"{code} = 'FAIL'").changed == {}


def test_nothing_that_fails_totally_is_left_out_of_that_list() -> None:
    assert POLICY.keys() >= ALWAYS_FAIL
    assert {"hash_mismatch", "signature_wrong", "container", "revoked", "internal", "chain_not_found"} <= ALWAYS_FAIL


@pytest.mark.parametrize("levels", ["nonsense = 'WARN'", "no_stamp = 'warn'", "no_stamp = 3", "no_stamp = ['FAIL']"])
def test_unknown_codes_and_levels_are_refused(levels: str) -> None:
    with pytest.raises(PolicyUnreadable, match="levels"):
        policy(levels)


def test_nothing_starts_with_files_that_cannot_be_used(tmp_path: Path) -> None:
    broken = tmp_path / "policy.toml"
    broken.write_text("name = 'x'\n[levels]\nhash_mismatch = 'IGNORE'\n")
    with pytest.raises(SettingsError, match=r"ANTIN_VALIDATION_POLICY_FILE.*hash_mismatch"):
        open_policy(str(broken), "")
    with pytest.raises(SettingsError, match="ANTIN_ALGORITHM_SUITE_FILE"):
        open_policy("", str(tmp_path / "missing.toml"))


def test_an_operators_suite_replaces_ours(tmp_path: Path) -> None:
    suite = tmp_path / "suite.toml"
    suite.write_text(open_suite_text().replace("sha256 = {}", "sha256 = { until = 2025-01-01 }"), "utf-8")
    changed = open_policy("", str(suite))
    assert changed.digest != built_in_policy().digest
    assert str(unstamped(changed).sub_indication) == "CRYPTO_CONSTRAINTS_FAILURE"
    assert open_policy("", "") is built_in_policy()
