"""What every format refuses in the same words."""

from __future__ import annotations

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.base import Level, Timestamper


def stamped(timestamper: Timestamper | None, imprint: bytes) -> bytes:
    """
    A time stamp over a SHA-256 imprint.

    Raises: SignatureRefused("no_time_stamp"): there is nobody to ask, or what came is no token. What the timestamper
            raises passes through: without its stamp nothing is labelled B-T (one product was seen to do so).
    """
    token = timestamper(imprint) if timestamper is not None else b""
    if not token.startswith(b"\x30"):
        raise SignatureRefused(
            "no_time_stamp",
            vi="Không ký được vì chưa lấy được dấu thời gian. Văn bản chưa bị thay đổi, vui lòng thử lại.",
            en="Not signed, because no time stamp could be obtained. The document is unchanged; please try again.",
            status=503,
        )
    return token


def other_kind(name: str) -> DocumentRefused:
    """The file is of a kind that is not read here, by the name that people know; it may be in order."""
    return DocumentRefused(
        "other_kind",
        vi=f"Hệ thống không đọc loại tệp này ({name}).",
        en=f"Files of this kind are not read here ({name}).",
        hint=name,
    )


def cannot_extend(name: str, level: Level) -> SignatureRefused:
    """The format does not reach that level by extension."""
    return SignatureRefused(
        "level_unsupported",
        vi=f"Chữ ký {name} chưa nâng được lên mức {level}.",
        en=f"A {name} signature cannot be brought to level {level}.",
        status=422,
    )


def cannot_sign(name: str, level: Level) -> SignatureRefused:
    """The packaging does not reach that level."""
    return SignatureRefused(
        "level_unsupported",
        vi=f"Chữ ký {name} không có mức {level}.",
        en=f"A {name} signature has no level {level}.",
        status=422,
    )
