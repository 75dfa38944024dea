"""
What a CAdES signature is to be made over and where it goes, for each packaging.

Source: RFC 5652 §5.4, §11.4 (a counter-signature is over the octets of the signature value); EN 319 122-1 §4.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.base import Packaging, PrepareRequest
from signing.formats.cms_build import empty_signed, write_signed
from signing.validation.cms import CmsBroken, open_cms
from signing.validation.cms_parts import SignedParts, open_signer, signer_at


@dataclass(frozen=True, slots=True)
class Order:
    """
    digest_of: of what is signed, by name of the algorithm. sha256: of the content, None for a counter-signature.

    output: the SignedData that waits for the signer; place: the path of the signer that is countersigned.
    """

    document_digest: str
    digest_of: Callable[[str], bytes]
    sha256: bytes | None
    output: bytes = field(repr=False)
    place: tuple[int, ...] = ()


def order_of(document: bytes, request: PrepareRequest) -> Order:
    """Raises: DocumentRefused: no signature file to add to; SignatureRefused: there is nothing to sign."""
    document_digest = hashlib.sha256(document).hexdigest()
    packaging = request.packaging or Packaging.ATTACHED
    if packaging in (Packaging.ATTACHED, Packaging.DETACHED):
        if not document:
            raise _nothing()
        output = write_signed(empty_signed(document if packaging is Packaging.ATTACHED else None))
        return Order(document_digest, _over(document), hashlib.sha256(document).digest(), output)
    parts = _existing(document)
    if packaging is Packaging.COUNTER:
        return Order(document_digest, _over(_target(parts, request)), None, document, request.target)
    if packaging is not Packaging.BESIDE:
        raise _nothing()
    content = parts.content if parts.content is not None else request.beside.content
    if content is None:
        raise _nothing()
    return Order(document_digest, _over(content), hashlib.sha256(content).digest(), document)


def _over(data: bytes) -> Callable[[str], bytes]:
    return lambda algorithm: hashlib.new(algorithm, data).digest()


def _existing(document: bytes) -> SignedParts:
    try:
        return open_cms(document)
    except CmsBroken as error:
        raise DocumentRefused(
            "not_readable",
            vi="Tệp này không phải là tệp chữ ký (CMS) hợp lệ nên không ký thêm được.",
            en="This is no proper signature file (CMS), so nothing can be added to it.",
            hint=str(error),
        ) from error


def _target(parts: SignedParts, request: PrepareRequest) -> bytes:
    try:
        if not request.target or min(request.target) < 0:
            raise IndexError
        return open_signer(signer_at(parts, request.target)).value
    except IndexError as error:
        raise SignatureRefused(
            "no_target",
            vi="Không có chữ ký ở vị trí đó để ký đối chiếu.",
            en="There is no signature at that place to countersign.",
            status=422,
        ) from error


def _nothing() -> SignatureRefused:
    return SignatureRefused(
        "no_content",
        vi="Không có nội dung để ký. Với chữ ký rời, hãy kèm tệp nội dung.",
        en="There is no content to sign. For a detached signature, bring the content along.",
        status=422,
    )
