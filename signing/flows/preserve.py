"""
A folder of signed files kept verifiable: what is due is extended to B-LTA or renewed, one file after the other.

What was done stands in the files themselves, so a campaign that was interrupted is resumed by running it again: a file
that is done is no longer due.

1. Each file is verified; what nobody signed, and what is in no format that can be kept, is left alone.
2. What is due (validation/renewal.py) is extended as `antin extend` does it, with all its checks.
3. The new version takes the place of the old one in one step (store/archive_folder.py); then it is recorded.
A file that fails stays as it was, is named, and keeps none of the others from being done.
Source: ETSI TS 119 511 §6.5, §7.15.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from base.errors import AntinError
from signing.errors import SigningError
from signing.flows.extend import ExtensionOrder, extend_document
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import Level
from signing.store.archive_folder import ArchiveFolder, Found
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.renewal import renewal_due
from signing.validation.report import Report

MOST_BYTES = 512 * 1024 * 1024
_DETACHED = ".p7s"
log = logging.getLogger("antin.preserve")


class Outcome(StrEnum):
    """
    DONE: extended or renewed. DUE: would be, were this not a dry run. CURRENT: not due yet. SKIPPED: nothing that can
    be kept. FAILED: due or not verifiable, and still as it was.
    """

    DONE = "done"
    DUE = "due"
    CURRENT = "current"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file. name: from the folder. why: a machine word. before, after: hexadecimal SHA-256."""

    name: str
    outcome: Outcome
    why: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """
    order:  what every extension is made with; its document is put in. until: as in renewal.py. record: is told of every
            replaced file, right after. dry: nothing is stamped or written.
    """

    order: ExtensionOrder = field(repr=False)
    until: int
    record: Callable[[Result], None] = field(repr=False)
    dry: bool = False


def preserve(folder: ArchiveFolder, campaign: Campaign) -> Iterator[Result]:
    """What became of each file, in the order of their names, as it happens. Raises: OSError: no such folder."""
    if not campaign.dry:
        folder.clear_remnants()
    for name in folder.names():
        yield _kept(folder, name, campaign)


def _kept(folder: ArchiveFolder, name: Path, campaign: Campaign) -> Result:
    try:
        return _attempt(folder, name, campaign)
    except AntinError as error:
        return Result(str(name), Outcome.FAILED, error.code)
    except Exception as error:  # a silent authority or a bad disk must not keep the other files from being done
        log.warning("%s failed: %s", name, type(error).__name__)
        return Result(str(name), Outcome.FAILED, type(error).__name__)


def _attempt(folder: ArchiveFolder, name: Path, campaign: Campaign) -> Result:
    found = folder.read(name, MOST_BYTES)
    if found is None:
        return Result(str(name), Outcome.FAILED, "too_large")
    known = next((one for one in FORMATS if one.recognises(found.content)), None)
    if known is None or Level.B_LTA not in known.extension_levels:
        return Result(str(name), Outcome.SKIPPED, "unknown_format" if known is None else "format_cannot_be_kept")
    order = replace(campaign.order, document=found.content, level=Level.B_LTA, beside=_beside(found.path))
    report = _verified(order)
    if not report.signatures:
        why = next((said.code for said in report.findings if said.indication is not None), "no_signature")
        return Result(str(name), Outcome.SKIPPED if why == "no_signature" else Outcome.FAILED, why)
    if report.indication is Indication.TOTAL_FAILED:
        return Result(str(name), Outcome.FAILED, str(report.sub_indication))
    due = renewal_due(report, campaign.until)
    if due is None:
        return Result(str(name), Outcome.CURRENT)
    if campaign.dry:
        return Result(str(name), Outcome.DUE, due)
    return _replaced(folder, name, found, due, order, campaign)


def _replaced(
    folder: ArchiveFolder, name: Path, found: Found, due: str, order: ExtensionOrder, campaign: Campaign
) -> Result:
    extended = extend_document(order).content
    folder.replace(found, extended)
    before, after = (hashlib.sha256(content).hexdigest() for content in (found.content, extended))
    result = Result(str(name), Outcome.DONE, due, before, after)
    campaign.record(result)
    return result


def _verified(order: ExtensionOrder) -> Report:
    return verify_document(
        order.document,
        moment=order.moment,
        own=order.own,
        lists=order.lists,
        beside=order.beside,
        http=order.http,
        policy=order.policy,
    )


def _beside(path: Path) -> Beside:
    """The content of a detached signature: the file of the same name without the ending."""
    content = path.with_suffix("")
    if path.suffix.lower() != _DETACHED or content.is_symlink() or not content.is_file():
        return ALONE
    if content.stat().st_size > MOST_BYTES:
        raise SigningError("too_large", vi="Tệp nội dung quá lớn.", en="The content is too large.")
    return Beside(content=content.read_bytes())
