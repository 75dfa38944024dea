"""What is said of containers and the files in them (wording.py)."""

from __future__ import annotations

from signing.validation.wording_base import ASK_EN, ASK_VI, Wording, say

CONTAINER_WORDS: dict[str, Wording] = {
    "files_uncovered": say(
        "Trong gói có tệp không được chữ ký nào bảo vệ: {detail}.",
        "The container holds files that no signature covers: {detail}.",
        "Không dựa vào các tệp đó. Hãy xin lại gói gốc từ cơ quan ban hành.",
        "Do not rely on those files. Ask the issuing agency for the original container.",
    ),
    "files_of_others": say(
        "Chữ ký này không bao gồm các tệp sau, do chữ ký khác trong gói bảo vệ: {detail}.",
        "This signature does not cover these files, which another one in the container does: {detail}.",
        "Với các tệp đó, hãy xem chữ ký bảo vệ chúng.",
        "For those files, look at the signature that covers them.",
    ),
    "file_missing": say(
        "Thiếu tệp đã được ký: {detail}.",
        "Signed files are missing: {detail}.",
        "Hãy xin lại gói đầy đủ từ cơ quan ban hành.",
        "Ask the issuing agency for the complete container.",
    ),
    "file_changed": say(
        "Tệp trong gói không còn như khi ký: {detail}.",
        "Files in the container are not as they were signed: {detail}.",
        ASK_VI,
        ASK_EN,
    ),
    "record_unused": say(
        "Hồ sơ chứng cứ kèm theo không được tính: nó bị hỏng hoặc không nói về tệp này.",
        "The evidence record that came along was not counted: it is damaged, or about another file.",
        "Hãy kiểm tra lại với đúng hồ sơ chứng cứ của tệp này.",
        "Verify again with the evidence record of this very file.",
    ),
    "container_unsafe": say(
        "Tệp đóng gói (ZIP) bị hỏng, hoặc mỗi phần mềm có thể đọc ra các tệp khác nhau.",
        "The container (ZIP) is damaged, or programs could find different files in it.",
        ASK_VI,
        ASK_EN,
    ),
}
