"""Why a PDF cannot be taken for signing, in words for the person who brought it, and the trap for library errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyhanko.pdf_utils.misc import PdfDecodeLimitError

from signing.errors import DocumentRefused, SignatureRefused, SigningError

_WORDS = {
    "not_a_pdf": (
        "Tệp này không phải là PDF. Hãy lưu văn bản thành PDF rồi tải lên lại.",
        "This file is not a PDF. Please save the document as PDF and upload it again.",
    ),
    "pdf_too_large": (
        "Tệp quá lớn. Hãy giảm dung lượng, ví dụ giảm độ phân giải ảnh quét.",
        "The file is too large. Please make it smaller, for example with a lower scan resolution.",
    ),
    "pdf_encrypted": (
        "Tệp PDF có mật khẩu. Hãy nhập mật khẩu mở tệp, hoặc gỡ bảo vệ rồi tải lên lại.",
        "The PDF is protected by a password. Please type the password that opens it, or remove the protection.",
    ),
    "pdf_password_wrong": (
        "Mật khẩu không mở được tệp PDF. Hãy nhập lại, đúng chữ hoa, chữ thường và dấu.",
        "The password does not open the PDF. Please type it again; capitals and accents matter.",
    ),
    "pdf_encryption_unknown": (
        "Tệp PDF được mã hóa theo cách không hỗ trợ. Hãy gỡ bảo vệ rồi tải lên lại.",
        "The PDF is encrypted in a way that is not supported. Please remove the protection and upload it again.",
    ),
    "pdf_encryption_odd": (
        "Mã hóa của tệp PDF không đúng chuẩn: các phần mềm có thể mở ra nội dung khác nhau. Hãy xuất lại từ phần mềm "
        "gốc.",
        "The encryption of the PDF does not follow the standard: programs may open it to different contents. Please "
        "export it again from the original program.",
    ),
    "pdf_no_permission": (
        "Người lập tệp PDF không cho phép thêm chữ ký. Hãy nhập mật khẩu của chủ tệp, hoặc xin bản cho phép ký.",
        "Whoever made the PDF does not permit signatures. Please type the owner's password, or ask for a copy that may "
        "be signed.",
    ),
    "pdf_broken": (
        "Tệp PDF bị hỏng hoặc không đúng chuẩn. Hãy xuất lại từ phần mềm gốc.",
        "The PDF is damaged or does not follow the standard. Please export it again from the original program.",
    ),
    "pdf_ambiguous": (
        "Các phần mềm có thể hiển thị tệp PDF này khác nhau, nên không thể ký. Hãy xuất lại từ phần mềm gốc.",
        "Programs may show this PDF differently, so it cannot be signed. Please export it again from the original "
        "program.",
    ),
    "pdf_active_content": (
        "Tệp PDF chứa mã lệnh hoặc thao tác tự động nên không thể ký. Hãy in ra PDF mới rồi tải lên.",
        "The PDF contains scripts or automatic actions and cannot be signed. Please print it to a new PDF.",
    ),
    "pdf_xfa": (
        "Tệp PDF dùng biểu mẫu động XFA nên không thể ký. Hãy in ra PDF mới rồi tải lên.",
        "The PDF uses a dynamic XFA form and cannot be signed. Please print it to a new PDF.",
    ),
    "pdf_hidden_layers": (
        "Tệp PDF có lớp nội dung bị ẩn nên không thể ký. Hãy in ra PDF mới rồi tải lên.",
        "The PDF has hidden layers and cannot be signed. Please print it to a new PDF.",
    ),
    "pdf_too_many_pages": (
        "Tệp PDF có quá nhiều trang. Hãy chia thành nhiều tệp.",
        "The PDF has too many pages. Please split it into several files.",
    ),
    "pdf_no_room_for_mark": (
        "Trang cuối bị xoay hoặc quá hẹp nên không in được mã kiểm tra. Bạn vẫn ký được và có phiếu kèm mã sau khi ký.",
        "The last page is turned or too narrow for a verification code. You can sign all the same; a sheet with a code "
        "comes with it.",
    ),
    "pdf_no_pages": ("Tệp PDF không có trang nào.", "The PDF has no pages."),
    "pdf_changes_refused": (
        "Chữ ký trước trong tệp PDF không cho phép thêm chữ ký. Hãy ký vào bản trước khi khóa.",
        "An earlier signature in this PDF allows no further signature. Please sign the copy from before it was locked.",
    ),
}


def refuse(code: str, hint: str = "") -> DocumentRefused:
    """The refusal of that code; 413 for size, 422 otherwise, so that clients can tell them apart."""
    vi, en = _WORDS[code]
    return DocumentRefused(code, vi=vi, en=en, hint=hint, status=413 if code == "pdf_too_large" else 422)


@contextmanager
def trapping_library_errors() -> Iterator[None]:
    """
    Turn whatever the PDF library raises on odd or hostile files into a refusal.

    The library raises AssertionError, KeyError, TypeError, RecursionError and others besides its own classes.
    """
    try:
        yield
    except SigningError:
        raise
    except PdfDecodeLimitError as error:
        raise refuse("pdf_broken", "a stream expands beyond the limits") from error
    except (Exception, RecursionError, MemoryError) as error:
        raise refuse("pdf_broken", f"{type(error).__name__}: {str(error)[:200]}") from error


def not_the_first() -> SignatureRefused:
    """The refusal of a certification of what is signed already."""
    return SignatureRefused(
        "certify_not_first",
        vi="Văn bản đã có chữ ký nên không chứng nhận được nữa; hãy ký thường, hoặc chứng nhận bản chưa ký.",
        en="The document is signed already, so it can no longer be certified; sign it, or certify the unsigned copy.",
        status=422,
    )


def no_such_field(name: str) -> SignatureRefused:
    """The refusal for a field that is not there, or is signed already."""
    return SignatureRefused(
        "no_such_field",
        vi="Văn bản không có ô chữ ký trống mang tên này.",
        en="The document has no empty signature field of that name.",
        hint=name,
        status=422,
    )
