"""
A verification on its way into a process under limits and back (base/run/confined.py).

What is trusted goes there once and stands; a report comes back without the lists and anchors, which nobody shows. What
comes back is taken apart again only into our own kinds of facts: it comes from where a stranger's document was read.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Generator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import lru_cache
from importlib import import_module
from operator import attrgetter
from typing import Any

from signing.flows.verify_inside import Asked, Fetched, Inquiry, look_inside
from signing.validation.cms import CmsFacts
from signing.validation.document_digests import DocumentDigests
from signing.validation.effort import Effort
from signing.validation.facts import ArchiveFacts, SignerFacts, Trust
from signing.validation.located import Beside, LocatedSignature
from signing.validation.missing import Wanted
from signing.validation.report import Report
from signing.validation.revocation import RevocationFacts
from signing.validation.signed import SignedContent, StampInput

Fetch = Callable[[Asked], Fetched]
TASK = f"{__name__}:session"
LOADS = ("signing.validation.gather", "signing.validation.chains", "signing.formats.pdf_reader")
ABSENT = ("aiohttp",)
"""pyHanko loads it to fetch with; here nothing is fetched. It took a third of the time and a fifth of the memory."""
_OURS = ("signing.validation.", "base.texts")
_STANDING = ("anchors", "known", "lists", "domains", "granted", "late", "policy", "hosts")


def standing_of(trust: Trust) -> tuple[object, ...]:
    """What is the same for many verifications."""
    return tuple(getattr(trust, name) for name in _STANDING)


def standing_bytes(trust: Trust) -> bytes:
    return pickle.dumps(dict(zip(_STANDING, standing_of(trust), strict=True)))


def order_of(inquiry: Inquiry) -> tuple[bytes, ...]:
    """The parts of one verification: its moment, what is beside it, the document."""
    beside = inquiry.beside
    names = tuple(name for name, _data in beside.files)
    head = (
        inquiry.trust.moment,
        inquiry.trust.asked_online,
        beside.digest,
        beside.content is not None,
        names,
        beside.password,
    )
    content = [beside.content] if beside.content is not None else []
    files = (data for _name, data in beside.files)
    return (pickle.dumps(head), inquiry.document, *content, *files, *beside.records)


def session(standing: bytes, parts: tuple[bytes, ...]) -> Generator[bytes, bytes, bytes]:
    """The verification, inside."""
    moment, asked_online, digest, has_content, names, password = _ours(parts[0])
    trust = replace(_standing(standing), moment=moment, asked_online=asked_online, effort=Effort())
    first = 3 if has_content else 2
    files, records = parts[first : first + len(names)], tuple(map(bytes, parts[first + len(names) :]))
    named = tuple(zip(names, files, strict=True))
    content = parts[2] if has_content else None
    beside = Beside(content=content, digest=digest, files=named, records=records, password=password)
    inside = look_inside(Inquiry(parts[1], beside, trust, DocumentDigests(parts[1])))
    try:
        asked = next(inside)
        while True:
            asked = inside.send(_ours((yield pickle.dumps(asked))))
    except StopIteration as done:
        return report_bytes(done.value)


@lru_cache(maxsize=1)
def _standing(data: bytes) -> Trust:
    return Trust(**_ours(data))


def answer_with(fetch: Fetch) -> Callable[[bytes], bytes]:
    """What a session asks, as the parent answers it."""
    return lambda question: pickle.dumps(fetch(_asked(_ours(question))))


def _asked(question: Any) -> Asked:
    if not isinstance(question, tuple) or not all(isinstance(one, Wanted) for one in question):
        raise pickle.UnpicklingError("not a question")
    return question


def report_bytes(report: Report) -> bytes:
    """A report as it travels."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, protocol=5)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(report)
    return out.getvalue()


def report_from(data: bytes) -> Report:
    """Raises: pickle.UnpicklingError: it holds anything but facts."""
    report = _ours(data)
    if not isinstance(report, Report):
        raise pickle.UnpicklingError("not a report")
    return report


class _Ours(pickle.Unpickler):
    """Makes data classes and words of ours, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = _named(module, name)
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found


@lru_cache(maxsize=256)
def _named(module: str, name: str) -> type | None:
    if not module.startswith(_OURS) or "." in name:
        return None
    found: Any = getattr(import_module(module), name, None)
    kind = isinstance(found, type) and found.__module__ == module and (is_dataclass(found) or issubclass(found, Enum))
    return found if kind else None


def _ours(data: bytes) -> Any:
    return _Ours(io.BytesIO(data)).load()


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How our facts travel: data classes by their fields in order, which is quicker than by name and state."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if not kind.__module__.startswith(_OURS):
            raise KeyError(kind)
        if issubclass(kind, Enum):
            return self.setdefault(kind, lambda word: (kind, (word.value,)))
        entries = fields(kind) if is_dataclass(kind) else ()
        if len(entries) < 2 or any(entry.kw_only or not entry.init for entry in entries):
            raise KeyError(kind)
        values = attrgetter(*(entry.name for entry in entries))
        return self.setdefault(kind, lambda thing: (kind, values(thing)))


def _without(kind: type, **nothing: Any) -> Callable[[Any], Any]:
    """How a kind travels whose bulk stays behind, because no report shows it."""
    try:
        reduce = _REDUCERS[kind]
    except KeyError:
        reduce = lambda thing: thing.__reduce_ex__(4)  # noqa: E731  # one of two
    return lambda thing: reduce(replace(thing, **nothing))


_REDUCERS = _Reducers()
_REDUCERS[Trust] = lambda trust: (Trust, ((), (), (), trust.moment, trust.asked_online))
for _kind, _nothing in (
    (SignerFacts, {"lists": (), "effort": None}),
    (RevocationFacts, {"source": b""}),
    (ArchiveFacts, {"covers": ()}),
    (SignedContent, {"data": b""}),
    (StampInput, {"over": None, "covers": ()}),
    (LocatedSignature, {"cms": b"", "store": None, "kept": ()}),
    (CmsFacts, {"content": None, "signature_parameters": None, "lists": ()}),
):
    _REDUCERS[_kind] = _without(_kind, **_nothing)
