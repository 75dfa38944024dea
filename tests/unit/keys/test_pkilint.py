"""
Certificates of every profile through pkilint: not one error.

25 of each here; ANTIN_TEST_ROUNDS=1000 (`make interop`, counterpart pkilint) makes it a thousand.
"""

from __future__ import annotations

import os

import pytest

from keys.algorithms import Algorithm
from keys.ca.order import Profile
from tests.foreign_lints import findings
from tests.many_certificates import Authority, authority, certificates

COUNT = int(os.environ.get("ANTIN_TEST_ROUNDS", "25"))


@pytest.fixture(scope="module")
def above() -> Authority:
    return authority()


@pytest.mark.parametrize("profile", Profile)
def test_not_one_error(profile: Profile, above: Authority) -> None:
    found, read = findings(profile, certificates(profile, COUNT, above))
    assert found == {}
    assert read == COUNT


@pytest.mark.parametrize("key", [Algorithm.ES384, Algorithm.ML_DSA_65], ids=str)
def test_nor_under_other_algorithms(key: Algorithm) -> None:
    """The list of algorithms that pkilint has, that of TS 119 312, is older than ML-DSA: then RFC 5280 only."""
    for profile in Profile:
        etsi = not key.startswith("ML-DSA")
        found, _ = findings(profile, certificates(profile, 3, authority(key), key), with_etsi=etsi)
        assert found == {}


def test_it_would_notice(above: Authority) -> None:
    """A person's certificate is not that of a legal person, and pkilint says so."""
    found, _ = findings(Profile.LEGAL_PERSON, certificates(Profile.PERSON, 1, above))
    assert any("leg-4.2.1-2" in code for code in found)
