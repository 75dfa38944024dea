"""acr, amr and auth_time tell the truth about a ledger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts.assurance import ACR_ONE_FACTOR, ACR_TWO_FACTORS, ACR_VALUES, KINDS, acr_of, amr_of, auth_time_of
from idp.accounts.factors import FACTORS
from idp.protocol import acr as protocol_acr

ledgers = st.dictionaries(st.sampled_from(sorted(KINDS)), st.integers(1, 2**33), min_size=1)


def test_one_factor_and_two() -> None:
    assert acr_of({"pwd": 1}) == ACR_ONE_FACTOR
    assert acr_of({"otp": 1}) == ACR_ONE_FACTOR
    assert acr_of({"pwd": 1, "otp": 2}) == ACR_TWO_FACTORS
    assert amr_of({"pwd": 1}) == ["pwd"]
    assert amr_of({"pwd": 1, "otp": 2}) == ["otp", "pwd", "mfa"]


def test_auth_time_is_the_password_not_the_later_code() -> None:
    assert auth_time_of({"pwd": 100, "otp": 900}) == 100
    assert auth_time_of({"otp": 900}) == 900


@pytest.mark.parametrize("ledger", [{}, {"swk": 1}, {"pwd": 1, "magic": 2}])
def test_nothing_or_the_unknown_is_refused(ledger: dict[str, int]) -> None:
    for rule in (acr_of, amr_of, auth_time_of):
        with pytest.raises(ValueError, match=r"proven|unknown"):
            rule(ledger)


@given(ledgers)
def test_the_level_counts_kinds(ledger: dict[str, int]) -> None:
    kinds = {KINDS[method] for method in ledger}
    assert acr_of(ledger) == ACR_VALUES[len(kinds) - 1]
    assert ("mfa" in amr_of(ledger)) == (len(kinds) > 1)


def test_every_factor_has_a_kind_and_both_lists_of_levels_agree() -> None:
    assert {factor.method for factor in FACTORS} == set(KINDS)
    assert protocol_acr.ACR_VALUES == ACR_VALUES
