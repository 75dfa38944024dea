"""A stranger's document is read in a process under limits: the report is the same, and going over one is a finding."""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from base.run.confined import Confinement, Limits
from signing.flows import verify, verify_wire
from signing.flows.own_trust import TrustSource
from signing.flows.verify import LIMITS, verify_document
from signing.formats.base import Level, Packaging
from signing.reports import REPORTS
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.policy_file import read_policy
from signing.validation.report import Report
from tests import signing_cms as cms
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

MEBIBYTE = 1024 * 1024


@cache
def documents() -> dict[str, tuple[bytes, Beside]]:
    city = shared_city()
    once = pdfs.sign(pdfs.plain(), city, reason="Ký <ban hành>")
    detached = cms.sign(packaging=Packaging.DETACHED)
    return {
        "pades": (once, Beside()),
        "twice": (pdfs.sign(once, city), Beside()),
        "altered": (once.replace(b"1000", b"9000"), Beside()),
        "cut": (once[:-3000], Beside()),
        "unsigned": (pdfs.plain(), Beside()),
        "nothing": (b"hello", Beside()),
        "empty": (b"", Beside()),
        "cades": (cms.sign(), Beside()),
        "detached": (detached, Beside(content=cms.CONTENT)),
        "other": (detached, Beside(content=b"x" * MEBIBYTE)),
        "archived": (cms.extend(cms.sign(), Level.B_LTA), Beside()),
    }


def judged(document: bytes, beside: Beside = ALONE, **options: Any) -> Report:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls), {city.root.der: "own"})
    return verify_document(document, moment=NOW + 120, own=own, beside=beside, **options)


@pytest.mark.parametrize(
    "name",
    "pades twice altered cut unsigned nothing empty cades detached other archived".split(),
)
def test_the_report_is_the_same_under_limits(name: str) -> None:
    document, beside = documents()[name]
    policy = read_policy(b"name = 'x'\n[levels]\nno_stamp = 'FAIL'", judged(b"").policy.suite)
    here, there = (judged(document, beside, policy=policy, limits=limits) for limits in (None, LIMITS))
    for form in REPORTS:
        assert form.render(there, "vi", name) == form.render(here, "vi", name)
    assert there.policy == policy


def test_memory_is_bounded() -> None:
    large = cms.sign(bytes(40 * MEBIBYTE))
    report = judged(large, limits=replace(LIMITS, memory_bytes=0))
    assert (str(report.indication), str(report.sub_indication)) == ("INDETERMINATE", "GENERIC")
    assert [found.code for found in report.findings] == ["beyond_limits"]
    assert report.document_digest == hashlib.sha256(large).hexdigest()
    assert judged(large, limits=LIMITS).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("deed", [b"burn", b"fall", b"swallow", b"wait"])
def test_whatever_a_document_does_people_get_a_verdict(deed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document is carried out: its parser burns the processor, falls, swallows memory, or waits for nothing."""
    monkeypatch.setattr(verify, "_INSIDE", Confinement("tests.confined_tasks:act"))
    monkeypatch.setattr(verify_wire, "order_of", lambda inquiry: (inquiry.document,))
    wall = 0.5 if deed == b"wait" else 120
    report = judged(deed, limits=Limits(cpu_seconds=1, memory_bytes=200 * MEBIBYTE, wall_seconds=wall))
    assert report.indication is Indication.INDETERMINATE
    assert [found.code for found in report.findings] == ["beyond_limits"]


def test_an_error_inside_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_INSIDE", Confinement("tests.confined_tasks:act"))
    monkeypatch.setattr(verify_wire, "order_of", lambda inquiry: (inquiry.document,))
    report = judged(b"raise", limits=LIMITS)
    assert report.indication is Indication.INDETERMINATE
    assert [found.code for found in report.findings] == ["internal"]


class Evil:
    def __reduce__(self) -> Any:
        return (print, ("owned",))


@pytest.mark.parametrize(
    "thing",
    [
        Evil(),
        io.BytesIO,
        pickle.loads,
        verify_document,
        read_policy,
        Confinement,
        {"not": "a report"},
        None,
    ],
    ids=["call", "class", "function", "ours", "reader", "confinement", "dict", "none"],
)
def test_what_comes_back_is_a_report_or_nothing(thing: object) -> None:
    """Also not a function or a class that one of our modules has imported."""
    with pytest.raises(pickle.UnpicklingError):
        verify_wire.report_from(pickle.dumps(thing))


@pytest.mark.parametrize("name", [b"algorithms\nPath", b"crypto\nhashlib", b"policy_file\nread_policy"])
def test_nor_what_our_modules_have_imported(name: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError):
        verify_wire.report_from(b"csigning.validation." + name + b"\n.")
