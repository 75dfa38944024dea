"""
What each finding says to a citizen, and what she can do, in both languages. `{detail}` is filled in by the check.

Codes and severities are in policy.py; a test holds both tables to the same keys.
"""

from __future__ import annotations

from signing.validation.wording_base import ASK_EN as _ASK_EN
from signing.validation.wording_base import ASK_VI as _ASK_VI
from signing.validation.wording_base import KEEP_EN as _KEEP_EN
from signing.validation.wording_base import KEEP_VI as _KEEP_VI
from signing.validation.wording_base import LATER_EN as _LATER_EN
from signing.validation.wording_base import LATER_VI as _LATER_VI
from signing.validation.wording_base import ROOT_EN as _ROOT_EN
from signing.validation.wording_base import ROOT_VI as _ROOT_VI
from signing.validation.wording_base import Wording
from signing.validation.wording_base import say as _say
from signing.validation.wording_container import CONTAINER_WORDS
from signing.validation.wording_document import DOCUMENT_WORDS

WORDS: dict[str, Wording] = {
    "container": _say("{detail}", "{detail}", _ASK_VI, _ASK_EN),
    "cms_unreadable": _say(
        "Dữ liệu chữ ký bị hỏng hoặc không đúng chuẩn.",
        "The signature data is damaged or does not follow the standard.",
        _ASK_VI,
        _ASK_EN,
    ),
    "content_type": _say(
        "Loại nội dung được ký không phù hợp với văn bản.",
        "The type of the signed content does not fit a document signature.",
        _ASK_VI,
        _ASK_EN,
    ),
    "profile_unsupported": _say(
        "Không kiểm tra được: hệ thống không đọc loại {detail}. Điều đó không có nghĩa là chữ ký sai.",
        "Not verified: {detail} is of a kind that is not read here. That does not mean that the signature is wrong.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "profile_legacy": _say(
        "Chữ ký theo kiểu cũ ({detail}), không phải chữ ký nâng cao (AdES).",
        "The signature is of the older kind {detail}, not an advanced one (AdES).",
        "Chữ ký vẫn kiểm tra được. Với văn bản mới, nên ký theo chuẩn PAdES, CAdES, XAdES hoặc JAdES.",
        "It can still be verified. New documents are better signed as PAdES, CAdES, XAdES or JAdES.",
    ),
    "structure": _say(
        "{detail}",
        "{detail}",
        "Nếu nội dung hiển thị khác với bản bạn biết, hãy xin lại bản gốc từ cơ quan ban hành.",
        "If what is shown differs from the copy you know, ask the issuing agency for the original.",
    ),
    "content_missing": _say(
        "Chữ ký rời: chưa có tệp nội dung được ký để đối chiếu.",
        "The signature is detached, and the file it signs was not brought along.",
        "Hãy kiểm tra lại, kèm theo tệp nội dung.",
        "Verify again together with the file that was signed.",
    ),
    "left_out": _say(
        "Trong tệp còn nội dung không được ký: {detail}.",
        "The file holds content that is not signed: {detail}.",
        "Chỉ tin phần đã ký. Hãy hỏi cơ quan ban hành về phần còn lại.",
        "Rely only on the part that is signed. Ask the issuing agency about the rest.",
    ),
    "covers_part": _say(
        "Chữ ký chỉ bao trùm phần {detail} của tệp; phần còn lại không có nội dung.",
        "The signature covers the part {detail} of the file; nothing is said outside it.",
        "Không cần làm gì; phần được ký là phần bạn đọc.",
        "There is nothing to do: what was signed is what you read.",
    ),
    "covers_digest": _say(
        "Chỉ đối chiếu theo mã băm đã nhập; tệp nội dung không được mở ra.",
        "Compared by the digest that was given; the content itself was not seen.",
        "Hãy tự đối chiếu rằng mã băm đã nhập đúng là của tệp bạn đang giữ, hoặc kiểm tra lại kèm tệp đó.",
        "Make sure that the digest you gave is that of the file you hold, or verify again with the file itself.",
    ),
    "covers_signature": _say(
        "Đây là chữ ký đối chiếu: nó xác nhận một chữ ký khác, không trực tiếp ký nội dung.",
        "This is a counter-signature: it confirms another signature and does not sign the content itself.",
        "Hãy xem chữ ký mà nó xác nhận để biết ai đã ký nội dung.",
        "Look at the signature that it confirms to learn who signed the content.",
    ),
    "no_signing_certificate": _say(
        "Không tìm thấy chứng thư số của người ký trong chữ ký.",
        "The signer's certificate is not in the signature.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "ess_missing": _say(
        "Chữ ký không ghi rõ chứng thư số đã dùng để ký.",
        "The signature does not state which certificate made it.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "ess_missing_legacy": _say(
        "Chữ ký kiểu cũ không ghi rõ chứng thư số đã dùng để ký.",
        "Being of an older kind, the signature does not state which certificate made it.",
        "Nếu văn bản quan trọng, hãy đề nghị cơ quan ban hành ký lại theo chuẩn hiện hành.",
        "If the document matters, ask the issuing agency to sign it again by the present standard.",
    ),
    "ess_mismatch": _say(
        "Chứng thư số kèm theo không phải là chứng thư số đã dùng để ký.",
        "The enclosed certificate is not the one the signer used.",
        _ASK_VI,
        _ASK_EN,
    ),
    "ess_weak": _say(
        "Chứng thư số được ghi nhận bằng thuật toán SHA-1 đã lỗi thời.",
        "The certificate is referred to with the outdated SHA-1.",
        "Nếu cần giữ lâu dài, hãy đề nghị cơ quan ban hành ký lại bằng thuật toán hiện hành.",
        "If it is to be kept for long, ask the issuing agency to sign it again with a present algorithm.",
    ),
    "no_anchors": _say(
        "Chưa có chứng thư gốc nào được tin cậy để đối chiếu.",
        "No trusted root certificate was given to check against.",
        _ROOT_VI,
        _ROOT_EN,
    ),
    "chain_not_found": _say(
        "Chưa xác định được nơi cấp chứng thư số ({detail}) có đáng tin cậy hay không.",
        "It is not known whether the issuer of the certificate ({detail}) can be trusted.",
        _ROOT_VI,
        _ROOT_EN,
    ),
    "chain_defect": _say(
        "Chuỗi chứng thư số không hợp lệ.", "The chain of certificates is not valid.", _KEEP_VI, _KEEP_EN
    ),
    "anchor_not_granted": _say(
        "Theo danh sách tin cậy, nơi cấp ({detail}) không được công nhận tại thời điểm ký.",
        "By the trust list, the issuer ({detail}) was not approved at the time of signing.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "trust_list_late": _say(
        "Danh sách tin cậy có nơi cấp này lẽ ra phải được cập nhật trước {detail}.",
        "The trust list that names this issuer should have been updated before {detail}.",
        "Hãy báo cho quản trị viên.",
        "Tell the administrator.",
    ),
    "certificate_expired": _say(
        "Chứng thư số của {detail} đã hết hạn và không có dấu thời gian chứng minh văn bản được ký khi còn hạn.",
        "The certificate of {detail} has expired, and no time stamp proves that the document was signed before.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "certificate_not_yet": _say(
        "Chứng thư số của {detail} chưa có hiệu lực tại thời điểm kiểm tra.",
        "The certificate of {detail} was not yet valid at the time of verification.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "stamped_before_certificate": _say(
        "Dấu thời gian có trước khi chứng thư số của {detail} có hiệu lực.",
        "The time stamp is older than the certificate of {detail}.",
        _ASK_VI,
        _ASK_EN,
    ),
    "expired_since": _say(
        "Chứng thư số nay đã hết hạn; dấu thời gian cho thấy văn bản được ký khi còn hạn.",
        "The certificate has expired since; the time stamp shows that the document was signed before.",
        "Không cần làm gì bây giờ. Nếu lưu giữ lâu dài, hãy bổ sung dấu thời gian lưu trữ.",
        "There is nothing to do now. If you keep the document for years, have an archive time stamp added.",
    ),
    "revoked": _say(
        "Chứng thư số đã bị thu hồi từ {detail}, trước khi ký.",
        "The certificate had been revoked on {detail}, before signing.",
        _ASK_VI,
        _ASK_EN,
    ),
    "revoked_no_poe": _say(
        "Chứng thư số đã bị thu hồi từ {detail}; không có bằng chứng văn bản được ký trước đó.",
        "The certificate was revoked on {detail}; nothing proves that the document was signed before.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "authority_revoked": _say(
        "Chứng thư số của nơi cấp ({detail}) đã bị thu hồi.",
        "The certificate of the issuer ({detail}) was revoked.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "revoked_since": _say(
        "Chứng thư số bị thu hồi từ {detail}, sau khi ký; dấu thời gian chứng minh điều này.",
        "The certificate was revoked on {detail}, after signing, as the time stamp proves.",
        "Chữ ký có trước khi thu hồi nên vẫn có giá trị. Nếu văn bản quan trọng, hãy hỏi cơ quan ban hành vì sao.",
        "The signature was made before and still counts. If the document matters, ask the issuing agency why.",
    ),
    "suspended": _say(
        "Chứng thư số đang bị tạm dừng từ {detail}; chưa kết luận được chữ ký.",
        "The certificate is suspended since {detail}; nothing can be said about the signature yet.",
        _ASK_VI,
        _ASK_EN,
    ),
    "revocation_unknown": _say(
        "Không kiểm tra được chứng thư số của {detail} có bị thu hồi hay không.",
        "It could not be checked whether the certificate of {detail} was revoked.",
        _LATER_VI,
        _LATER_EN,
    ),
    "revocation_stale": _say(
        "Danh sách thu hồi cho chứng thư số của {detail} đã quá hạn.",
        "The revocation list for the certificate of {detail} is out of date.",
        _LATER_VI,
        _LATER_EN,
    ),
    "hash_mismatch": _say(
        "Nội dung văn bản đã bị thay đổi sau khi ký.",
        "The document was changed after it was signed.",
        _ASK_VI,
        _ASK_EN,
    ),
    "signature_wrong": _say(
        "Giá trị chữ ký không khớp với chứng thư số của người ký.",
        "The signature value does not fit the signer's certificate.",
        _ASK_VI,
        _ASK_EN,
    ),
    "algorithm_unknown": _say(
        "Thuật toán {detail} chưa được hỗ trợ.", "The algorithm {detail} is not supported.", _KEEP_VI, _KEEP_EN
    ),
    "algorithm_weak": _say(
        "Chữ ký được tạo khi thuật toán {detail} đã không còn đủ an toàn.",
        "The signature was made when the algorithm {detail} was no longer strong enough.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "algorithm_weak_no_poe": _say(
        "Thuật toán {detail} không còn đủ an toàn, và không có gì chứng minh chữ ký đã có từ khi nó còn an toàn.",
        "The algorithm {detail} is no longer strong enough, and nothing proves that the signature is older than that.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "algorithm_aged": _say(
        "Thuật toán {detail} nay không còn đủ an toàn, nhưng chữ ký đã có từ khi nó còn an toàn.",
        "The algorithm {detail} is no longer strong enough today, but the signature has existed since it was.",
        "Nếu lưu giữ lâu dài, hãy gia hạn bằng dấu thời gian lưu trữ với thuật toán mới.",
        "If you keep the document for years, have it renewed by an archive time stamp with a newer algorithm.",
    ),
    "key_usage": _say(
        "Chứng thư số này không được cấp để ký văn bản.",
        "This certificate was not issued for signing documents.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "unsigned_unknown": _say(
        "Chữ ký kèm thông tin lạ, không được bảo vệ.",
        "The signature carries unknown information that is not protected.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "certificate_stray": _say(
        "Chữ ký kèm chứng thư số bị hỏng hoặc không rõ nguồn gốc.",
        "The signature carries a certificate that is damaged or of unknown origin.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "changed_forbidden": _say(
        "Văn bản đã bị sửa sau khi ký bằng cách không được phép.",
        "The document was changed after signing in a way that is not allowed.",
        _ASK_VI,
        _ASK_EN,
    ),
    "changed_unknown": _say(
        "Không xác định được những gì đã thay đổi sau khi ký.",
        "It could not be determined what was changed after signing.",
        _ASK_VI,
        _ASK_EN,
    ),
    "changed_form": _say(
        "Sau khi ký, các ô biểu mẫu sau đã được điền: {detail}. Chữ ký này không bảo đảm cho phần đó.",
        "After signing, these form fields were filled in: {detail}. This signature does not vouch for them.",
        "Hãy kiểm tra kỹ nội dung các ô này.",
        "Look at these fields with care.",
    ),
    "changed_annotations": _say(
        "Sau khi ký, ghi chú hoặc hình vẽ sau đã được thêm vào, theo cho phép của người chứng nhận (số trang trong "
        "ngoặc): {detail}. Chữ ký này không bảo đảm cho phần đó, và phần đó có thể che nội dung đã ký.",
        "After signing, these notes or drawings were added, as the certification permits (pages in brackets): "
        "{detail}. This signature does not vouch for them, and they may cover what was signed.",
        "Hãy so với văn bản khi được ký trước khi dựa vào nội dung.",
        "Compare the document with how it was when signed before you rely on it.",
    ),
    "changed_signatures": _say(
        "Sau chữ ký này, văn bản được ký thêm: {detail}.",
        "After this signature, further signatures were added: {detail}.",
        "Hãy xem từng chữ ký để biết mỗi người đã ký nội dung nào.",
        "Look at each signature to learn what each person signed.",
    ),
    "changed_validation_data": _say(
        "Sau khi ký, chỉ có dữ liệu phục vụ kiểm tra hoặc dấu thời gian được thêm vào.",
        "After signing, only validation data or a time stamp was added.",
        "Không cần làm gì; nội dung văn bản không đổi.",
        "There is nothing to do: what the document says has not changed.",
    ),
    "claimed_in_future": _say(
        "Giờ ký do người ký khai muộn hơn thời điểm kiểm tra.",
        "The signing time stated by the signer is later than the time of verification.",
        "Hãy kiểm tra đồng hồ máy của bạn; nếu đồng hồ đúng, đừng dựa vào giờ ký và hãy hỏi người ký.",
        "Check the clock of your computer; if it is right, do not rely on the signing time and ask the signer.",
    ),
    "no_stamp": _say(
        "Không có dấu thời gian; giờ ký chỉ do người ký khai.",
        "There is no time stamp; the signing time is only what the signer stated.",
        "Chữ ký chỉ kiểm tra được khi chứng thư số còn hạn.",
        "The signature can only be verified while the certificate is valid.",
    ),
    "stamp_usable": _say(
        "Giờ ký được dấu thời gian của {detail} xác nhận.",
        "The signing time is confirmed by a time stamp of {detail}.",
        "Không cần làm gì; hãy dùng giờ này làm giờ ký.",
        "There is nothing to do: take this time as the time of signing.",
    ),
    "stamp_broken": _say(
        "Dấu thời gian bị hỏng hoặc không thuộc về chữ ký này.",
        "The time stamp is damaged or does not belong to this signature.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "stamp_from_future": _say(
        "Dấu thời gian muộn hơn thời điểm kiểm tra.",
        "The time stamp is later than the time of verification.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "stamp_unusable": _say(
        "Dấu thời gian không được tính vì chưa đủ tin cậy: {detail}.",
        "The time stamp was not counted, as it cannot be trusted: {detail}.",
        _ROOT_VI,
        _ROOT_EN,
    ),
    "claimed_after_stamp": _say(
        "Giờ ký do người ký khai muộn hơn dấu thời gian.",
        "The signing time stated by the signer is after the time stamp.",
        "Hãy tin giờ của dấu thời gian. Nếu giờ ký quan trọng, hãy hỏi người ký.",
        "Go by the time stamp. If the time of signing matters, ask the signer.",
    ),
    "content_stamp_broken": _say(
        "Dấu thời gian của nội dung bị hỏng hoặc không thuộc về nội dung này.",
        "The time stamp of the content is damaged or does not belong to this content.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "content_stamp_late": _say(
        "Dấu thời gian của nội dung muộn hơn chữ ký.",
        "The time stamp of the content is later than the signature.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "archive_broken": _say(
        "Dấu thời gian lưu trữ bị hỏng hoặc không thuộc về chữ ký này.",
        "The archive time stamp is damaged or does not belong to this signature.",
        _KEEP_VI,
        _KEEP_EN,
    ),
    "archive_usable": _say(
        "Chữ ký được bảo vệ lâu dài bằng dấu thời gian lưu trữ của {detail}.",
        "The signature is kept verifiable by an archive time stamp of {detail}.",
        "Hãy gia hạn trước khi chứng thư số của dấu thời gian này hết hạn.",
        "Have it renewed before the certificate of this time stamp ends.",
    ),
    "archive_unusable": _say(
        "Dấu thời gian lưu trữ không được tính vì chưa đủ tin cậy: {detail}.",
        "The archive time stamp was not counted, as it cannot be trusted: {detail}.",
        "Hãy kiểm tra lại, hoặc đóng thêm dấu thời gian lưu trữ mới.",
        "Verify again, or have a new archive time stamp added.",
    ),
    "settled_by_archive": _say(
        "Khi ký, chứng thư số chưa bị thu hồi, như dữ liệu lưu trữ kèm theo chứng minh.",
        "When it was used, the certificate was not revoked, as the archived data proves.",
        "Không cần làm gì; hãy giữ tệp này cùng dữ liệu lưu trữ bên trong.",
        "There is nothing to do: keep this file with the archived data inside.",
    ),
    "document_stamp_broken": _say(
        "Dấu thời gian của văn bản bị hỏng hoặc không khớp với văn bản.",
        "The time stamp of the document is damaged or does not fit the document.",
        _ASK_VI,
        _ASK_EN,
    ),
    "document_stamp_unusable": _say(
        "Dấu thời gian của văn bản chưa đủ tin cậy: {detail}.",
        "The time stamp of the document cannot be trusted: {detail}.",
        _ROOT_VI,
        _ROOT_EN,
    ),
    **DOCUMENT_WORDS,
    **CONTAINER_WORDS,
}
