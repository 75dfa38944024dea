"""Why a signature request was refused, for the official, from the stored code: the cause and what to do now."""

from __future__ import annotations

from base.texts import Text

_SIGN_AGAIN_VI = " Văn bản của bạn còn nguyên; hãy bấm ký lại."
_SIGN_AGAIN_EN = " Your document is unchanged; press sign again."
_TEXTS: dict[str, Text] = {
    "access_denied": Text(
        "Bạn đã không chấp thuận ở hệ thống định danh." + _SIGN_AGAIN_VI.replace("hãy", "khi cần, hãy"),
        "You did not approve at the identity provider." + _SIGN_AGAIN_EN.replace("press", "when you want to, press"),
    ),
    "activation_spent": Text(
        "Lần chấp thuận này đã được dùng cho một chữ ký." + _SIGN_AGAIN_VI,
        "This approval was already used for a signature." + _SIGN_AGAIN_EN,
    ),
    "activation_expired": Text(
        "Lần chấp thuận đã hết hạn trước khi ký xong." + _SIGN_AGAIN_VI,
        "The approval expired before the signature was made." + _SIGN_AGAIN_EN,
    ),
    "expired": Text(
        "Lần chấp thuận đã hết hạn trước khi ký xong." + _SIGN_AGAIN_VI,
        "The approval expired before the signature was made." + _SIGN_AGAIN_EN,
    ),
    "certificate_not_valid": Text(
        "Chứng thư số của bạn đã hết hạn hoặc bị thu hồi. Hãy liên hệ bộ phận quản trị.",
        "Your certificate has expired or was revoked. Contact your administrator.",
    ),
    "certificate_not_trusted": Text(
        "Nơi cấp chứng thư số của bạn không thuộc miền tin cậy nào của hệ thống. Hãy liên hệ bộ phận quản trị.",
        "The issuer of your certificate is in no trust domain of this system. Contact your administrator.",
    ),
    "certificate_status_unknown": Text(
        "Nơi cấp chứng thư số không trả lời nên chưa kiểm tra được chứng thư số của bạn có bị thu hồi hay không."
        + _SIGN_AGAIN_VI,
        "The issuer of your certificate does not answer, so it could not be checked whether it was revoked."
        + _SIGN_AGAIN_EN,
    ),
    "document_changed": Text(
        "Văn bản lưu ở bàn ký không đúng là văn bản bạn đã chấp thuận. Hãy tải văn bản lên lại.",
        "The stored document is not the one you approved. Upload the document again.",
    ),
    "document_damaged": Text(
        "Bản lưu của văn bản đã hỏng hoặc bị mất. Hãy tải văn bản lên lại.",
        "The stored copy of the document is damaged or lost. Upload the document again.",
    ),
    "own_check_failed": Text(
        "Bản đã ký không vượt qua bước tự kiểm tra nên không được giao. Văn bản gốc còn nguyên; hãy lưu lại văn bản "
        "bằng phần mềm khác rồi tải lên lại.",
        "The signed copy did not pass our own check and was not handed out. The original is unchanged; save the "
        "document with another program and upload it again.",
    ),
    "other_person": Text(
        "Người chấp thuận không phải là người đang dùng bàn ký. Không có gì được ký.",
        "The approval came from another person than the one at the desk. Nothing was signed.",
    ),
    "already_signed": Text("Bạn đã ký văn bản này.", "You have already signed this document."),
    "interrupted": Text(
        "Việc ký bị gián đoạn trước khi hoàn tất." + _SIGN_AGAIN_VI,
        "Signing was interrupted before it was finished." + _SIGN_AGAIN_EN,
    ),
}
_OTHER = Text("Chữ ký chưa được tạo." + _SIGN_AGAIN_VI, "No signature was made." + _SIGN_AGAIN_EN)


def refusal_text(reason: str) -> Text:
    """The sentence for a code; codes of formats and keys that need no advice of their own share one."""
    return _TEXTS.get(reason, _OTHER)
