"""
Errors of keys.

`KeyRefused`: a key may not be used or found; `JoseError`: a token is not acceptable; `SealError`: sealed bytes do not
open; `LintFailed`: a certificate was not signed because it breaks a rule; `KeysUnavailable`: custody itself fails.
"""

from __future__ import annotations

from base.errors import AntinError


class KeyRefused(AntinError):
    """The key is unknown, in the wrong state, or its activation does not allow this."""

    def __init__(self, code: str, *, vi: str = "", en: str = "", hint: str = "", debug: str = "", status: int = 403):
        super().__init__(
            code,
            vi=vi or _TEXTS.get(code, _PLAIN)[0],
            en=en or _TEXTS.get(code, _PLAIN)[1],
            hint=hint,
            debug=debug,
            status=status,
        )


class JoseError(AntinError):
    """
    A JSON Web Token is not acceptable.

    code: too_long, malformed, header_refused, alg_refused, key_unknown, key_refused, typ_refused, signature_invalid,
          claims_malformed, issuer_refused, audience_refused, expired, not_yet_valid, not_decrypted.
    """

    def __init__(self, code: str, debug: str = "") -> None:
        super().__init__(
            code,
            vi="Mã xác thực không hợp lệ hoặc đã hết hạn.",
            en="The token is not valid or has expired.",
            debug=debug,
            status=401,
        )


class SealError(AntinError):
    """Sealed bytes were altered, belong to another context, or to another master key."""

    def __init__(self, debug: str) -> None:
        super().__init__(
            "seal_broken",
            vi="Không mở được dữ liệu đã niêm phong.",
            en="Sealed data cannot be opened.",
            debug=debug,
            status=500,
        )


class LintFailed(AntinError):
    """A certificate was not signed: `hint` names the lints that it failed."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__(
            "certificate_not_acceptable",
            vi="Không cấp được chứng thư số vì nội dung chưa đúng quy định.",
            en="The certificate was not issued because its content breaks a rule.",
            hint="; ".join(findings),
            status=422,
        )


class KeysUnavailable(AntinError):
    """
    Custody cannot work: a key is missing, does not load, fails its self-test, or its device is away.

    There is no other key to sign with instead; whoever asked tries again, and a device that is back signs at once.
    """

    retry_seconds = 2

    def __init__(self, en: str, *, debug: str = "") -> None:
        super().__init__("keys_unavailable", vi="Dịch vụ khóa chưa sẵn sàng.", en=en, debug=debug, status=503)


_PLAIN = ("Không được phép dùng khóa này.", "This key may not be used.")
_TEXTS = {
    "activation_spent": (
        "Chấp thuận ký này đã được dùng. Hãy chấp thuận lại để ký.",
        "This approval has already been used. Approve again to sign.",
    ),
    "activation_expired": (
        "Chấp thuận ký đã hết hạn. Hãy chấp thuận lại để ký.",
        "This approval has expired. Approve again to sign.",
    ),
    "activation_refused": (
        "Chấp thuận ký không khớp với người ký, khóa hoặc văn bản này.",
        "The approval does not match this signer, key or document.",
    ),
    "peer_refused": ("Chứng thư của bên kết nối không được chấp nhận.", "The certificate is not accepted."),
    "approval_needed": (
        "Thao tác này cần hai người: hãy đề xuất, để một người vận hành khác duyệt, rồi thực hiện với mã duyệt.",
        "This takes two persons: propose it, let another operator approve it, then carry it out with the approval.",
    ),
    "same_person": (
        "Người đề xuất không được tự duyệt thao tác của mình.",
        "Whoever proposed an operation may not approve it.",
    ),
    "approval_refused": (
        "Mã duyệt không có hiệu lực cho thao tác này: sai nội dung, chưa được duyệt, đã dùng, bị từ chối hoặc hết hạn.",
        "The approval does not cover this operation: other parameters, not approved, used, refused or expired.",
    ),
    "operator_unknown": (
        "Không có người vận hành này hoặc mã bí mật sai.",
        "There is no such operator, or the secret is wrong.",
    ),
    "wrong_purpose": ("Khóa này không được dùng vào việc đó.", "A key of this purpose is not used for that."),
    "limit_reached": (
        "Khóa đã ký đủ số lần cho phép hoặc đã quá hạn sử dụng.",
        "The key has made all the signatures it may, or its time of use is over.",
    ),
    "not_approved": (
        "Hệ thống chỉ dùng thuật toán đã được phê chuẩn; thuật toán này không nằm trong số đó.",
        "This installation uses approved algorithms only, and this is not one of them.",
    ),
    "unknown_key": ("Không có khóa này.", "There is no such key."),
    "certificate_not_valid": (
        "Chứng thư số đã hết hạn hoặc bị thu hồi.",
        "The certificate has expired or was revoked.",
    ),
}
