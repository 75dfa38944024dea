"""JSON signatures for tests: made by our own format, taken apart and put together again for the attacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import ExtensionSources, Level, Packaging, PrepareRequest, ValidationData
from signing.formats.jades import Jades
from signing.formats.jws_algorithms import ALGORITHMS
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from signing.validation.revocation import is_list_of
from tests.signing_cms import CONTENT, sign_message, usual
from tests.signing_pki import DAY, NOW, City, Holder, shared_city

JADES = Jades()


def sign(
    document: bytes = CONTENT,
    city: City | None = None,
    holder: Holder | None = None,
    *,
    level: Level = Level.B_T,
    at: int = NOW,
    stamp: Callable[[bytes], bytes] | None = None,
    **wanted: Any,
) -> bytes:
    """Sign with JAdES; `wanted` are further fields of the request."""
    city = city or shared_city()
    holder = holder or city.official
    wanted.setdefault("algorithm", usual(holder.key))
    request = PrepareRequest(holder.der, holder.chain, at, level=level, **wanted)
    prepared = JADES.prepare(document, request)
    signature = sign_message(holder.key, prepared.algorithm, prepared.signed_attributes)
    return JADES.embed(prepared, signature, stamp or (lambda imprint: city.stamp(imprint, at=at)))


def add(document: bytes, holder: Holder, *, beside: Beside = ALONE, **wanted: Any) -> bytes:
    """One more signer beside those that are there."""
    return sign(document, holder=holder, packaging=Packaging.BESIDE, beside=beside, **wanted)


def counter(document: bytes, holder: Holder, target: tuple[int, ...] = (0,), **wanted: Any) -> bytes:
    """A signature over a signature."""
    return sign(document, holder=holder, packaging=Packaging.COUNTER, target=target, **wanted)


def extend(
    document: bytes,
    level: Level,
    *,
    city: City | None = None,
    at: int = NOW + 60,
    beside: Beside = ALONE,
    tsu: Holder | None = None,
    lists: tuple[bytes, ...] = (),
) -> bytes:
    """Extend with lists issued right before, or with those given."""
    city = city or shared_city()
    current = lists or tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (city.issuing.der,), city.anchors, Effort())
        links = tuple(link.der for link in chain.links)
        return ValidationData(links, tuple(one for one in current if is_list_of(one, links)))

    sources = ExtensionSources(lambda imprint: city.stamp(imprint, at=at, tsu=tsu), collect)
    return JADES.extend(document, level, sources, beside).content


def verify(
    document: bytes,
    *,
    beside: Beside = ALONE,
    city: City | None = None,
    moment: int = NOW + 60,
    lists: tuple[bytes, ...] | None = None,
) -> Report:
    """Against the city's own roots, and its lists or those given."""
    city = city or shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls) if lists is None else lists)
    return verify_document(document, moment=moment, own=own, beside=beside)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def members(document: bytes) -> dict[str, Any]:
    """Of a JSON serialization."""
    found: dict[str, Any] = json.loads(document)
    return found


def header(document: bytes) -> dict[str, Any]:
    """The protected header of a flattened or compact signature."""
    protected = members(document)["protected"] if document.startswith(b"{") else document.split(b".")[0].decode()
    found: dict[str, Any] = json.loads(decoded(protected))
    return found


def unsigned(document: bytes) -> list[dict[str, Any]]:
    """The elements of etsiU of a flattened signature, in the clear."""
    return [json.loads(decoded(one)) for one in members(document)["header"]["etsiU"]]


def write(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def forge(protected: dict[str, Any] | bytes, payload: str | None = None, holder: Holder | None = None) -> bytes:
    """A flattened signature with a header of one's own, honestly signed by a key of the city."""
    holder = holder or shared_city().official
    head = encoded(protected if isinstance(protected, bytes) else write(protected))
    payload = encoded(CONTENT) if payload is None else payload
    algorithm = usual(holder.key)
    value = sign_message(holder.key, algorithm, f"{head}.{payload}".encode())
    found = {"payload": payload, "protected": head, "signature": encoded(ALGORITHMS[algorithm].to_jws(value))}
    return write({name: one for name, one in found.items() if one or name != "payload"})


def usual_header(holder: Holder | None = None) -> dict[str, Any]:
    """What a plain signature states."""
    return header(sign(level=Level.B_B, holder=holder))
