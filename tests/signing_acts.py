"""Sign, add, countersign, extend and verify in tests: the same for every format, with keys of any algorithm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import ExtensionSources, Format, Level, Packaging, PrepareRequest, ValidationData
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from signing.validation.revocation import is_list_of
from tests.signing_pki import DAY, NOW, City, Holder, shared_city

_ML_DSA = {
    mldsa.MLDSA44PrivateKey: "ML-DSA-44",
    mldsa.MLDSA65PrivateKey: "ML-DSA-65",
    mldsa.MLDSA87PrivateKey: "ML-DSA-87",
}
_DIGESTS = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def sign_message(key: Any, algorithm: str, message: bytes) -> bytes:
    """A signature as the named algorithm makes it."""
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return bytes(key.sign(message))
    digest = _DIGESTS[algorithm[-3:]]
    if isinstance(key, rsa.RSAPrivateKey):
        if algorithm.startswith("PS"):
            return key.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return key.sign(message, padding.PKCS1v15(), digest)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(message, ec.ECDSA(digest))


def usual(key: Any) -> str:
    """What a key signs with where nothing is said."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {256: "ES256", 384: "ES384", 521: "ES512"}[key.key_size]
    if isinstance(key, rsa.RSAPrivateKey):
        return "PS256"
    return next(name for kind, name in _ML_DSA.items() if isinstance(key, kind))


@dataclass(frozen=True)
class Acts:
    """What can be done with one format; sample: what is signed where nothing is said."""

    form: Format
    sample: bytes

    def sign(
        self,
        document: bytes | None = None,
        city: City | None = None,
        holder: Holder | None = None,
        *,
        level: Level = Level.B_T,
        at: int = NOW,
        stamp: Callable[[bytes], bytes] | None = None,
        **wanted: Any,
    ) -> bytes:
        """`wanted` are further fields of the request."""
        city = city or shared_city()
        holder = holder or city.official
        wanted.setdefault("algorithm", usual(holder.key))
        request = PrepareRequest(holder.der, holder.chain, at, level=level, **wanted)
        prepared = self.form.prepare(self.sample if document is None else document, request)
        signature = sign_message(holder.key, prepared.algorithm, prepared.signed_attributes)
        return self.form.embed(prepared, signature, stamp or (lambda imprint: city.stamp(imprint, at=at)))

    def add(self, document: bytes, holder: Holder, *, beside: Beside = ALONE, **wanted: Any) -> bytes:
        """One more signer beside those that are there."""
        return self.sign(document, holder=holder, packaging=Packaging.BESIDE, beside=beside, **wanted)

    def counter(self, document: bytes, holder: Holder, target: tuple[int, ...] = (0,), **wanted: Any) -> bytes:
        """A signature over a signature."""
        return self.sign(document, holder=holder, packaging=Packaging.COUNTER, target=target, **wanted)

    def extend(
        self,
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
        return self.form.extend(document, level, sources, beside).content

    @staticmethod
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
