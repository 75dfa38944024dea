"""What a job does, at once or later: verify a document, bring its signatures to a higher level, or seal it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from base.texts import Lang
from keys.api import KeyHandle
from signing.flows.extend import ExtensionOrder, extend_document
from signing.flows.fetch_lists import Kept
from signing.flows.own_trust import own_trust
from signing.flows.seal import SealOrder, seal_document
from signing.flows.sealed_pdf import sealed_pdf
from signing.flows.verify import LIMITS, verify_document
from signing.formats.base import Level
from signing.formats.choice import media_type_of
from signing.reports import REPORTS
from signing.reports.base import NamedReport
from signing.reports.sheet import sheet_of
from signing.services import SigningServices
from signing.validation.located import ALONE, Beside

VERIFY, EXTEND, SEAL = "verify", "extend", "seal"
PDF = "pdf"
"""The report that is drawn and sealed, beside those of REPORTS."""


@dataclass(frozen=True, slots=True)
class Options:
    """
    What was asked for. digest: of the content of a detached signature, hexadecimal, or empty.

    report, lang: of a verification (a name of REPORTS, or PDF). level: of an extension. seal, client_id, format: the
    handle of a seal, the application that uses it, and how; empty for the usual format.
    """

    name: str
    digest: str = ""
    report: str = "json"
    lang: Lang = "vi"
    level: str = ""
    seal: str = ""
    client_id: str = ""
    format: str = ""

    def as_text(self) -> str:
        """JSON, with the same letters for the same options."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True, slots=True)
class Result:
    """Bytes and what they are."""

    media_type: str
    content: bytes


def read_options(text: str) -> Options:
    """The inverse of as_text()."""
    found: dict[str, Any] = orjson.loads(text)
    return Options(**found)


def perform(
    services: SigningServices, kind: str, options: Options, document: bytes, content: bytes | None = None
) -> Result:
    """
    content: what a detached signature is over, where it came along.

    Raises: SigningError: what extend_document() finds, `busy`; a verification raises only `busy`. AntinError: what
            seal_document() finds.
    """
    if kind == SEAL:
        order = SealOrder(document, options.name, KeyHandle(options.seal), options.client_id, options.format)
        with services.signing_gate.enter():
            sealed = seal_document(services, order)
        return Result(media_type_of(sealed), sealed)
    beside = Beside(content=content) if content else ALONE
    if options.digest:
        beside = Beside(digest=bytes.fromhex(options.digest))
    with services.verify_gate.enter():
        return (
            _verify(services, options, document, beside)
            if kind == VERIFY
            else _extend(services, options, document, beside)
        )


def _verify(services: SigningServices, options: Options, document: bytes, beside: Beside) -> Result:
    report = verify_document(
        document,
        moment=services.base.clock.now(),
        own=own_trust(services.keys),
        beside=beside,
        http=services.base.http,
        policy=services.policy,
        limits=LIMITS,
        kept=Kept(services.list_memory, services.base.clock.monotonic(), lists=False),
        hosts=services.settings.issuer_hosts,
    )
    if options.report == PDF:
        sheet = sheet_of([NamedReport(options.name, report)], options.lang)
        return Result("application/pdf", sealed_pdf(services, sheet))
    form = next(one for one in REPORTS if one.name == options.report)
    return Result(form.media_types[0], form.render(report, options.lang, options.name))


def _extend(services: SigningServices, options: Options, document: bytes, beside: Beside) -> Result:
    order = ExtensionOrder(
        document=document,
        level=Level(options.level),
        moment=services.base.clock.now(),
        own=own_trust(services.keys),
        timestamper=services.keys.timestamp,
        beside=beside,
        http=services.base.http,
    )
    content = extend_document(order).content
    return Result(media_type_of(content), content)
