"""
A JWS taken apart: compact, flattened or general, into its payload and its signatures. Nothing in it is verified here.

What stands outside the signature has one form only: no member that the serialization does not know, and nothing in the
unprotected header but `etsiU`, so nothing there can speak for the signer.
Source: RFC 7515 §3.1, §7.1, §7.2; RFC 7797 §5; TS 119 182-1 §5.3.1 (etsiU), §5.3.2 (cSig).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from signing.formats.json_strict import NotStrict, base64url, compact_json, from_base64url, parse_object

MOST_BYTES = 64 * 1024 * 1024
MOST_SIGNATURES = 64
MOST_UNSIGNED = 128
COUNTER = "cSig"
_COMPACT = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")
_SIGNATURE_MEMBERS = frozenset(("protected", "header", "signature"))
_FLATTENED, _GENERAL = _SIGNATURE_MEMBERS | {"payload"}, frozenset(("payload", "signatures"))


class Serialization(StrEnum):
    """How a JWS is written down."""

    COMPACT = "compact"
    FLATTENED = "flattened"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """
    One element of etsiU. written: base64url as it stands in the array, or None for one in the clear.

    name, value: the only member inside.
    """

    written: str | None = field(repr=False)
    name: str
    value: Any = field(repr=False)

    def element(self) -> Any:
        """As it stands in the array."""
        return {self.name: self.value} if self.written is None else self.written


@dataclass(frozen=True, slots=True)
class JwsSignature:
    """protected, value: the base64url segments. header: what is inside the first. unsigned: the elements of etsiU."""

    protected: str = field(repr=False)
    header: dict[str, Any] = field(repr=False)
    value: str = field(repr=False)
    unsigned: tuple[Unsigned, ...] = field(default=(), repr=False)

    def members(self) -> dict[str, Any]:
        """Its members in a JSON serialization."""
        unsigned = {"header": {"etsiU": [one.element() for one in self.unsigned]}} if self.unsigned else {}
        return {"protected": self.protected, **unsigned, "signature": self.value}

    def and_unsigned(self, name: str, value: Any) -> JwsSignature:
        """With one more unsigned element: in base64url, which can be archived, unless others stand in the clear."""
        clear = bool(self.unsigned) and self.unsigned[0].written is None
        one = Unsigned(None, name, value) if clear else new_unsigned(name, value)
        return replace(self, unsigned=(*self.unsigned, one))

    @property
    def is_encoded(self) -> bool:
        """Whether the payload is signed in base64url (RFC 7797 §3)."""
        return self.header.get("b64", True) is not False


@dataclass(frozen=True, slots=True)
class Jws:
    """payload: the member as it is written, empty where the content is elsewhere."""

    serialization: Serialization
    payload: str = field(repr=False)
    signatures: tuple[JwsSignature, ...]

    def write(self) -> bytes:
        """The file. A compact one with unsigned elements becomes flattened; several signatures make it general."""
        payload = {"payload": self.payload} if self.payload else {}
        if len(self.signatures) != 1 or self.serialization is Serialization.GENERAL:
            return compact_json({**payload, "signatures": [one.members() for one in self.signatures]})
        (only,) = self.signatures
        if self.serialization is Serialization.COMPACT and not only.unsigned:
            return f"{only.protected}.{self.payload}.{only.value}".encode("ascii")
        return compact_json({**payload, **only.members()})


def new_unsigned(name: str, value: Any) -> Unsigned:
    """An element of etsiU in base64url."""
    return Unsigned(base64url(compact_json({name: value})), name, value)


def starts_jws(document: bytes) -> bool:
    """Whether it is meant to be a JWS, even if broken. JSON that holds a JWS somewhere inside is not one itself."""
    head = document[:64].lstrip(b" \t\r\n")
    if not head.startswith(b"{"):
        return head.startswith(b"ey") and document.count(b".") == 2 and bool(_COMPACT.fullmatch(document.strip()))
    if b"signature" not in document and rb"\u" not in document:
        return False
    if len(document) > MOST_BYTES:
        return b'"protected"' in document
    try:
        return _is_jws(parse_object(document))
    except NotStrict:
        return b'"signature' in document and b'"protected"' in document


def _is_jws(members: dict[str, Any]) -> bool:
    several = members.get("signatures")
    inner = isinstance(several, list) and any(isinstance(one, dict) and "signature" in one for one in several)
    return inner or ("signature" in members and "protected" in members)


def open_jws(document: bytes) -> Jws:
    """Raises: NotStrict: for every defect."""
    if len(document) > MOST_BYTES:
        raise NotStrict(f"{len(document)} bytes, at most {MOST_BYTES}")
    if _COMPACT.fullmatch(document):
        return _open_compact(document.decode("ascii"))
    members = parse_object(document)
    if "signatures" not in members:
        _check_members(members, _FLATTENED)
        return Jws(Serialization.FLATTENED, _payload(members), (_open_signature(members),))
    _check_members(members, _GENERAL)
    several = members["signatures"]
    if not isinstance(several, list) or not 0 < len(several) <= MOST_SIGNATURES:
        raise NotStrict(f"one to {MOST_SIGNATURES} signatures")
    for one in several:
        _check_members(one, _SIGNATURE_MEMBERS)
    signatures = tuple(_open_signature(one) for one in several)
    if len({one.is_encoded for one in signatures}) > 1:
        raise NotStrict("signatures that read one payload in two ways")  # RFC 7797 §3
    return Jws(Serialization.GENERAL, _payload(members), signatures)


def open_counter(value: Any) -> Jws:
    """What a cSig holds: one JWS, compact or flattened, without a payload of its own. Raises: NotStrict."""
    if isinstance(value, str):
        found = open_jws(value.encode("utf-8"))
    else:
        found = open_jws(compact_json(value))
    if len(found.signatures) != 1 or found.payload:
        raise NotStrict("a counter-signature is one signature without a payload")
    return found


def _open_compact(text: str) -> Jws:
    protected, payload, value = text.split(".")
    return Jws(Serialization.COMPACT, payload, (_signature(protected, value, ()),))


def _open_signature(members: dict[str, Any]) -> JwsSignature:
    protected, value = members.get("protected"), members.get("signature")
    if not isinstance(protected, str) or not isinstance(value, str):
        raise NotStrict("a signature without its protected header or its value")
    return _signature(protected, value, _unsigned(members.get("header")) if "header" in members else ())


def _signature(protected: str, value: str, unsigned: tuple[Unsigned, ...]) -> JwsSignature:
    if not from_base64url(value):
        raise NotStrict("an empty signature value")
    return JwsSignature(protected, parse_object(from_base64url(protected)), value, unsigned)


def _payload(members: dict[str, Any]) -> str:
    payload = members.get("payload", "")
    if not isinstance(payload, str):
        raise NotStrict("a payload that is no string")
    return payload


def _unsigned(header: Any) -> tuple[Unsigned, ...]:
    """TS 119 182-1 §5.3.1: etsiU and nothing else; its elements all in base64url or all in the clear."""
    _check_members(header, frozenset(("etsiU",)))
    elements = header.get("etsiU")
    if not isinstance(elements, list) or not 0 < len(elements) <= MOST_UNSIGNED:
        raise NotStrict(f"etsiU with one to {MOST_UNSIGNED} elements")
    if len({isinstance(one, str) for one in elements}) > 1:
        raise NotStrict("etsiU with elements of two kinds")
    return tuple(_open_unsigned(one) for one in elements)


def _open_unsigned(element: Any) -> Unsigned:
    written = element if isinstance(element, str) else None
    inside = element if written is None else parse_object(from_base64url(written))
    if not isinstance(inside, dict) or len(inside) != 1:
        raise NotStrict("an element of etsiU is an object with one member")
    ((name, value),) = inside.items()
    return Unsigned(written, name, value)


def _check_members(members: Any, known: frozenset[str]) -> None:
    if not isinstance(members, dict) or not members.keys() <= known:
        raise NotStrict("a member that does not belong there")
