"""Put questions to both until enough requests were compared, and account for every difference."""

from __future__ import annotations

import collections
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.city import City
from tests.interop.differential import providers, putting
from tests.interop.differential.clients import known_clients
from tests.interop.differential.explained import Judge
from tests.interop.differential.questions import Question, questions

COUNT, SEED = 5000, 1


def run(city: City, count: int = COUNT, seed: int = SEED) -> bool:
    """Compare this city's provider with the other one and print the account. True: every difference is explained."""
    clients = known_clients()
    with (
        tempfile.TemporaryDirectory(prefix="antin-differential-") as name,
        providers.both(city, Path(name), clients) as pair,
    ):
        judge = Judge(*pair)
        outcome = compare(judge, questions(clients, seed), count)
    for line in outcome.unexplained:
        print(f"UNEXPLAINED {line}")
    for reason, served in outcome.reasons.most_common():
        print(f"  {served:>5}  {reason}")
    idle = [entry.id for entry in judge.table if entry.id not in outcome.reasons]
    print(f"  entries that explained nothing this time: {', '.join(idle) or 'none'}")
    print(
        f"{outcome.asked} requests to each, seed {seed}: {outcome.alike} verdicts alike, "
        f"{sum(outcome.reasons.values())} explained, {len(outcome.unexplained)} not; {outcome.seconds:.0f} s",
        flush=True,
    )
    return not outcome.unexplained


@dataclass
class Outcome:
    """asked: requests to each side; unexplained: a line for each difference without a reason."""

    asked: int = 0
    alike: int = 0
    seconds: float = 0.0
    unexplained: list[str] = field(default_factory=list)
    reasons: collections.Counter[str] = field(default_factory=collections.Counter)


def compare(judge: Judge, asked: Iterator[Question], count: int) -> Outcome:
    """Put questions to both until `count` requests were compared."""
    outcome, began = Outcome(reasons=judge.used), time.monotonic()
    while outcome.asked < count:
        question = next(asked)
        answers = zip(putting.put(judge.ours, question), putting.put(judge.theirs, question), strict=True)
        for index, (ours, theirs) in enumerate(answers):
            if ours is None or theirs is None:
                continue  # the request that should have led here got two verdicts, and was compared itself
            outcome.asked += 1
            if ours.verdict.startswith("fault") or theirs.verdict.startswith("fault"):
                outcome.unexplained.append(_line(question, index, ours.verdict, theirs.verdict))
            elif ours.verdict == theirs.verdict:
                outcome.alike += 1
            elif not judge.explain(question, index, ours.verdict, theirs.verdict):
                outcome.unexplained.append(_line(question, index, ours.verdict, theirs.verdict))
    outcome.seconds = time.monotonic() - began
    return outcome


def _line(question: Question, index: int, ours: str, theirs: str) -> str:
    step = [step for step in question.steps if step.compared][index]
    changes = " & ".join(change.name for change in question.changes) or "nothing changed"
    return f"{question.kind} ({step.endpoint} of {step.client.id}), {changes}: ours {ours!r}, theirs {theirs!r}"
