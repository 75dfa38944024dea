"""
The encryption dictionary of a PDF, read strictly.

Only the standard handler is known, in the forms that its standard names: one method for strings and streams alike, key
lengths and values of the prescribed width, filters that are defined. Whatever else a file says is refused: what such a
file shows depends on the viewer (Müller et al., "Practical Decryption exFiltration", 2019).
Source: ISO 32000-2 §7.6.2 to §7.6.6, Tables 20, 21, 25; ISO/TS 32003, 32004 (not known here).
"""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from signing.errors import DocumentRefused
from signing.formats.pdf_password import Locked
from signing.formats.pdf_refusals import refuse

REVISIONS = {1: (2, 3), 2: (3,), 4: (4,), 5: (5, 6)}
"""/V → the revisions /R that go with it."""
METHODS = {4: ("/V2", "/AESV2"), 5: ("/AESV3",)}
IDENTITY = "/Identity"
_OWN_LENGTH = {1: 40, 4: 128, 5: 256}
"""/V → bits of the key, where no other number makes sense."""
_LENGTHS = {"/V2": (16, 128), "/AESV2": (16, 128), "/AESV3": (32, 256)}
"""/Length of a filter: bytes by the standard of 2020, bits by the one before."""


@dataclass(frozen=True, slots=True)
class Methods:
    """What decrypts. filters: method (/CFM) by name; default: the one for streams and strings; files: for files."""

    filters: dict[str, str]
    default: str
    files: str


@dataclass(frozen=True, slots=True)
class Encryption:
    """What the dictionary says. version: /V; methods: None before version 4, which has one of its own."""

    version: int
    locked: Locked
    methods: Methods | None


def read_encryption(dictionary: generic.DictionaryObject, identity: bytes) -> Encryption:
    """
    identity: the first half of /ID.

    Raises: DocumentRefused: pdf_encryption_unknown: another handler or version; pdf_encryption_odd: values that do not
            go together.
    """
    version, revision = _number(dictionary, "/V"), _number(dictionary, "/R")
    if _direct(dictionary, "/Filter") != "/Standard" or version not in REVISIONS or "/KDFSalt" in dictionary:
        raise refuse("pdf_encryption_unknown", f"handler {_direct(dictionary, '/Filter')}, version {version}")
    if revision not in REVISIONS[version]:
        raise _odd(f"revision {revision} in version {version}")
    width = 48 if version == 5 else 32
    all_metadata = _direct(dictionary, "/EncryptMetadata")
    if all_metadata is not None and not isinstance(all_metadata, generic.BooleanObject):
        raise _odd("/EncryptMetadata")
    locked = Locked(
        revision=revision,
        key_bytes=_key_bytes(dictionary, version),
        owner=_string(dictionary, "/O", width),
        user=_string(dictionary, "/U", width),
        permissions=_number(dictionary, "/P") & 0xFFFFFFFF,
        all_metadata=all_metadata is None or bool(all_metadata),
        identity=identity,
        owner_key=_string(dictionary, "/OE", 32) if version == 5 else b"",
        user_key=_string(dictionary, "/UE", 32) if version == 5 else b"",
        sealed=_string(dictionary, "/Perms", 16) if version == 5 else b"",
    )
    return Encryption(version, locked, _methods(dictionary, version) if version >= 4 else None)


def _key_bytes(dictionary: generic.DictionaryObject, version: int) -> int:
    usual = _OWN_LENGTH.get(version, 40)
    bits = usual if "/Length" not in dictionary else _number(dictionary, "/Length")
    if (bits != usual and version != 2) or bits % 8 or not 40 <= bits <= 256:
        raise _odd(f"a key of {bits} bits in version {version}")
    if version == 2 and bits > 128:
        raise _odd(f"a key of {bits} bits in version {version}")
    return bits // 8


def _methods(dictionary: generic.DictionaryObject, version: int) -> Methods:
    defined = _direct(dictionary, "/CF")
    filters: dict[str, str] = {}
    if not isinstance(defined, generic.DictionaryObject):
        raise _odd("/CF is no dictionary")
    for name in defined:
        one = _direct(defined, name)
        if name == IDENTITY or not isinstance(one, generic.DictionaryObject):
            raise _odd(f"filter {name}")
        filters[str(name)] = _method(one, version)
    streams, strings = _name(dictionary, "/StmF", IDENTITY), _name(dictionary, "/StrF", IDENTITY)
    files = _name(dictionary, "/EFF", streams)
    if streams != strings or (files != streams and streams != IDENTITY):
        raise _odd("a part of the document is not encrypted as the rest is")
    if not {streams, files} <= {IDENTITY, *filters}:
        raise _odd("a filter that is not defined")
    return Methods(filters, streams, files)


def _method(one: generic.DictionaryObject, version: int) -> str:
    method = _name(one, "/CFM", "/None")
    if method not in METHODS[version] or _name(one, "/AuthEvent", "/DocOpen") not in ("/DocOpen", "/EFOpen"):
        raise _odd(f"method {method} in version {version}")
    if "/Length" in one and _number(one, "/Length") not in _LENGTHS[method]:
        raise _odd(f"a key length that method {method} has not")
    return method


def _direct(holder: generic.DictionaryObject, key: str) -> object:
    """The value as it stands: a reference would have to be decrypted to be read."""
    value = holder.raw_get(key) if key in holder else None
    if isinstance(value, generic.IndirectObject):
        raise _odd(f"{key} stands elsewhere")
    return value


def _number(holder: generic.DictionaryObject, key: str) -> int:
    value = _direct(holder, key)
    if not isinstance(value, generic.NumberObject):
        raise _odd(f"{key} is no number")
    return int(value)


def _name(holder: generic.DictionaryObject, key: str, default: str) -> str:
    value = _direct(holder, key)
    if value is not None and not isinstance(value, generic.NameObject):
        raise _odd(f"{key} is no name")
    return default if value is None else str(value)


def _string(holder: generic.DictionaryObject, key: str, width: int) -> bytes:
    """Exactly so long; some producers fill up with zeros."""
    value = _direct(holder, key)
    if not isinstance(value, (generic.TextStringObject, generic.ByteStringObject)):
        raise _odd(f"{key} is no string")
    raw = bytes(value.original_bytes)
    if len(raw) < width or raw[width:].strip(b"\x00"):
        raise _odd(f"{key} has {len(raw)} bytes")
    return raw[:width]


def _odd(hint: str) -> DocumentRefused:
    return refuse("pdf_encryption_odd", hint)
