"""Sample 2: an official letter (Công văn), one sheet. Source: Decree 30/2020, Appendix III, form 1.5."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer

from demo.documents import blocks, page

_BODY = (
    "Thực hiện kế hoạch chuyển đổi số của thành phố năm 2026, Sở Khoa học và Công nghệ đã hoàn thành việc thử "
    "nghiệm hệ "
    "thống định danh và ký số dùng chung. Để việc triển khai được thuận lợi, Sở đề nghị Ủy ban nhân dân các phường, xã "
    "phối hợp thực hiện một số nội dung sau:",
    "1. Cử 01 lãnh đạo và 02 công chức Bộ phận Một cửa làm đầu mối; gửi danh sách về Sở trước ngày 05 tháng 12 "
    "năm 2026.",
    "2. Rà soát các biểu mẫu đang yêu cầu người dân khai lại thông tin đã có trên hệ thống; đề xuất cắt giảm.",
    "3. Hướng dẫn người dân kiểm tra văn bản đã ký số tại trang kiểm tra văn bản công khai, không yêu cầu nộp bản giấy "
    "đối với văn bản điện tử có giá trị như bản gốc.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị các đơn vị phản ánh về Sở Khoa học và Công nghệ "
    "(qua Phòng Chuyển đổi số) để được hướng dẫn, giải quyết kịp thời.",
    "Sở Khoa học và Công nghệ đề nghị các đơn vị quan tâm, phối hợp thực hiện./.",
)
_RECIPIENTS = ("Như trên;", "Giám đốc Sở (để báo cáo);", "Văn phòng UBND thành phố;", "Lưu: VT, CĐS.")


def write(target: Path) -> None:
    """Write the letter to `target`."""
    story: list[Flowable] = blocks.heading(
        number="Số: &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;/SKHCN-CĐS",
        subject="V/v phối hợp triển khai hệ thống<br/>định danh và ký số dùng chung",
        place_and_date="Đà Nẵng, ngày &nbsp;&nbsp;&nbsp;&nbsp; tháng &nbsp;&nbsp;&nbsp;&nbsp; năm 2026",
    )
    story += [
        Spacer(1, 4 * mm),
        Paragraph("Kính gửi: Ủy ban nhân dân các phường, xã trên địa bàn thành phố", page.CENTRE),
        Spacer(1, 4 * mm),
    ]
    story += [Paragraph(line, page.BODY) for line in _BODY]
    story += blocks.closing(_RECIPIENTS, authority=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), name="Trần Quang Minh")
    page.build(
        target, title="Công văn phối hợp triển khai hệ thống định danh và ký số dùng chung (minh hoạ)", story=story
    )
