"""The sheet that goes with a signed document: its digest, who signed, the verification code and its QR code."""

from __future__ import annotations

from base.clock import shown
from base.texts import Lang, Text
from signing.reports.sheet import Part, Sheet

Row = tuple[Text, str]


def code_sheet(rows: list[Row], code: str, address: str, lang: Lang) -> Sheet:
    """rows: of the signature, as code_rows() makes them."""
    return Sheet(
        title=_TITLE.within(lang),
        lang=lang,
        parts=(
            Part(_SIGNED.within(lang), rows=tuple((label.within(lang), value) for label, value in rows)),
            Part(_CODE.within(lang), rows=((_CODE.within(lang), code),), notes=(_HOW.within(lang),)),
        ),
        closing=_CLOSING.within(lang),
        address=address,
    )


def code_rows(
    *, name: str, position: str, organisation: str, stamp_time: int, digest_in: str, digest_out: str
) -> list[Row]:
    """What is told of a signature: who, as what, when, and over which bytes; nothing of what they say."""
    return [
        (Text("Người ký", "Signer"), name),
        (Text("Chức vụ khi ký", "Position when signing"), position),
        (Text("Cơ quan", "Organisation"), organisation),
        (Text("Thời điểm ký (dấu thời gian)", "Signed at (time stamp)"), shown(stamp_time)),
        (Text("SHA-256 trước khi ký", "SHA-256 before signing"), digest_in),
        (Text("SHA-256 bản đã ký", "SHA-256 of the signed copy"), digest_out),
    ]


_TITLE = Text("Phiếu xác thực văn bản ký số", "Verification sheet of a signed document")
_SIGNED = Text("Chữ ký", "Signature")
_CODE = Text("Mã kiểm tra", "Verification code")
_HOW = Text(
    "Quét mã QR hoặc mở địa chỉ bên dưới để xem chữ ký hiện ra sao và đối chiếu tệp bạn có.",
    "Scan the QR code or open the address below to see how the signature stands now and to compare the file you have.",
)
_CLOSING = Text(
    "Phiếu này đi kèm văn bản, không thay cho văn bản. Phiếu được đóng dấu điện tử của hệ thống.",
    "This sheet goes with the document and does not replace it. It carries the electronic seal of the system.",
)
