"""
What a JAdES signature is to be made over and where it goes, for each packaging.

Detached, the content is named in `sigD` with the digest of its own bytes (`b64` false), so that a digest alone is
enough to verify it; a signer beside others reads the payload as they do. A counter-signature is over the value above.
Source: RFC 7515 §7.2; RFC 7797 §3; TS 119 182-1 §5.2.8.3.3, §5.3.2.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from signing.errors import SignatureRefused
from signing.formats.base import Level, Packaging, PrepareRequest
from signing.formats.jades_header import BY_HASH
from signing.formats.jades_locate import Found, not_readable, opened, signatures_of
from signing.formats.jades_protected import media_type
from signing.formats.json_strict import NotStrict, base64url, from_base64url
from signing.formats.jws_algorithms import DIGEST_NAMES
from signing.formats.jws_parts import Jws, JwsSignature, Serialization
from signing.formats.refusals import cannot_sign

CONTENT_NAME = "content"


@dataclass(frozen=True, slots=True)
class Order:
    """
    segment: what follows the protected header in what is signed. about: headers that speak of the content.

    stamp_over: what a content time stamp is made over, None for a counter-signature.
    waiting:    the file that waits for the signer. place: the path of the signature that is countersigned.
    """

    document_digest: str
    segment: bytes = field(repr=False)
    about: dict[str, Any]
    stamp_over: bytes | None = field(repr=False)
    waiting: Jws
    place: tuple[int, ...] = ()


def order_of(document: bytes, request: PrepareRequest, digest: str) -> Order:
    """digest: for `sigD`. Raises: DocumentRefused: no signature file; SignatureRefused: there is nothing to sign."""
    approved = hashlib.sha256(document).hexdigest()
    packaging = request.packaging or Packaging.ATTACHED
    cty = {"cty": media_type(request.statements.media_type)} if request.statements.media_type else {}
    if packaging in (Packaging.ATTACHED, Packaging.COMPACT):
        payload = base64url(_something(document))
        compact = packaging is Packaging.COMPACT
        if compact and request.level is not Level.B_B:
            raise cannot_sign("compact JAdES", request.level)
        waiting = Jws(Serialization.COMPACT if compact else Serialization.FLATTENED, payload, ())
        return Order(approved, payload.encode("ascii"), cty, payload.encode("ascii"), waiting)
    if packaging is Packaging.DETACHED:
        waiting = Jws(Serialization.FLATTENED, "", ())
        return _detached(approved, _something(document), request, digest, waiting, encoded=False)
    existing = opened(document)
    if packaging is Packaging.COUNTER:
        return _counter(approved, existing, request)
    if packaging is not Packaging.BESIDE:
        raise _nothing()
    encoded = existing.signatures[0].is_encoded
    if not existing.payload:
        content = _something(request.beside.content or b"")
        return _detached(approved, content, request, digest, existing, encoded=encoded)
    about = cty if encoded else {**cty, "b64": False}
    segment = existing.payload.encode("utf-8")
    return Order(approved, segment, about, segment, existing)


def _detached(
    approved: str, content: bytes, request: PrepareRequest, digest: str, waiting: Jws, *, encoded: bool
) -> Order:
    """By name and digest; further files of the request are signed with it."""
    files = ((_name_of(waiting) or request.file_name or CONTENT_NAME, content), *request.beside.files)
    read = [base64url(data).encode("ascii") if encoded else data for _name, data in files]
    named: dict[str, Any] = {
        "mId": BY_HASH,
        "pars": [quote(name) for name, _data in files],
        "hashM": DIGEST_NAMES[digest],
        "hashV": [base64url(hashlib.new(digest, one).digest()) for one in read],
    }
    if request.statements.media_type and len(files) == 1:
        named["ctys"] = [media_type(request.statements.media_type)]
    about = {"sigD": named} if encoded else {"b64": False, "sigD": named}
    return Order(approved, b"", about, b"".join(read), waiting)


def _name_of(waiting: Jws) -> str:
    """What earlier signers have called the content."""
    for signature in waiting.signatures:
        named = signature.header.get("sigD")
        names = named.get("pars") if isinstance(named, dict) else None
        if isinstance(names, list) and names and isinstance(names[0], str):
            return unquote(names[0])
    return ""


def _counter(approved: str, existing: Jws, request: PrepareRequest) -> Order:
    found = _target(existing, request.target)
    if _is_archived(existing, request.target):
        raise SignatureRefused(
            "already_archived",
            vi="Chữ ký đối chiếu này đã nằm dưới dấu thời gian lưu trữ nên không ký đối chiếu tiếp được.",
            en="That counter-signature is under an archive time stamp already, so it cannot be countersigned.",
            status=409,
        )
    value = from_base64url(found.signature.value)
    return Order(approved, base64url(value).encode("ascii"), {}, None, existing, request.target)


def _target(existing: Jws, path: tuple[int, ...]) -> Found:
    try:
        found = next((one for one in signatures_of(existing) if one.path == path), None)
    except NotStrict as error:
        raise not_readable(str(error)) from error
    if found is None:
        raise SignatureRefused(
            "no_target",
            vi="Không có chữ ký ở vị trí đó để ký đối chiếu.",
            en="There is no signature at that place to countersign.",
            status=422,
        )
    return found


def _is_archived(existing: Jws, path: tuple[int, ...]) -> bool:
    """Whether the element that would change is under an archive time stamp of a signature above."""
    above = [one for one in signatures_of(existing) if one.path == path[: len(one.path)] and len(one.path) < len(path)]
    return any(_follows(one.signature, path[len(one.path)]) for one in above)


def _follows(signature: JwsSignature, number: int) -> bool:
    counters = [place for place, one in enumerate(signature.unsigned) if one.name == "cSig"]
    return any(one.name == "arcTst" for one in signature.unsigned[counters[number] :])


def _something(content: bytes) -> bytes:
    if not content:
        raise _nothing()
    return content


def _nothing() -> SignatureRefused:
    return SignatureRefused(
        "no_content",
        vi="Không có nội dung để ký. Với chữ ký rời, hãy kèm tệp nội dung.",
        en="There is no content to sign. For a detached signature, bring the content along.",
        status=422,
    )
