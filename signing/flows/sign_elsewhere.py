"""
A signature whose key is not here: a smart card, another office's module, a remote signing service.

1. `prepare_elsewhere`: everything but the value; the holder of the key is given what to sign. Nothing is stamped yet.
2. However much later, `finish_elsewhere`: put the value in, stamp, and judge the result before it is handed out: the
   value must have been made by the key of the certificate over what was prepared.

Whose certificate it is and whether we trust it, the report says: a signature by a stranger is one all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from signing.errors import SignatureRefused
from signing.flows.self_check import judge_document
from signing.flows.sign import LEAST_STAMP_BYTES
from signing.flows.verify import LIMITS
from signing.formats import format_named
from signing.formats.base import (
    NO_TERMS,
    NOTHING_STATED,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Statements,
    Terms,
    VisibleSignature,
)
from signing.formats.paused import unreadable
from signing.formats.signature_algorithms import ALGORITHMS
from signing.services import SigningServices
from signing.validation.certificates import facts_of
from signing.validation.located import ALONE, Beside
from signing.validation.report import SignatureReport

OF_KEYS = {"EC secp256r1": "ES256", "EC secp384r1": "ES384", "EC secp521r1": "ES512", "Ed25519": "EdDSA"}
"""What a kind of key signs with; one of RSA with PS256, unless its holder cannot."""
_REQUIRED = frozenset(("hash_mismatch", "signature_wrong", "container", "ess_mismatch", "algorithm_unknown"))


@dataclass(frozen=True, slots=True)
class ElsewhereOrder:
    """
    certificate: DER of the signer's; chain: DER of those above it. algorithm: empty for what the key usually signs
    with. The rest as in SigningOrder.
    """

    document: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(default=(), repr=False)
    algorithm: str = ""
    format: str = "PAdES"
    level: Level = Level.B_T
    packaging: Packaging | None = None
    target: tuple[int, ...] = ()
    beside: Beside = ALONE
    nodes: tuple[str, ...] = ()
    joint: bool = False
    statements: Statements = NOTHING_STATED
    file_name: str = ""
    terms: Terms = NO_TERMS
    visible: VisibleSignature | None = None


def prepare_elsewhere(services: SigningServices, order: ElsewhereOrder) -> Prepared:
    """Raises: SignatureRefused: a key that cannot sign; what the format refuses. CertificateUnreadable."""
    found = format_named(order.format)
    holder = facts_of(order.certificate)
    request = PrepareRequest(
        certificate=order.certificate,
        chain=order.chain,
        signing_time=services.base.clock.now(),
        level=order.level,
        name=holder.subject,
        algorithm=_algorithm(holder.key, order.algorithm),
        stamp_bytes=max(LEAST_STAMP_BYTES, services.keys.stamp_bytes()),
        packaging=order.packaging,
        target=order.target,
        beside=order.beside,
        nodes=order.nodes,
        joint=order.joint,
        statements=order.statements,
        file_name=order.file_name,
        terms=order.terms,
        visible=order.visible,
    )
    return found.prepare(order.document, request)


def finish_elsewhere(
    services: SigningServices, prepared: Prepared, value: bytes, beside: Beside = ALONE
) -> tuple[bytes, SignatureReport]:
    """
    The signed document, and what is to be said of the new signature.

    value:  ECDSA in DER, the others as they are. beside: the content, where the signature stands alone.
    Raises: SignatureRefused("value_does_not_fit"); what the time-stamp authority raises.
    """
    try:
        content = format_named(prepared.format).embed(prepared, value, services.keys.timestamp)
    except (ValueError, IndexError, TypeError) as error:  # a place that is none, in a file somebody has changed
        raise unreadable(f"{type(error).__name__}: {str(error)[:100]}") from error
    report = judge_document(services, content, beside=beside, limits=LIMITS)
    made = [one for one in report.signatures if one.judgement.case.facts.signer.certificate == prepared.certificate]
    wrong = {finding.code for one in made for finding in one.findings} & _REQUIRED
    if not made or wrong:
        raise SignatureRefused(
            "value_does_not_fit",
            vi="Giá trị chữ ký không khớp với chứng thư số và nội dung đã chuẩn bị nên không được ghép vào văn bản.",
            en="The signature value does not fit the certificate and what was prepared; it was not put in.",
            debug=" ".join(sorted(wrong)) or "no signature",
            status=422,
        )
    return content, made[-1]


def _algorithm(key: str, wanted: str) -> str:
    if key.startswith("RSA"):
        possible = [wanted or "PS256"] if wanted in ("", "PS256", "RS256") else []
    else:
        named = OF_KEYS.get(key, key)
        possible = [named] if named in ALGORITHMS and wanted in ("", named) else []
    if not possible:
        raise SignatureRefused(
            "key_type",
            vi="Khóa của chứng thư số này không ký bằng thuật toán đó.",
            en="The key of this certificate does not sign with that algorithm.",
            hint=f"{key} {wanted}"[:60],
        )
    return possible[0]
