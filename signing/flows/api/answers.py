"""
Idempotency: the same question under the same key gets the same answer, and is acted on once.

The answer is kept in the transaction of the act, by a unique insert; whoever comes second finds it there. Of two at the
same moment one waits for the other's commit, fails at the insert, and undoes everything of its own.

Source: the Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header §2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from signing.errors import ApiRefused
from signing.services import SigningServices
from signing.store import api_answers
from signing.store.api_answers import KeptAnswer

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what under which key; key: empty without one. fingerprint: hexadecimal SHA-256 of what is asked."""

    client_id: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, Location and body (JSON) of an answer that can be given again."""

    status: int
    location: str
    body: str


def fingerprint_of(parts: Sequence[str | bytes]) -> str:
    """SHA-256 over parts, each with its length before it, so that nothing can move from one into the next."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()


def given_before(services: SigningServices, question: Question) -> Answer | None:
    """
    What this question was answered before.

    Raises: ApiRefused("key_reused"), 422: the key stands for another question. ("bad_key"): it is no key.
    """
    if not question.key:
        return None
    if len(question.key) > LONGEST_KEY or not question.key.isascii() or not question.key.isprintable():
        raise ApiRefused(
            "bad_key",
            vi=f"Idempotency-Key gồm 1 đến {LONGEST_KEY} ký tự ASCII in được.",
            en=f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.",
        )
    with services.base.db.read() as connection:
        kept = api_answers.find(connection, question.client_id, question.key, services.base.clock.now())
    if kept is None:
        return None
    if kept.fingerprint != question.fingerprint:
        raise ApiRefused(
            "key_reused",
            vi="Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới cho yêu cầu mới.",
            en="This Idempotency-Key was used for another request. Take a new one for a new request.",
            status=422,
        )
    return Answer(kept.status, kept.location, kept.body)


def act_once(
    services: SigningServices, question: Question, answer: Answer, act: Callable[[Connection], None]
) -> tuple[Answer, bool]:
    """
    Act and keep the answer in one transaction. Returns the answer that counts, and whether it is ours.

    Raises: what `act` raises; ApiRefused("key_reused").
    """
    now = services.base.clock.now()
    kept = KeptAnswer(question.fingerprint, answer.status, answer.location, answer.body)
    try:
        with services.base.db.begin() as connection:
            if question.key:
                api_answers.forget_key(connection, question.client_id, question.key, now)
                until = now + services.settings.api_repeat_seconds
                api_answers.keep(connection, question.client_id, question.key, kept, expires_at=until)
            act(connection)
    except IntegrityError:
        first = given_before(services, question)
        if first is None:
            raise
        return first, False
    return answer, True
