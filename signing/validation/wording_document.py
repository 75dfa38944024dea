"""What is said about a document as a whole, before or besides its signatures; the rest is in wording.py."""

from __future__ import annotations

from signing.validation.wording_base import ASK_EN, ASK_VI, KEEP_EN, KEEP_VI, Wording, say

DOCUMENT_WORDS: dict[str, Wording] = {
    "no_signature": say(
        "Văn bản không có chữ ký số.",
        "The document has no digital signature.",
        "Ảnh chữ ký hoặc con dấu không phải là chữ ký số. Hãy xin bản điện tử đã ký số.",
        "A picture of a signature or seal is not a digital signature. Ask for the digitally signed copy.",
    ),
    "unknown_format": say(
        "Không nhận ra loại tệp này; hiện kiểm tra được tệp PDF, tệp chữ ký CMS (p7m, p7s) và gói ASiC.",
        "This type of file is not known; PDF, CMS signature files (p7m, p7s) and ASiC containers can be verified.",
        "Hãy chọn tệp PDF đã ký số hoặc tệp chữ ký.",
        "Choose the signed PDF file or the signature file.",
    ),
    "document_unreadable": say(
        "Tệp bị hỏng hoặc không đúng chuẩn nên không đọc được.",
        "The file is damaged or does not follow the standard and cannot be read.",
        ASK_VI,
        ASK_EN,
    ),
    "document_encrypted": say(
        "Tệp có mật khẩu nên chưa kiểm tra được.",
        "The file is protected by a password and was not verified.",
        "Hãy nhập mật khẩu mở tệp rồi kiểm tra lại, hoặc xin bản không đặt mật khẩu.",
        "Give the password that opens it and verify again, or ask for a copy without one.",
    ),
    "password_wrong": say(
        "Mật khẩu không mở được tệp nên chưa kiểm tra được.",
        "The password does not open the file, so it was not verified.",
        "Hãy nhập lại mật khẩu, đúng chữ hoa, chữ thường và dấu.",
        "Type the password again; capitals and accents matter.",
    ),
    "encryption_unknown": say(
        "Tệp được mã hóa theo cách không hỗ trợ nên chưa kiểm tra được.",
        "The file is encrypted in a way that is not supported, so it was not verified.",
        "Hãy xin bản không mã hóa.",
        "Ask for a copy that is not encrypted.",
    ),
    "detached_unused": say(
        "Tệp dữ liệu rời không được dùng: chữ ký nằm trong chính văn bản.",
        "The detached data file was not used: the signature is inside the document.",
        "Nếu bạn muốn kiểm tra một chữ ký rời, hãy chọn tệp chữ ký của nó.",
        "If a detached signature is to be verified, choose its signature file.",
    ),
    "beyond_limits": say(
        "Văn bản đòi hỏi quá nhiều thời gian hoặc bộ nhớ để kiểm tra nên việc kiểm tra đã dừng.",
        "The document takes too much time or memory to verify, so the verification was stopped.",
        KEEP_VI,
        KEEP_EN,
    ),
    "internal": say(
        "Không kiểm tra được do lỗi của hệ thống.",
        "The verification could not be completed because of an error on our side.",
        "Hãy thử lại sau; nếu vẫn lỗi, hãy báo cho quản trị viên.",
        "Try again later; if it happens again, tell the administrator.",
    ),
}
