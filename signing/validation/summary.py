"""The verdict in words for a citizen, and the whole report as text to keep or print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from base.clock import shown
from base.texts import Lang, Text
from signing.validation.domains import name_of
from signing.validation.indications import Indication
from signing.validation.located import Changes, Coverage
from signing.validation.report import Report, SignatureReport

Row = tuple[Text, Text]

TITLES = {
    Indication.TOTAL_PASSED: Text("Chữ ký hợp lệ", "The signature is valid"),
    Indication.INDETERMINATE: Text("Chưa đủ cơ sở kết luận", "It cannot be confirmed"),
    Indication.TOTAL_FAILED: Text("Chữ ký không hợp lệ", "The signature is not valid"),
}
BLOCKS = {
    "format-checking": Text("Định dạng", "Format"),
    "identification-of-the-signing-certificate": Text("Chứng thư số của người ký", "The signer's certificate"),
    "validation-context-initialization": Text("Căn cứ tin cậy", "What is trusted"),
    "x509-certificate-validation": Text("Chuỗi chứng thư số", "Certificates"),
    "cryptographic-verification": Text("Phép kiểm mật mã", "Cryptography"),
    "signature-acceptance-validation": Text("Điều kiện chấp nhận", "Acceptance"),
    "signature-time-stamp-validation": Text("Dấu thời gian", "Time stamp"),
    "archive-time-stamp-validation": Text("Dấu thời gian lưu trữ", "Archive time stamp"),
    "time-stamp-validation": Text("Dấu thời gian", "Time stamp"),
}
RESULTS = {
    "passed": Text("Đạt", "Passed"),
    "fail": Text("Không đạt", "Failed"),
    "warn": Text("Cảnh báo", "Warning"),
    "inform": Text("Lưu ý", "Note"),
    "ignore": Text("Bỏ qua theo chính sách", "Ignored by policy"),
}
_UNSIGNED = Text("Văn bản không có chữ ký số", "The document is not digitally signed")
_INTEGRITY = {
    "intact": Text("Nội dung được ký còn nguyên vẹn", "The signed content is intact"),
    "altered": Text("Nội dung không còn như khi ký", "The content is not as it was signed"),
    "unknown": Text("Không xác định được", "Could not be determined"),
}
_TRUST = {
    "trusted": Text("Chứng thư số do nơi cấp được tin cậy cấp", "The certificate comes from a trusted issuer"),
    "untrusted": Text("Chưa tin cậy được nơi cấp chứng thư số", "The issuer of the certificate is not trusted"),
}
_COVERAGE = {
    Coverage.WHOLE_FILE: Text("Toàn bộ tệp", "The whole file"),
    Coverage.WHOLE_REVISION: Text("Toàn bộ văn bản tại thời điểm ký", "The whole document as it was when signed"),
    Coverage.ENCLOSED: Text("Nội dung nằm trong tệp chữ ký", "The content inside the signature file"),
    Coverage.DETACHED: Text("Tệp nội dung kèm theo", "The file that was brought along"),
    Coverage.DIGEST: Text("Nội dung có mã băm đã nhập", "The content with the digest that was given"),
    Coverage.SIGNATURE: Text("Một chữ ký khác (ký đối chiếu)", "Another signature (counter-signature)"),
    Coverage.CONTAINER: Text("Các tệp trong gói: {}", "Files in the container: {}"),
    Coverage.PARTIAL: Text("Chỉ một phần của tệp", "Only a part of the file"),
    Coverage.UNKNOWN: Text("Không xác định được", "Could not be determined"),
}
_CHANGES = {
    Changes.NONE: Text("Không có thay đổi", "Nothing was changed"),
    Changes.VALIDATION_DATA: Text("Chỉ thêm dữ liệu phục vụ kiểm tra", "Only validation data was added"),
    Changes.SIGNATURES: Text("Chỉ thêm chữ ký: {}", "Only signatures were added: {}"),
    Changes.FORM_FILLING: Text("Đã điền ô biểu mẫu: {}", "Form fields were filled in: {}"),
    Changes.ANNOTATIONS: Text("Đã thêm ghi chú, hình vẽ (trang): {}", "Notes or drawings were added (page): {}"),
    Changes.FORBIDDEN: Text("Có sửa đổi không được phép", "There are changes that are not allowed"),
    Changes.UNKNOWN: Text("Không xác định được", "Could not be determined"),
}


def title_of(report: Report) -> Text:
    """The verdict in a few words."""
    unsigned = any(found.code in ("no_signature", "unknown_format") for found in report.findings)
    return _UNSIGNED if unsigned else TITLES[report.indication]


def sentence_of(report: Report) -> Text:
    """One sentence that says why: who signed, or what decided the verdict."""
    for found in report.findings:
        if found.indication is not None:
            return found.text
    if report.indication is Indication.TOTAL_PASSED:
        return _signed_by(report.signatures)
    for signature in (*report.signatures, *report.stamps):
        if signature.indication is report.indication:
            for found in signature.findings:
                if (found.indication, found.sub_indication) == (signature.indication, signature.sub_indication):
                    return found.text
    return Text("", "")


def _signed_by(signatures: Sequence[SignatureReport]) -> Text:
    names = ", ".join(dict.fromkeys(signature.signer for signature in signatures))
    return Text(
        f"Văn bản do {names} ký và nội dung được ký còn nguyên vẹn.",
        f"The document was signed by {names}, and the signed content is intact.",
    )


def rows_of(signature: SignatureReport) -> list[Row]:
    """What must be shown of a signature, in order; rows with nothing to say are empty (Circular 15/2025)."""
    same = _same
    period = ""
    if signature.certificate_from is not None and signature.certificate_until is not None:
        period = f"{shown(signature.certificate_from)} – {shown(signature.certificate_until)}"
    return [
        (Text("Người ký", "Signer"), same(signature.signer)),
        (Text("Cơ quan, tổ chức", "Agency or organisation"), same(signature.organisation)),
        (Text("Đơn vị", "Unit"), same(signature.unit)),
        (Text("Thời điểm ký", "Time of signing"), _time(signature)),
        (Text("Tính toàn vẹn", "Integrity"), _INTEGRITY[signature.integrity]),
        (Text("Phạm vi được ký", "What is covered"), _covered(signature)),
        (Text("Thay đổi sau khi ký", "Changes after signing"), _changes(signature)),
        (Text("Độ tin cậy", "Trust"), _TRUST[signature.trust]),
        (Text("Miền tin cậy", "Trust domain"), name_of(signature.trust_domain)),
        (Text("Hiệu lực khi ký", "Validity at signing"), _validity(signature)),
        (Text("Nơi cấp chứng thư số", "Issuer of the certificate"), same(signature.issuer)),
        (Text("Thời hạn chứng thư số", "Period of the certificate"), same(period)),
        (Text("Số hiệu chứng thư số", "Serial number"), same(signature.serial)),
        (Text("Lý do ký", "Reason"), same(signature.reason)),
        (Text("Nơi ký", "Place"), same(signature.location)),
        (Text("Loại chữ ký", "Kind of signature"), same(f"{signature.format} {signature.level}".strip())),
        (Text("Thuật toán", "Algorithm"), same(signature.algorithm)),
    ]


def as_text(report: Report, lang: Lang, name: str = "") -> str:
    """The report as plain text, to keep beside the document."""

    def say(text: Text) -> str:
        return text.within(lang)

    head = Text("BÁO CÁO KIỂM TRA CHỮ KÝ SỐ", "SIGNATURE VERIFICATION REPORT")
    lines = [say(head), ""]
    if name:
        lines.append(f"{say(Text('Tệp', 'File'))}: {name}")
    lines += [
        f"SHA-256: {report.document_digest}",
        f"{say(Text('Kiểm tra lúc', 'Verified at'))}: {shown(report.moment)}",
        f"{say(Text('Chính sách', 'Policy'))}: {policy_of(report)}",
        f"{say(Text('Kết luận', 'Verdict'))}: {say(title_of(report))} ({verdict_code(report)})",
        say(sentence_of(report)),
    ]
    for signature in (*report.signatures, *report.stamps):
        lines += ["", f"— {say(heading_of(signature))}: {TITLES[signature.indication].within(lang)}"]
        lines += [f"  {say(label)}: {say(value)}" for label, value in rows_of(signature) if say(value)]
        for found in signature.findings:
            lines.append(f"  [{found.level}] {say(found.text)} {say(found.advice)}".rstrip())
    lines += [f"[{found.level}] {say(found.text)} {say(found.advice)}".rstrip() for found in report.findings]
    return "\n".join(lines) + "\n"


def policy_of(report: Report) -> str:
    """What was judged by: name and digest of the policy, and the suite of algorithms."""
    return f"{report.policy.name} ({report.policy.suite.name}), SHA-256 {report.policy.digest}"


def counts_of(counts: Mapping[Indication, int]) -> Text:
    """How many of several documents got which verdict, in a sentence."""
    total = sum(counts.values())
    said = [(TITLES[indication], count) for indication, count in counts.items() if count]
    vi = "; ".join(f"{word.vi}: {count}" for word, count in said)
    en = "; ".join(f"{word.en}: {count}" for word, count in said)
    return Text(f"Đã kiểm tra {total} văn bản: {vi}.", f"{total} documents verified. {en}.")


def heading_of(signature: SignatureReport) -> Text:
    """Which signature it is."""
    if signature.coverage is Coverage.SIGNATURE:
        return Text(f"Chữ ký đối chiếu {signature.field}", f"Counter-signature {signature.field}")
    if signature.kind.value == "signature":
        number = signature.field if signature.format in ("CAdES", "XAdES", "JAdES", "XMLDSig") else signature.position
        return Text(f"Chữ ký {number}", f"Signature {number}")
    return Text("Dấu thời gian của văn bản", "Time stamp of the document")


def verdict_code(report: Report | SignatureReport) -> str:
    """The standard's words, such as `TOTAL-FAILED / HASH_FAILURE`."""
    parts = [str(report.indication), str(report.sub_indication or "")]
    return " / ".join(part for part in parts if part)


def _same(value: str) -> Text:
    return Text(value, value)


def _time(signature: SignatureReport) -> Text:
    if signature.signing_time is None:
        return Text("Không rõ", "Not known")
    at = shown(signature.signing_time)
    if signature.time_source == "time-stamp":
        return Text(
            f"{at} (dấu thời gian của {signature.stamp_authority})", f"{at} (time stamp of {signature.stamp_authority})"
        )
    return Text(f"{at} (do người ký khai)", f"{at} (as stated by the signer)")


def _changes(signature: SignatureReport) -> Text:
    words, things = _CHANGES[signature.changes], ", ".join(signature.changed_things)
    return Text(words.vi.replace("{}", things), words.en.replace("{}", things))


def _covered(signature: SignatureReport) -> Text:
    words, names = _COVERAGE[signature.coverage], ", ".join(signature.files)
    return Text(words.vi.replace("{}", names), words.en.replace("{}", names))


def _validity(signature: SignatureReport) -> Text:
    if not signature.signer:
        return Text("", "")
    if signature.valid_at_signing:
        return Text("Chứng thư số còn hiệu lực", "The certificate was valid")
    return Text("Không xác nhận được hiệu lực", "Validity could not be confirmed")
