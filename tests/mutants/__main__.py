"""
`python -m tests.mutants [how many]`: mutants of every family through the verifier; chance is seeded, keys are fresh.

ACCEPTED is a mutant that passes although somebody else reads other content in it, or a signature in it was never made
over that content (another certificate, another claimed time, reason, place or algorithm), or a time is said to be
proven that is older than the first stamp. A record must not prove another file, nor an earlier time. What passes
otherwise means what its original means; it is counted by what was done. Exit code 0: none accepted, no trace, no limit.
"""

from __future__ import annotations

import random
import resource
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue

from signing.flows.existence import prove_existence
from signing.flows.own_trust import TrustSource
from signing.flows.verify import LIMITS, verify_document
from signing.validation.indications import Indication
from signing.validation.report import Report, SignatureReport
from tests.mutants.originals import AT, FORGES, Original, originals
from tests.mutants.readers import READERS
from tests.signing_pki import DAY, NOW, shared_city

SEED = 20_261_128
MUTANTS = 20_000
PROCESSES = 2
TRACE = "trace"
Fact = tuple[object, ...]


class OverLimit(BaseException):
    """Not an Exception, so that nobody who catches those goes on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one mutant. what: its family and what was done to it. wrong: why it must not be, empty if all is well."""

    what: str
    verdict: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Bench:
    """The originals, and of each family the signatures that were really made, with the content they were made over."""

    papers: tuple[Original, ...]
    contents: tuple[object, ...]
    made: frozenset[Fact]
    own: TrustSource


def open_bench() -> Bench:
    """Sign everything once. Raises: AssertionError: an original does not pass."""
    city = shared_city()
    lists = tuple(holder.sign_crl(AT - 30, AT + 90 * DAY) for holder in (city.root, city.issuing))
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), lists)
    papers = originals()
    contents = [None if one.family == "record" else READERS[one.family](one.document) for one in papers]
    made: set[Fact] = set()
    for paper, content in zip(papers, contents, strict=True):
        if paper.family == "record":
            assert _since(paper, paper.document, own) == NOW, paper.name
            continue
        report = verify_document(paper.document, moment=AT, own=own, beside=paper.beside)
        assert report.indication is Indication.TOTAL_PASSED, (paper.name, report.as_json())
        made.update((paper.family, content, fact_of(one)) for one in report.signatures)
    return Bench(papers, tuple(contents), frozenset(made), own)


def fact_of(one: SignatureReport) -> Fact:
    """What a person states by a signature: who, when, why, where, by what."""
    return one.certificate_sha256, one.claimed_time, one.reason, one.location, one.algorithm


def _since(paper: Original, record: bytes, own: TrustSource) -> int | None:
    return prove_existence(record, paper.beside.content or b"", moment=AT + DAY, own=own).since


def tried(bench: Bench, numbers: range) -> Iterator[Outcome]:
    """Each mutant has a source of chance of its own, so that it can be made again alone."""
    for number in numbers:
        paper = bench.papers[number % len(bench.papers)]
        same = [one for one in bench.papers if one.family == paper.family]
        chance = random.Random(SEED + number)
        done, mutant = "", paper.document
        while mutant == paper.document:  # some changes change nothing, and some cannot be written down
            with suppress(IndexError, ValueError):
                done, mutant = FORGES[paper.family](paper.document, chance.choice(same).document, chance)
        signal.setitimer(signal.ITIMER_PROF, LIMITS.cpu_seconds)
        try:
            verdict, wrong = judged(bench, number % len(bench.papers), mutant)
        except (Exception, OverLimit) as error:
            verdict, wrong = TRACE, f"{type(error).__name__}: {error}"
        what = f"{paper.family}, {done}"
        note = f"{paper.family} {paper.name}, {done} ({number}): {wrong}" if wrong else ""
        yield Outcome(what, verdict, note)


def judged(bench: Bench, place: int, mutant: bytes) -> tuple[str, str]:
    """The verdict, and why it must not be."""
    paper = bench.papers[place]
    if paper.family == "record":
        since = _since(paper, mutant, bench.own)
        stranger = prove_existence(mutant, b"another file", moment=AT + DAY, own=bench.own).since
        wrong = "it proves another file" if stranger is not None else ""
        return ("proves nothing" if since is None else "proves"), wrong or ("" if since in (None, NOW) else f"{since}")
    report = verify_document(mutant, moment=AT, own=bench.own, beside=paper.beside)
    if any(found.code == "internal" for found in report.findings):
        return TRACE, str(report.findings)
    if report.indication is not Indication.TOTAL_PASSED:
        return str(report.indication), ""
    return "passes", accepted(bench, place, mutant, report)


def accepted(bench: Bench, place: int, mutant: bytes, report: Report) -> str:
    """Whether a mutant that passes means something else than what was signed."""
    paper = bench.papers[place]
    content = READERS[paper.family](mutant)
    known = {fact for family, signed, fact in bench.made if (family, signed) == (paper.family, content)}
    if content != bench.contents[place] and not known:
        return f"others read {str(content)[:200]}"
    for one in report.signatures:
        if fact_of(one) not in known:
            return f"nobody made {fact_of(one)}"
        if one.time_source == "time-stamp" and (one.signing_time or 0) < NOW:
            return f"proven at {one.signing_time}"
    return ""


def main(count: int = MUTANTS) -> int:
    bench = open_bench()
    context = get_context("fork")
    queue: SimpleQueue[Outcome | None] = context.SimpleQueue()
    numbers = [range(first, count, PROCESSES) for first in range(PROCESSES)]
    workers = [context.Process(target=_put, args=(bench, part, queue)) for part in numbers]
    for worker in workers:
        worker.start()
    outcomes, wrong = _collected(queue)
    for worker in workers:
        worker.join()
    _say(outcomes, wrong, count)
    return 1 if wrong or outcomes.total() != count else 0


def _over(_number: int, _frame: object) -> None:
    raise OverLimit(f"more than {LIMITS.cpu_seconds} s of processor time")


def _put(bench: Bench, numbers: range, queue: SimpleQueue[Outcome | None]) -> None:
    """Part of the work, in a process of its own under the limits that a stranger's document has."""
    signal.signal(signal.SIGPROF, _over)
    resource.setrlimit(resource.RLIMIT_DATA, (LIMITS.memory_bytes, LIMITS.memory_bytes))
    try:
        for one in tried(bench, numbers):
            queue.put(one)
    finally:
        queue.put(None)


def _collected(queue: SimpleQueue[Outcome | None]) -> tuple[Counter[tuple[str, str]], list[str]]:
    """How many came to which verdict, and what is wrong, said as it comes."""
    outcomes: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    working = PROCESSES
    while working:
        one = queue.get()
        if one is None:
            working -= 1
            continue
        outcomes[one.what, one.verdict] += 1
        if one.wrong:
            wrong.append(one.wrong)
            print(f"  ✗ {one.wrong}", flush=True)
    return outcomes, wrong


def _say(outcomes: Counter[tuple[str, str]], wrong: list[str], count: int) -> None:
    for family in sorted({what.partition(",")[0] for what, _verdict in outcomes}):
        rows: Counter[str] = Counter()
        for (what, verdict), number in outcomes.items():
            if what.startswith(f"{family},"):
                rows[verdict] += number
        said = ", ".join(f"{number} {verdict}" for verdict, number in sorted(rows.items()))
        print(f"  {family}: {rows.total()} mutants: {said}")
    same = sorted((what, number) for (what, verdict), number in outcomes.items() if verdict in ("passes", "proves"))
    print("  what passes with the meaning of its original, by what was done to it:")
    print("    " + "; ".join(f"{what} {number}" for what, number in same))
    traces = sum(number for (_what, verdict), number in outcomes.items() if verdict == TRACE)
    fine = not wrong and outcomes.total() == count
    counted = f"{len(wrong) - traces} accepted, {traces} traces or over a limit"
    print(f"  {'✓' if fine else '✗'} {outcomes.total()} of {count} mutants: {counted}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MUTANTS))
