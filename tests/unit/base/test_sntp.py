"""What a time server says, and what is no answer of one."""

from __future__ import annotations

import struct

import pytest

from base.sntp import ReferenceUnavailable, read_answer

COOKIE = 0x1234_5678_9ABC_DEF0
SENT = 1_764_000_000.0
EPOCH_1900 = 2_208_988_800


def packet(
    *, first: int = 0x24, stratum: int = 2, origin: int = COOKIE, received: float = SENT, transmitted: float = SENT
) -> bytes:
    stamps = [int((at + EPOCH_1900) % 2**32 * 2**32) if at else 0 for at in (received, transmitted)]
    return struct.pack(">BBbb3I4Q", first, stratum, 0, -20, 6554, 3277, 0, 0, origin, *stamps)


def read(answer: bytes) -> tuple[float, float]:
    found = read_answer(answer, COOKIE, sent_at=SENT, arrived_at=SENT + 0.2)
    return found.offset, found.error


def test_offset_and_error() -> None:
    """The server is 1.5 s ahead; the way takes 0.1 s there and 0.1 s back."""
    offset, error = read(packet(received=SENT + 1.6, transmitted=SENT + 1.6))
    assert offset == pytest.approx(1.5, abs=1e-4)
    assert error == pytest.approx(0.1 + 0.05 + 0.05, abs=1e-3)


def test_era_after_2036() -> None:
    late = 2_200_000_000.0
    answer = packet(received=late + 2, transmitted=late + 2)
    assert read_answer(answer, COOKIE, sent_at=late, arrived_at=late).offset == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        packet()[:47],
        packet(first=0x23),  # a client
        packet(first=0xE4),  # leap indicator: not synchronised
        packet(stratum=0),  # kiss of death
        packet(stratum=16),
        packet(origin=COOKIE + 1),  # an answer to somebody else, or made up off the path
        packet(transmitted=0),
        packet(received=0),
    ],
)
def test_no_reference(answer: bytes) -> None:
    with pytest.raises(ReferenceUnavailable):
        read(answer)
