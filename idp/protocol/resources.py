"""
Resource servers: which there are, which scopes each one knows, and where a token goes.

A token is for exactly one place. Its client says which (`resource`), within what it is registered for and what was
granted; at a place that is registered here, the token carries only the scopes that belong there.

Source: RFC 8707 §2, §2.1, §2.2; RFC 9068 §3; RFC 9700 §2.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from base.texts import Text
from idp.errors import OAuthError, RegistrationRefused

REPEATABLE = frozenset({"resource", "audience"})
"""Parameters that may come several times (RFC 8707 §2; RFC 8693 §2.1). Their values are joined by a space."""
MOST_CHARACTERS = 300
MOST_SCOPES = 50
_URI = re.compile(r"[A-Za-z0-9:/?\[\]@!$&'()*+,;=._~%-]+")
_SCOPE_WORD = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,100}")
_MEMBERS = frozenset({"resource", "name", "name#en", "scopes"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource server: its address, its name, and what each of its scopes allows, in words for people."""

    identifier: str
    title: Text
    scopes: Mapping[str, Text]


Resources = Mapping[str, Resource]
"""Every resource server by its address."""


def is_resource(given: object) -> bool:
    """Whether a resource can be called that: an absolute address without fragment (RFC 8707 §2)."""
    if not isinstance(given, str) or len(given) > MOST_CHARACTERS or _URI.fullmatch(given) is None:
        return False
    try:
        return bool(urlsplit(given).scheme)
    except ValueError:  # brackets that hold no IPv6 address
        return False


def named_resources(parameters: Mapping[str, str], name: str = "resource") -> tuple[str, ...]:
    """What a request names, each once, in its order."""
    return tuple(dict.fromkeys(parameters.get(name, "").split()))


def scope_at(resources: Resources, audience: str | None, scope: frozenset[str]) -> frozenset[str]:
    """What of a scope belongs to that audience. An audience that is not registered here takes all of it."""
    known = resources.get(audience) if audience is not None else None
    return scope if known is None else scope & known.scopes.keys()


def invalid_target(why: str) -> OAuthError:
    """Source: RFC 8707 §2."""
    return OAuthError("invalid_target", why)


def read_resource(unverified: Mapping[str, Any]) -> Resource:
    """
    A resource server as an operator describes it:
    `{"resource": "https://…", "name": "…", "name#en": "…", "scopes": {"records.read": {"vi": "…", "en": "…"}}}`.

    Raises:  RegistrationRefused.
    """
    beyond = unverified.keys() - _MEMBERS
    if beyond:
        raise _refused(f"holds a member that is not known: {sorted(beyond)[0]}")
    identifier, name, scopes = unverified.get("resource"), unverified.get("name"), unverified.get("scopes", {})
    if not is_resource(identifier):
        raise _refused("must have an absolute address without a fragment as resource")
    if not isinstance(scopes, dict) or len(scopes) > MOST_SCOPES:
        raise _refused(f"must have an object of at most {MOST_SCOPES} scopes")
    if not all(_SCOPE_WORD.fullmatch(word) for word in scopes):
        raise _refused("has a scope that is malformed")
    return Resource(
        identifier=str(identifier),
        title=_text({"vi": name, "en": unverified.get("name#en", name)}),
        scopes={word: _text(said) for word, said in scopes.items()},
    )


def _text(given: Any) -> Text:
    words = (given.get("vi"), given.get("en", given.get("vi"))) if isinstance(given, dict) else (None, None)
    if not all(isinstance(word, str) and 1 <= len(word) <= 200 and word.isprintable() for word in words):
        raise _refused("needs printable names of 1 to 200 characters")
    return Text(str(words[0]), str(words[1]))


def _refused(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", f"the resource {why}")
