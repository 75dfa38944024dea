"""You cannot sign what was not linted: attacks on the type that says so."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import threading

import pytest

from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.linted import LintedCertificate, lint, sign
from keys.errors import KeyRefused
from keys.lifecycle.states import Purpose
from keys.signers import CertificateSigner
from tests.unit.keys.test_ca import ORDER


class TestForgedLinted:
    """CA-04: what was not linted, or not in this form, is not signed, however it is handed over."""

    @pytest.fixture
    def authority(self, held: Keys) -> CertificateSigner:
        return held.custody.open_new(CertificateSigner, held.custody.generate(Algorithm.ES256), Purpose.ROOT)

    def test_other_bytes_after_the_lints(self, authority: CertificateSigner) -> None:
        linted, other = lint(ORDER), lint(dataclasses.replace(ORDER, serial=(1 << 150) + 1))
        object.__setattr__(linted, "_to_be_signed", other._to_be_signed + b"x")
        with pytest.raises(KeyRefused, match="certificate_not_linted"):
            sign(linted, authority)

    def test_another_issuer_after_the_lints(self, authority: CertificateSigner) -> None:
        linted = lint(ORDER)
        linted.order = dataclasses.replace(ORDER, issuer=None)
        with pytest.raises(KeyRefused, match="certificate_not_linted"):
            sign(linted, authority)

    def test_made_without_its_maker(self, authority: CertificateSigner) -> None:
        forged = object.__new__(LintedCertificate)
        for name, value in (("order", ORDER), ("_to_be_signed", b"x"), ("_used", False), ("_lock", threading.Lock())):
            object.__setattr__(forged, name, value)
        object.__setattr__(forged, "_seal", b"s" * 32)
        with pytest.raises(KeyRefused, match="certificate_not_linted"):
            sign(forged, authority)

    def test_something_that_looks_like_one(self, authority: CertificateSigner) -> None:
        class Looks:
            order = ORDER

            def take(self) -> bytes:
                return b"anything"

        with pytest.raises(KeyRefused, match="certificate_not_linted"):
            sign(Looks(), authority)  # type: ignore[arg-type]  # the attack

    def test_no_subclass_and_no_copy(self) -> None:
        with pytest.raises(TypeError):
            type("Child", (LintedCertificate,), {})
        linted = lint(ORDER)
        for take_twice in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                take_twice(linted)
