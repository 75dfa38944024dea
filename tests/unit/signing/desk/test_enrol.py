"""The signer's own certificate is checked before anything is signed (Decree 23/2025 Art. 15)."""

from __future__ import annotations

import pytest

from keys.api import Credential, KeyHandle
from signing.errors import SignatureRefused
from signing.flows.enrol import check_usable

NOW = 1_764_000_000


def credential(**changes: object) -> Credential:
    facts: dict[str, object] = {"not_before": NOW - 100, "not_after": NOW + 100, "status": "active"} | changes
    return Credential(KeyHandle("key_x"), "sub", b"", (), **facts)  # type: ignore[arg-type]  # facts are named above


def test_a_valid_certificate_passes() -> None:
    check_usable(credential(), NOW)


@pytest.mark.parametrize(
    "changes", [{"status": "revoked"}, {"status": "suspended"}, {"not_after": NOW}, {"not_before": NOW + 1}]
)
def test_any_other_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SignatureRefused) as caught:
        check_usable(credential(**changes), NOW)
    assert caught.value.code == "certificate_not_valid"
