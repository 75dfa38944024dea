"""
`/v`: whoever has a verification code, from paper or from a QR code, learns what was signed, by digest, and may compare
a file with it. Nothing is kept, no cookie is set, and search engines are told to stay away.
"""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from base.texts import Text
from base.web.csrf import csrf_exempt
from base.web.texts import t
from signing.flows import codes
from signing.flows.codes import Found
from signing.reports.code_sheet import code_rows
from signing.services import SigningServices
from signing.web.forms import parse_form

MOST_PARTS = 4
STATUS = {
    "active": Text("Chứng thư số của người ký hiện còn hiệu lực", "The signer's certificate is valid now"),
    "suspended": Text("Chứng thư số của người ký đang tạm dừng", "The signer's certificate is suspended now"),
    "revoked": Text(
        "Chứng thư số của người ký đã bị thu hồi. Hãy kiểm tra tệp để biết chữ ký có trước lúc thu hồi hay không",
        "The signer's certificate was revoked. Verify the file to learn whether the signature was made before",
    ),
    "expired": Text("Chứng thư số của người ký đã hết hạn sau khi ký", "The signer's certificate has expired since"),
    "unknown": Text(
        "Không rõ tình trạng chứng thư số của người ký", "How the signer's certificate stands is not known"
    ),
}
COMPARED = {
    "same": Text("Tệp bạn chọn đúng là bản đã ký.", "The file you chose is the signed document."),
    "before": Text(
        "Tệp bạn chọn là văn bản này trước khi ký; trong tệp chưa có chữ ký.",
        "The file you chose is this document before it was signed; there is no signature in it.",
    ),
    "later": Text(
        "Tệp bạn chọn bắt đầu bằng đúng bản đã ký và có phần thêm vào sau. Hãy kiểm tra tệp để biết phần thêm là gì.",
        "The file you chose begins with the signed document and something was added later. Verify it to learn what.",
    ),
    "other": Text(
        "Tệp bạn chọn không phải là văn bản mang mã này, hoặc đã bị sửa. Hãy xin lại bản đã ký từ cơ quan ban hành.",
        "The file you chose is not the document with this code, or it was changed. Ask the issuing body for the signed "
        "copy.",
    ),
}
NOTICES = {"same": "success", "before": "warning", "later": "warning", "other": "error"}


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add the pages."""

    def ask() -> Any:
        """Where a code can be typed."""
        typed = flask.request.args.get("code", "")
        code = codes.typed_code(typed)
        if code:
            return flask.redirect(f"/v/{code}", 303)
        error = t("Mã gồm 26 chữ và số; hãy chép lại cho đủ.", "A code has 26 letters and digits; copy all.")
        return _form(typed[:60], error if typed else "", 400 if typed else 200)

    def show(code: str) -> Any:
        """What a code leads to."""
        return _page(services, code)

    @csrf_exempt
    def compare(code: str) -> Any:
        """Whether a file is what a code leads to; only its digest is looked at."""
        try:
            _fields, files = parse_form(services.settings.document_max_bytes, MOST_PARTS)
        except RequestEntityTooLarge:
            return _page(services, code, error=t("Tệp quá lớn.", "The file is too large."), status=413)
        sent = files.get("file")
        if sent is None or not sent.filename:
            return _page(services, code, error=t("Hãy chọn tệp cần đối chiếu.", "Choose the file."), status=400)
        return _page(services, code, content=sent.stream.read())

    app.add_url_rule("/v", "signing.codes", ask, methods=["GET"])
    app.add_url_rule("/v/<code>", "signing.code", show, methods=["GET"])
    app.add_url_rule("/v/<code>", "signing.code_compare", compare, methods=["POST"])


def _form(typed: str, error: str, status: int) -> Any:
    html = flask.render_template("signing/code_form.html", typed=typed, error=error)
    return html, status, {"X-Robots-Tag": "noindex"}


def _page(
    services: SigningServices, typed: str, *, content: bytes | None = None, error: str = "", status: int = 200
) -> Any:
    code = codes.typed_code(typed)
    found = codes.look_up(services, code) if code else None
    if found is None:
        said = t(
            "Không có văn bản nào mang mã này. Hãy so lại từng chữ với mã trên giấy.",
            "No document has this code. Compare each letter with the code on paper.",
        )
        return _form(typed[:60], said, 404)
    result = codes.compared(found, content) if content is not None else ""
    html = flask.render_template(
        "signing/code.html",
        found=found,
        grouped=codes.grouped(code),
        signatures=_told(found),
        result=COMPARED[result].here() if result else "",
        kind=NOTICES.get(result, ""),
        error=error,
    )
    return html, status, {"X-Robots-Tag": "noindex"}


def _told(found: Found) -> list[list[tuple[str, str]]]:
    """Of each signature the rows to show; digests last."""
    told = []
    for one in found.signatures:
        row = one.evidence
        rows = code_rows(
            name=row.full_name,
            position=row.position_title,
            organisation=row.organisation_name,
            stamp_time=row.stamp_time,
            digest_in=row.digest_in,
            digest_out=row.digest_out,
        )
        shown = [(label.here(), value) for label, value in rows]
        told.append([*shown[:4], (t("Tình trạng hiện nay", "Now"), STATUS[one.status].here()), *shown[4:]])
    return told
