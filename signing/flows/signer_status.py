"""
The signer's own certificate, asked about before it signs: of an authority of others, its list is fetched.

Ours is known without asking: its status stands in the database (flows/enrol.py), its list is always at hand.

Source: Decree 23/2025/ND-CP Art. 15 (the signer checks the own certificate and that of its issuer first, and does not
sign otherwise); Decree 68/2024/ND-CP Art. 29 (certificate, then path, then signature).
"""

from __future__ import annotations

from keys.api import Credential
from signing.errors import SignatureRefused
from signing.flows.fetch_lists import Kept, fetcher
from signing.flows.own_trust import own_trust
from signing.services import SigningServices
from signing.validation.effort import Effort
from signing.validation.missing import completed
from signing.validation.revocation import Status


def check_status(services: SigningServices, credential: Credential) -> tuple[bytes, ...]:
    """
    Refuse to sign where verification would not pass.

    Returns: the revocation lists and answers (DER) that had to be fetched, for the check of the result.
    Raises:  SignatureRefused("certificate_not_trusted"): no anchor of a trust domain stands above it;
             SignatureRefused("certificate_not_valid"): it or an authority above it was revoked;
             SignatureRefused("certificate_status_unknown"): its list cannot be had now.
    """
    from signing.validation.chains import build_chain  # its libraries are loaded by the first document
    from signing.validation.status import status_of

    own, now = own_trust(services.keys), services.base.clock.now()
    chain = build_chain(credential.certificate, credential.chain, own.known, own.anchors, Effort())
    if not chain.trusted or chain.defect:
        raise _not_trusted(chain.defect or f"above {chain.links[-1].sha256} stands no anchor")
    kept = Kept(services.list_memory, services.base.clock.monotonic())
    data = completed(chain, own.lists, now, fetcher(services.base.http, kept))
    for state in status_of(chain.links, data, now):
        if state.status is Status.REVOKED:
            raise _revoked(f"{state.reason} at {state.at}, link {state.position}")
        if not state.is_fresh(now):
            raise _unknown(f"link {state.position}: {state.status}")
    return data[len(own.lists) :]


def _not_trusted(debug: str) -> SignatureRefused:
    return SignatureRefused(
        "certificate_not_trusted",
        vi="Nơi cấp chứng thư số của bạn không thuộc miền tin cậy nào của hệ thống nên không thể ký. Hãy liên hệ bộ "
        "phận quản trị.",
        en="The issuer of your certificate is in no trust domain of this system, so nothing can be signed. Contact "
        "your administrator.",
        debug=debug,
        status=409,
    )


def _revoked(debug: str) -> SignatureRefused:
    return SignatureRefused(
        "certificate_not_valid",
        vi="Chứng thư số của bạn đã hết hạn hoặc bị thu hồi nên không thể ký. Hãy liên hệ bộ phận quản trị.",
        en="Your certificate has expired or was revoked, so nothing can be signed. Contact your administrator.",
        debug=debug,
        status=409,
    )


def _unknown(debug: str) -> SignatureRefused:
    return SignatureRefused(
        "certificate_status_unknown",
        vi="Chưa kiểm tra được chứng thư số của bạn có bị thu hồi hay không vì nơi cấp không trả lời; không có gì được "
        "ký. Hãy thử lại sau ít phút.",
        en="It could not be checked whether your certificate was revoked, because its issuer does not answer; nothing "
        "was signed. Try again in a few minutes.",
        debug=debug,
        status=503,
    )
