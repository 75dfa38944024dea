"""What every factor must do. A new one in FACTORS is run through the same suite; it only needs a sample here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from idp.accounts.assurance import KINDS
from idp.accounts.factors import FACTORS, Factor, Stored, open_accounts
from idp.accounts.totp import code_at, new_totp_secret
from idp.settings import IdpSettings

NOW = 1_764_000_015
ACCOUNTS = open_accounts(IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1))


@dataclass(frozen=True)
class Sample:
    """Stored material and the answer that is right at NOW."""

    stored: Stored
    right: str


def password_sample() -> Sample:
    return Sample(Stored(ACCOUNTS.passwords.hash("con trâu đi trước")), "con trâu đi trước")


def totp_sample() -> Sample:
    secret = new_totp_secret()
    return Sample(Stored(secret), code_at(secret, NOW))


SAMPLES: dict[str, Callable[[], Sample]] = {"pwd": password_sample, "otp": totp_sample}


@pytest.fixture(params=[factor.method for factor in FACTORS])
def factor(request: pytest.FixtureRequest) -> Factor:
    return ACCOUNTS.factors[request.param]


@pytest.fixture
def sample(factor: Factor) -> Sample:
    return SAMPLES[factor.method]()


def test_methods_and_fields_are_unique() -> None:
    assert len({factor.method for factor in FACTORS}) == len({factor.field for factor in FACTORS}) == len(FACTORS)
    assert all(factor.label.vi and factor.label.en for factor in FACTORS)
    assert {factor.method for factor in FACTORS} == set(KINDS) == set(SAMPLES)


def test_the_right_answer_is_a_proof_of_this_method(factor: Factor, sample: Sample) -> None:
    proof = factor.prove(sample.stored, sample.right, NOW)
    assert proof is not None
    assert proof.method == factor.method


@pytest.mark.parametrize("wrong", ["", " ", "x", "000000", "\x00", "ế" * 5000, "1" * 100_000, "\ud800"])
def test_wrong_answers_prove_nothing(factor: Factor, sample: Sample, wrong: str) -> None:
    if wrong == sample.right:
        return
    assert factor.prove(sample.stored, wrong, NOW) is None


def test_nobody_can_prove_what_is_not_stored(factor: Factor, sample: Sample) -> None:
    assert factor.prove(Stored(None), sample.right, NOW) is None
    assert factor.prove(Stored(None), "", NOW) is None


def test_what_is_spent_does_not_prove_again(factor: Factor, sample: Sample) -> None:
    proof = factor.prove(sample.stored, sample.right, NOW)
    assert proof is not None
    if proof.spend is not None:
        spent = Stored(sample.stored.material, spent=proof.spend)
        assert factor.prove(spent, sample.right, NOW) is None


def test_another_persons_material_does_not_match(factor: Factor, sample: Sample) -> None:
    other = {"pwd": lambda: Stored(ACCOUNTS.passwords.hash("khác hẳn")), "otp": lambda: Stored(new_totp_secret())}
    assert factor.prove(other[factor.method](), sample.right, NOW) is None


def test_outdated_password_parameters_are_replaced_by_todays() -> None:
    old = open_accounts(IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1))
    new = open_accounts(IdpSettings(argon2_memory_kib=2048, argon2_time_cost=1))
    proof = new.factors["pwd"].prove(Stored(old.passwords.hash("con trâu")), "con trâu", NOW)
    assert proof is not None
    assert proof.replacement is not None
    assert "m=2048" in proof.replacement
