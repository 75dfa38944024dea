"""
Response types: what the authorization endpoint hands out itself. Each is a set of words; their order says nothing.

Source: OAuth 2.0 Multiple Response Type Encoding Practices §2.1, §3, §5; OpenID Connect Core §3; OpenID Connect
Registration §2 (which grant types belong to which response type).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponseType:
    """
    name:        as registrations and discovery write it.
    words:       the same as a set.
    grant_types: what a client must be registered for besides.
    """

    name: str
    words: frozenset[str]
    grant_types: frozenset[str]

    @property
    def has_code(self) -> bool:
        """A code is handed out, for the token endpoint."""
        return "code" in self.words

    @property
    def has_token(self) -> bool:
        """An access token travels through the browser."""
        return "token" in self.words

    @property
    def has_id_token(self) -> bool:
        """An ID token travels through the browser."""
        return "id_token" in self.words

    @property
    def is_front(self) -> bool:
        """Whether any token travels through the browser."""
        return IMPLICIT in self.grant_types


IMPLICIT = "implicit"
"""The grant type without a token request: it exists in registrations and in discovery alone."""


def _type(name: str) -> ResponseType:
    words = frozenset(name.split())
    by_code = {"authorization_code"} if "code" in words else set()
    in_front = {IMPLICIT} if words - {"code"} else set()
    return ResponseType(name, words, frozenset(by_code | in_front))


CODE = _type("code")
RESPONSE_TYPES = (
    CODE,
    _type("id_token"),
    _type("id_token token"),
    _type("code id_token"),
    _type("code token"),
    _type("code id_token token"),
)
"""`token` alone is no sign-in and is not offered."""
_BY_WORDS = {response_type.words: response_type for response_type in RESPONSE_TYPES}


def response_type_of(unverified: str) -> ResponseType | None:
    """The response type of a parameter or of an entry in a registration; None for what we do not have."""
    words = unverified.split(" ")
    return _BY_WORDS.get(frozenset(words)) if len(words) == len(set(words)) else None


def name_of(unverified: str) -> str:
    """Its name as we write it; what we do not have stays as it is, for whoever refuses it."""
    found = response_type_of(unverified)
    return unverified if found is None else found.name


def response_types_offered(*, front_channel: bool) -> tuple[ResponseType, ...]:
    """Those an installation has; front_channel: whether it hands out tokens at the authorization endpoint at all."""
    return tuple(one for one in RESPONSE_TYPES if front_channel or not one.is_front)


def default_mode(unverified: str | None) -> str:
    """
    How an answer travels where the request does not say: never in the query once a token is asked for, not even an
    error, and not even where the response type is one that we do not have.
    """
    return "fragment" if unverified is not None and {"token", "id_token"} & set(unverified.split(" ")) else "query"
