"""When token keys move on. Pure; times are epoch seconds."""

from __future__ import annotations

from base.errors import StartError
from keys.errors import KeyRefused


def check_overlap(*, published_at: int, now: int, overlap_seconds: int) -> None:
    """
    The next key must have been published long enough before it signs, so that cached key sets hold it.

    Raises: KeyRefused("too_early"): hint tells how many seconds are missing.
    """
    missing = published_at + overlap_seconds - now
    if missing > 0:
        raise KeyRefused(
            "too_early",
            vi="Khóa kế tiếp vừa được công bố, chưa thể dùng ngay.",
            en="The next key was published too recently to be used already.",
            hint=f"wait {missing} seconds, or force it when the active key is lost",
            status=409,
        )


def rotation_due(*, activated_at: int, now: int, rotation_seconds: int) -> bool:
    """Whether the active key has served its time."""
    return now >= activated_at + rotation_seconds


def removal_due(*, retired_at: int, now: int, published_seconds: int) -> bool:
    """Whether nothing that a retired key signed can still be in use."""
    return now >= retired_at + published_seconds


def check_publication(*, longest_token_seconds: int, published_seconds: int) -> None:
    """Raises: StartError: a token may live longer than the key that signed it stays published."""
    if longest_token_seconds > published_seconds:
        raise StartError(
            f"Tokens may live {longest_token_seconds} seconds, but the keys that signed them are published only "
            f"{published_seconds} seconds after they retire. Raise ANTIN_RETIRED_KEY_PUBLISHED_SECONDS to at least "
            f"{longest_token_seconds}, or let tokens live shorter.",
            vi=f"Mã truy cập có thể sống {longest_token_seconds} giây, nhưng khóa đã ký chỉ được công bố thêm "
            f"{published_seconds} giây. Hãy tăng ANTIN_RETIRED_KEY_PUBLISHED_SECONDS lên ít nhất "
            f"{longest_token_seconds}, hoặc rút ngắn thời hạn mã.",
        )


def list_late(*, this_update: int, next_update: int, now: int) -> bool:
    """Whether a list, renewed at half of its time, is in its last quarter: whoever renews it stands still."""
    return now >= next_update - (next_update - this_update) // 4


def renewal_due(*, not_before: int, not_after: int, now: int) -> bool:
    """Whether a certificate or revocation list is past the middle of its time."""
    return now >= not_before + (not_after - not_before) // 2
