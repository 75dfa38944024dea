"""What the words of a finding are made of, and the advice that many of them share."""

from __future__ import annotations

from dataclasses import dataclass

from base.texts import Text


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence on what was found, one on what to do."""

    found: Text
    advice: Text


def say(vi: str, en: str, do_vi: str, do_en: str) -> Wording:
    return Wording(Text(vi, en), Text(do_vi, do_en))


ASK_VI = "Không sử dụng văn bản này. Hãy xin lại bản gốc từ cơ quan ban hành."
ASK_EN = "Do not rely on this document. Ask the issuing agency for the original."
KEEP_VI = "Hãy liên hệ cơ quan ban hành để xác nhận."
KEEP_EN = "Contact the issuing agency for confirmation."
ROOT_VI = "Nếu tin cậy nơi cấp, hãy kiểm tra lại kèm chứng thư gốc của nơi đó."
ROOT_EN = "If you trust the issuer, verify again with its root certificate."
LATER_VI = "Hãy thử lại khi có mạng, hoặc sau ít phút."
LATER_EN = "Try again when you are online, or in a few minutes."
