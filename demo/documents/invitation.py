"""Sample 3: an invitation (Giấy mời), one sheet. Source: Decree 30/2020, Appendix III, form 1.6."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer

from demo.documents import blocks, page

_BODY = (
    "Sở Khoa học và Công nghệ thành phố Đà Nẵng trân trọng kính mời: Lãnh đạo Ủy ban nhân dân phường Hải Châu; "
    "đại diện "
    "Bộ phận Một cửa phường Hải Châu.",
    "Tới dự: Hội nghị hướng dẫn sử dụng hệ thống định danh và ký số dùng chung.",
    "Chủ trì: Ông Trần Quang Minh, Phó Giám đốc Sở Khoa học và Công nghệ.",
    "Thời gian: 08 giờ 00 phút, thứ Năm, ngày 10 tháng 12 năm 2026.",
    "Địa điểm: Phòng họp số 2, Trung tâm Hành chính thành phố Đà Nẵng.",
    "Đề nghị các đại biểu mang theo thiết bị đã cài đặt ứng dụng tạo mã xác thực để thực hành ký số. Rất mong "
    "các đại biểu "
    "tham dự đầy đủ, đúng thành phần để Hội nghị đạt kết quả./.",
)
_RECIPIENTS = ("Như thành phần mời;", "Giám đốc Sở (để báo cáo);", "Lưu: VT, VP.")


def write(target: Path) -> None:
    """Write the invitation to `target`."""
    story: list[Flowable] = blocks.heading(
        number="Số: &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;/GM-SKHCN",
        place_and_date="Đà Nẵng, ngày &nbsp;&nbsp;&nbsp;&nbsp; tháng &nbsp;&nbsp;&nbsp;&nbsp; năm 2026",
    )
    story += [Spacer(1, 4 * mm)]
    story += blocks.title("GIẤY MỜI", "Hội nghị hướng dẫn sử dụng hệ thống định danh và ký số dùng chung")
    story += [Paragraph(line, page.BODY) for line in _BODY]
    story += blocks.closing(_RECIPIENTS, authority=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), name="Trần Quang Minh")
    page.build(target, title="Giấy mời dự hội nghị (minh hoạ)", story=story)
