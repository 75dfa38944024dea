"""
A signed document brought to a higher level, or its archive time stamp renewed. Nothing is signed in anybody's name.

1. Verify first, in a process under limits: what fails, or takes too much, is not dressed up with time stamps.
2. The format adds what the level needs; certificates and fresh revocation data come from here, lists that are missing
   are fetched from where a *trusted* path says.
3. Verify again: no signature may be worse off, and each must have reached the level. Only then is it handed out.
Source: EN 319 102-1 §5.6; EN 319 122-1 §6.3; EN 319 142-1 §6.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from base.http import HttpClient
from signing.errors import SignatureRefused, SigningError
from signing.flows.fetch_lists import fetcher
from signing.flows.own_trust import TrustSource
from signing.flows.verify import LIMITS, verify_document
from signing.formats import FORMATS
from signing.formats.base import Extended, ExtensionSources, Format, Level, Timestamper, ValidationData
from signing.validation.effort import Effort
from signing.validation.indications import Indication, worst
from signing.validation.located import ALONE, Beside, Coverage
from signing.validation.missing import completed
from signing.validation.policy_file import ValidationPolicy
from signing.validation.report import Report, SignatureReport


@dataclass(frozen=True, slots=True)
class ExtensionOrder:
    """
    What to extend and with what. moment: now, epoch seconds. own: whom we trust, our authorities and lists.

    lists: DER of further revocation lists. http: None fetches nothing. policy: what is judged by; None means ours.
    """

    document: bytes = field(repr=False)
    level: Level
    moment: int
    own: TrustSource = field(repr=False)
    timestamper: Timestamper = field(repr=False)
    beside: Beside = ALONE
    lists: tuple[bytes, ...] = field(default=(), repr=False)
    http: HttpClient | None = field(default=None, repr=False)
    policy: ValidationPolicy | None = field(default=None, repr=False)


def extend_document(order: ExtensionOrder) -> Extended:
    """Raises: SigningError, and what the time-stamp authority raises; nothing half-extended leaves."""
    signature_format = _format_of(order.document)
    before = _verified(order, order.document)
    if not before.signatures or before.indication is Indication.TOTAL_FAILED:
        raise _refused(
            "not_extendable",
            "Chữ ký không hợp lệ hoặc không có chữ ký, nên không nâng mức.",
            "The signature is not valid, or there is none, so it is not extended.",
            f"{before.indication} {before.sub_indication}",
        )
    extended = signature_format.extend(order.document, order.level, sources_of(order), order.beside)
    _check(before, _verified(order, extended.content), order.level)
    return extended


def sources_of(order: ExtensionOrder) -> ExtensionSources:
    """Time stamps, paths and fresh lists, as the order has them."""
    return ExtensionSources(order.timestamper, _Collector(order).collect)


class _Collector:
    """Paths and fresh revocation data; what was fetched is used again for the next certificate."""

    def __init__(self, order: ExtensionOrder) -> None:
        self._order = order
        self._lists = (*order.own.lists, *order.lists)

    def collect(self, certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        """The path of a certificate and the newest list for each link. Raises: SignatureRefused: not to be had."""
        from signing.validation.answers import starts_answer
        from signing.validation.chains import build_chain  # its library is loaded by the first document
        from signing.validation.status import status_of

        order = self._order
        chain = build_chain(certificate, embedded, order.own.known, order.own.anchors, Effort())
        if not chain.trusted or chain.defect:
            raise _refused(
                "no_path",
                f"Chưa tin cậy được nơi cấp chứng thư số của {chain.leaf.subject} nên không nâng mức được.",
                f"The issuer of the certificate of {chain.leaf.subject} is not trusted, so nothing was extended.",
                chain.defect,
            )
        if order.http is not None:
            self._lists = completed(chain, self._lists, order.moment, fetcher(order.http))
        states = status_of(chain.links, self._lists, order.moment)
        for state in states:
            if not state.is_fresh(order.moment):
                subject = chain.links[state.position].subject
                raise _refused(
                    "no_revocation_data",
                    f"Chưa lấy được danh sách thu hồi mới cho chứng thư số của {subject} nên không nâng mức được.",
                    f"No current revocation list for the certificate of {subject} could be had; nothing was extended.",
                    status=503,
                )
        sources = tuple(dict.fromkeys(state.source for state in states))
        answers = tuple(one for one in sources if starts_answer(one))
        lists = tuple(one for one in sources if one not in answers)
        return ValidationData(tuple(link.der for link in chain.links), lists, answers)


def _format_of(document: bytes) -> Format:
    found = next((one for one in FORMATS if one.recognises(document)), None)
    if found is None:
        raise _refused(
            "not_extendable",
            "Tệp này không phải là tệp chữ ký nên không nâng mức được.",
            "This is no signature file, so it cannot be extended.",
        )
    return found


def _verified(order: ExtensionOrder, document: bytes) -> Report:
    return verify_document(
        document,
        moment=order.moment,
        own=order.own,
        lists=order.lists,
        beside=order.beside,
        http=order.http,
        policy=order.policy,
        limits=LIMITS,
    )


def _check(before: Report, after: Report, level: Level) -> None:
    """Raises: SignatureRefused("own_check_failed"): something is worse, or the level was not reached."""
    worse = len(before.signatures) != len(after.signatures) or (
        worst([(before.indication, None), (after.indication, None)])[0] is not before.indication
    )
    low = [one for one in after.signatures if one.coverage is not Coverage.SIGNATURE and not _has_reached(one, level)]
    if worse or low:
        raise _refused(
            "own_check_failed",
            "Bản nâng mức không vượt qua bước tự kiểm tra nên không được giao. Bản gốc còn nguyên.",
            "The extended copy did not pass our own check and was not handed out. The original is unchanged.",
            f"{after.indication} {after.sub_indication}",
            status=500,
        )


def _has_reached(signature: SignatureReport, level: Level) -> bool:
    """By what is there, and every time stamp of it counts: one of an authority that nobody trusts is worth nothing."""
    levels, case = list(Level), signature.judgement.case
    stamps = (*case.stamps, *case.archives)
    if not signature.level:
        return False
    return levels.index(Level(signature.level)) >= levels.index(level) and all(stamp.usable for stamp in stamps)


def _refused(code: str, vi: str, en: str, debug: str = "", status: int = 422) -> SigningError:
    return SignatureRefused(code, vi=vi, en=en, debug=debug, status=status)
