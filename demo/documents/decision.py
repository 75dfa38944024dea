"""
Sample 1: a decision (Quyết định) with an appendix, two sheets or more.

Source: Decree 30/2020, Appendix III, form 1.2.
"""

from __future__ import annotations

from pathlib import Path

from reportlab.platypus import Flowable, PageBreak, Paragraph, Spacer

from demo.documents import blocks, page
from demo.documents.typefaces import BOLD

_ABOUT = (
    "Về việc phê duyệt Danh mục dịch vụ công trực tuyến sử dụng<br/>"
    "hệ thống định danh và ký số dùng chung của thành phố"
)
_BASES = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Căn cứ Luật Giao dịch điện tử ngày 22 tháng 6 năm 2023;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Căn cứ Nghị định số 23/2025/NĐ-CP ngày 21 tháng 02 năm 2025 của Chính phủ quy định về chữ ký điện tử "
    "và dịch vụ tin cậy;",
    "Theo đề nghị của Trưởng phòng Chuyển đổi số.",
)
_ARTICLES = (
    "<b>Điều 1.</b> Phê duyệt kèm theo Quyết định này Danh mục dịch vụ công trực tuyến sử dụng hệ thống định danh "
    "và ký số dùng chung của thành phố (chi tiết tại Phụ lục).",
    "<b>Điều 2.</b> Giao Trung tâm Chuyển đổi số chủ trì, phối hợp với Bộ phận Một cửa các phường, xã kết nối các dịch "
    "vụ trong Danh mục với hệ thống; bảo đảm người dân chỉ đăng nhập một lần và chỉ cung cấp thông tin một lần.",
    "<b>Điều 3.</b> Quyết định này có hiệu lực kể từ ngày ký.",
    "<b>Điều 4.</b> Chánh Văn phòng Sở, Trưởng phòng Chuyển đổi số, Giám đốc Trung tâm Chuyển đổi số và các cơ quan, "
    "đơn vị có liên quan chịu trách nhiệm thi hành Quyết định này./.",
)
_SERVICES = (
    ("TT", "Tên dịch vụ công", "Cơ quan thực hiện", "Mức độ xác thực", "Kết quả ký số"),
    ("1", "Xác nhận thông tin về cư trú", "Ủy ban nhân dân phường, xã", "Mức 1", "Có"),
    ("2", "Cấp bản sao trích lục hộ tịch", "Ủy ban nhân dân phường, xã", "Mức 1", "Có"),
    ("3", "Cấp giấy xác nhận tình trạng hôn nhân", "Ủy ban nhân dân phường, xã", "Mức 2", "Có"),
    ("4", "Đăng ký thành lập hộ kinh doanh", "Ủy ban nhân dân phường, xã", "Mức 2", "Có"),
    ("5", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "Sở Xây dựng", "Mức 2", "Có"),
    ("6", "Đặt lịch làm việc tại Bộ phận Một cửa", "Bộ phận Một cửa phường, xã", "Mức 1", "Không"),
    ("7", "Cấp phép sử dụng tạm thời lòng đường, hè phố", "Sở Xây dựng", "Mức 2", "Có"),
    ("8", "Đăng ký nhiệm vụ khoa học và công nghệ cấp thành phố", "Sở Khoa học và Công nghệ", "Mức 2", "Có"),
    ("9", "Cấp giấy chứng nhận hoạt động khoa học và công nghệ", "Sở Khoa học và Công nghệ", "Mức 2", "Có"),
    ("10", "Phản ánh, kiến nghị về quy định hành chính", "Văn phòng Ủy ban nhân dân thành phố", "Mức 1", "Không"),
)
RECIPIENTS = (
    "Như Điều 4;",
    "UBND thành phố (để báo cáo);",
    "UBND các phường, xã;",
    "Trung tâm Phục vụ hành chính công;",
    "Cổng thông tin điện tử Sở;",
    "Lưu: VT, CĐS.",
)


def write(target: Path) -> None:
    """Write the decision to `target`."""
    story: list[Flowable] = blocks.heading(
        number="Số: &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;/QĐ-SKHCN",
        place_and_date="Đà Nẵng, ngày &nbsp;&nbsp;&nbsp;&nbsp; tháng &nbsp;&nbsp;&nbsp;&nbsp; năm 2026",
    )
    story += blocks.title("QUYẾT ĐỊNH", _ABOUT)
    story += [Paragraph("GIÁM ĐỐC SỞ KHOA HỌC VÀ CÔNG NGHỆ", page.CENTRE_BOLD), Spacer(1, 8)]
    story += [Paragraph(line, page.BASIS) for line in _BASES]
    story += [Spacer(1, 4), Paragraph("QUYẾT ĐỊNH:", page.CENTRE_BOLD), Spacer(1, 8)]
    story += [Paragraph(line, page.BODY) for line in _ARTICLES]
    story += blocks.closing(RECIPIENTS, authority=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), name="Trần Quang Minh")
    story += [PageBreak(), *_appendix()]
    page.build(target, title="Quyết định phê duyệt Danh mục dịch vụ công trực tuyến (minh hoạ)", story=story)


def _appendix() -> list[Flowable]:
    return [
        Paragraph("Phụ lục", page.style(14, font=BOLD, align=1)),
        Spacer(1, 3),
        Paragraph(
            "DANH MỤC DỊCH VỤ CÔNG TRỰC TUYẾN SỬ DỤNG<br/>HỆ THỐNG ĐỊNH DANH VÀ KÝ SỐ DÙNG CHUNG", page.CENTRE_BOLD
        ),
        Spacer(1, 3),
        Paragraph(
            "(Kèm theo Quyết định số &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;/QĐ-SKHCN ngày &nbsp;&nbsp;&nbsp; tháng "
            "&nbsp;&nbsp;&nbsp; "
            "năm 2026<br/>của Giám đốc Sở Khoa học và Công nghệ)",
            page.CENTRE_ITALIC,
        ),
        blocks.Rule(share=0.3),
        Spacer(1, 12),
        blocks.grid(_SERVICES, (11, 60, 48, 22, 22)),
    ]
