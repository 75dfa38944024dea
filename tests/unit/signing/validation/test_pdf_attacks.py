"""Every forged document is told from a good one; none passes, none makes the verifier fall over."""

from __future__ import annotations

import random
from functools import cache

import pytest

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city
from tests.vectors.pdf_attacks import ATTACKS
from tests.vectors.pdf_attacks.appended import isa_harmless_object


@cache
def source() -> TrustSource:
    city = shared_city()
    return TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))


@cache
def signed() -> bytes:
    return pdfs.sign(pdfs.plain(), shared_city())


@cache
def signed_twice() -> bytes:
    return pdfs.sign(signed(), shared_city(), shared_city().person())


def verified(document: bytes) -> Report:
    report = verify_document(document, moment=NOW + 60, own=source())
    assert not any(found.code == "internal" for found in report.findings), report.findings
    return report


@pytest.mark.parametrize("document", [signed, signed_twice], ids=["one signature", "two signatures"])
def test_the_good_document_passes(document: object) -> None:
    assert verified(document()).indication is Indication.TOTAL_PASSED  # type: ignore[operator]  # a cached function


def test_a_harmless_clean_update_passes() -> None:
    """The counter-proof: the appended-revision rule refuses the attacks, not every update."""
    report = verified(isa_harmless_object(signed()))
    assert report.indication is Indication.TOTAL_PASSED
    assert report.signatures[0].changes == "validation-data"


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_fails(name: str) -> None:
    forged = ATTACKS[name](signed())
    assert forged != signed()
    assert verified(forged).indication is not Indication.TOTAL_PASSED


@pytest.mark.parametrize("name", [name for name in ATTACKS if not name.startswith(("cms_", "stamp_"))])
def test_forged_containers_fail_for_certain(name: str) -> None:
    assert verified(ATTACKS[name](signed())).indication is Indication.TOTAL_FAILED


def damaged(document: bytes, chance: random.Random) -> bytes:
    """One random byte changed, or in one case of ten the file cut off."""
    at = chance.randrange(len(document))
    if chance.random() < 0.1:
        return document[:at]
    out = bytearray(document)
    out[at] ^= 1 << chance.randrange(8) if chance.random() < 0.5 else chance.randrange(1, 256)
    return bytes(out)


def test_damage_is_always_noticed() -> None:
    check_damage(0, 100)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_damage_is_always_noticed_at_length(seed: int) -> None:
    check_damage(seed, 500)


def check_damage(seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    for turn in range(rounds):
        document = damaged(signed_twice() if turn % 2 else signed(), chance)
        assert verified(document).indication is not Indication.TOTAL_PASSED, f"seed {seed}, turn {turn}"
