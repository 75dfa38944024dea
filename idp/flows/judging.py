"""
Judging a request at the authorization endpoint, and again at each page it waits behind.

A sign-in shows one request to the rules four times: when it comes, for the login page, for the password, and when it
goes on. The rules are pure, so the same request, begun at the same time, by the same client as it is registered now,
is judged the same; that answer is kept. A client that has changed is another object (base/versions.py) and is judged
anew, and so is whatever rests on something besides: a hint, a pushed or a signed request, and each refusal.
"""

from __future__ import annotations

from functools import lru_cache

from idp.protocol.request import AuthorizeFacts, AuthorizeRequest, UnverifiedRequest
from idp.protocol.steps import judge_request

KEPT = 512
LONGEST = 2048
"""Characters of a request that is kept: strangers decide what is in it, so this bounds the memory to about a MiB."""


class _Plain:
    """A request, and the facts it is judged by, where these are no more than a client and a time."""

    __slots__ = ("facts", "key", "unverified")

    def __init__(self, unverified: UnverifiedRequest, facts: AuthorizeFacts) -> None:
        self.unverified = unverified
        self.facts = facts
        self.key = (
            tuple(unverified.parameters.items()),
            unverified.duplicated,
            facts.issuer,
            facts.begun_at,
            facts.front_channel,
        )

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Plain) and self.key == other.key and self.facts.client is other.facts.client


_kept = lru_cache(KEPT)(lambda plain: judge_request(plain.unverified, plain.facts))


def judged(unverified: UnverifiedRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    judge_request() for the authorization endpoint.

    Raises:  UnsafeToRedirect: for the person alone. Refused: for the client.
    """
    besides = (facts.hint, facts.pushed, facts.request_object, facts.reference_problem or None)
    length = sum(len(name) + len(value) for name, value in unverified.parameters.items())
    if facts.client is None or besides != (None, None, None, None) or length > LONGEST:
        return judge_request(unverified, facts)
    return _kept(_Plain(unverified, facts))
