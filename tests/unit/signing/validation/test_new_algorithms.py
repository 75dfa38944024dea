"""Authorities with keys of algorithms that the Circular's list is too old for."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from keys.algorithms import Algorithm
from signing.validation.algorithms import FOREVER, built_in_suite
from signing.validation.certificates import facts_of, is_issued_by
from tests.many_certificates import authority


@pytest.mark.parametrize("algorithm", [Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87], ids=str)
def test_a_path_under_ml_dsa_is_strong(algorithm: Algorithm) -> None:
    above = authority(algorithm)
    root, issuing = (one.certificate.public_bytes(Encoding.DER) for one in (above.root, above.issuing))
    facts = facts_of(root)
    assert facts.key == str(algorithm)
    assert built_in_suite().key_until(facts.key_kind, facts.key_bits) == FOREVER
    assert is_issued_by(issuing, root)
    assert not is_issued_by(root, issuing)
