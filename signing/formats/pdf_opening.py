"""
An encrypted document opened with a password: the library reads it with a handler of ours.

1. The encryption dictionary is read strictly (pdf_encryption); every revision names the same one, and none rewrote it.
2. No stream but the metadata is left in plain text by a filter of its own.
3. The password gives the key (pdf_password); the permissions of the document bind whoever did not open it as its owner.
Source: ISO 32000-2 §7.6.4.2 (Table 22), §7.6.6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import CryptFilterConfiguration, StandardSecurityHandler
from pyhanko.pdf_utils.crypt.api import SecurityHandlerVersion
from pyhanko.pdf_utils.crypt.permissions import StandardPermissions
from pyhanko.pdf_utils.crypt.standard import (
    StandardAESCryptFilter,
    StandardRC4CryptFilter,
    StandardSecuritySettingsRevision,
)
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.formats.pdf_encryption import IDENTITY, Encryption, Methods, read_encryption
from signing.formats.pdf_password import Locked, PermissionsForged, Unlocked, unlock
from signing.formats.pdf_refusals import refuse
from signing.formats.pdf_tokens import Budget, Dictionary, Document, TokenError, read_value

_MODIFY, _ANNOTATE, _FILL = 1 << 3, 1 << 5, 1 << 8
_LIBRARY_REVISION = {2: 2, 3: 3, 4: 4, 5: 6, 6: 6}
"""The library knows no revision 5; once the key is there, 6 is the same."""
_CRYPT = re.compile(
    rb"/(?:C|#43)(?:r|#72)(?:y|#79)(?:p|#70)(?:t|#74)(?=[\x00\t\n\x0c\r \[\]<>()/%])"  # each may be written escaped
)
_OBJECT = re.compile(rb"\d[\x00\t\n\x0c\r ]+obj(?=[\x00\t\n\x0c\r <])")
_MOST_BEFORE = 4096
"""Bytes between the beginning of an object and the name of its filter."""
_MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Access:
    """What may be done. permissions: /P; revision: /R; is_owner: everything."""

    permissions: int
    revision: int
    is_owner: bool

    def may_add_fields(self) -> bool:
        """Whether a new signature field may be made."""
        wanted = _MODIFY | _ANNOTATE
        return self.is_owner or self.permissions & wanted == wanted

    def may_fill_fields(self) -> bool:
        """Whether a signature field that is there may be signed."""
        wanted = _ANNOTATE if self.revision == 2 else _ANNOTATE | _FILL
        return self.is_owner or bool(self.permissions & wanted)


class Reader(PdfFileReader):
    """
    The library's reader, which asks us to open what is encrypted.

    All of it may raise DocumentRefused: pdf_encrypted (a password is needed), pdf_password_wrong,
    pdf_encryption_unknown, pdf_encryption_odd.
    """

    def __init__(self, stream: Any, strict: bool, limits: DecodeLimits, password: str) -> None:
        self._password = password
        self._handler: StandardSecurityHandler | None = None
        self.access: Access | None = None
        super().__init__(stream, strict=strict, decode_limits=limits)

    @property
    def security_handler(self) -> StandardSecurityHandler | None:
        """The opened handler; None for a document that is not encrypted."""
        if self._handler is None and (dictionary := self.encrypt_dict) is not None:
            self._handler = self._open(dictionary)
        return self._handler

    def get_object(  # type: ignore[override]  # as the library's own reader has it
        self,
        ref: generic.Reference,
        revision: int | None = None,
        never_decrypt: bool = False,
        transparent_decrypt: bool = True,
        as_metadata_stream: bool = False,
    ) -> generic.PdfObject:
        """
        An object, decrypted through and through whatever is asked for, but never_decrypt.

        The library would hand out what is in it one by one, and its rules for later changes look past what is not
        handed out: to them, whatever an array or a dictionary leads to would be unreachable, and so harmless.
        """
        found: generic.PdfObject = super().get_object(  # type: ignore[no-untyped-call]  # untyped in the library
            ref, revision, never_decrypt, False, as_metadata_stream
        )
        if not isinstance(found, generic.DecryptedObjectProxy):
            return found
        plain = _plain(found)
        if revision is None:
            self.cache_indirect_object(ref.generation, ref.idnum, plain)  # type: ignore[no-untyped-call]  # as above
        return plain

    def _open(self, dictionary: generic.DictionaryObject) -> StandardSecurityHandler:
        _check_one(self)
        encryption = read_encryption(dictionary, _first_half(self.trailer.flatten()))
        _check_streams(self.stream.document, encryption.methods)
        try:
            unlocked = unlock(encryption.locked, self._password)
            if unlocked is None and self._password:
                unlocked = unlock(encryption.locked, "")  # one that anybody can open needs no password
        except PermissionsForged as error:
            raise refuse("pdf_encryption_odd", "other permissions than those that were sealed") from error
        if unlocked is None:
            raise refuse("pdf_password_wrong" if self._password else "pdf_encrypted")
        locked = encryption.locked
        self.access = Access(locked.permissions, locked.revision, unlocked.is_owner)
        return _Handler(encryption, unlocked)


class _Handler(StandardSecurityHandler):
    """The library's handler, with the key that we have found."""

    def __init__(self, encryption: Encryption, unlocked: Unlocked) -> None:
        locked = encryption.locked
        super().__init__(
            version=SecurityHandlerVersion(encryption.version),
            revision=StandardSecuritySettingsRevision(_LIBRARY_REVISION[locked.revision]),
            legacy_keylen=locked.key_bytes,
            perm_flags=StandardPermissions.allow_everything(),
            odata=locked.owner,
            udata=locked.user,
            oeseed=locked.owner_key,
            ueseed=locked.user_key,
            encrypted_perms=locked.sealed,
            encrypt_metadata=locked.all_metadata,
            crypt_filter_config=_filters(locked, encryption.methods) if encryption.methods else None,
        )
        self._unlocked = unlocked

    def get_file_encryption_key(self) -> bytes:
        return self._unlocked.key


def _plain(value: generic.PdfObject) -> generic.PdfObject:
    """The value without anything encrypted in it; of a signature, /Contents never is."""
    if isinstance(value, generic.DecryptedObjectProxy):
        value = value.decrypted
    if isinstance(value, generic.DictionaryObject):
        signed = "/ByteRange" in value
        for key, held in list(value.items()):
            exempt = signed and key == "/Contents" and isinstance(held, generic.DecryptedObjectProxy)
            value[key] = held.raw_object if exempt else _plain(held)
    elif isinstance(value, generic.ArrayObject):
        value[:] = [_plain(held) for held in list(value)]
    return value


def _filters(locked: Locked, methods: Methods) -> CryptFilterConfiguration:
    def made(method: str) -> Any:
        if method == "/V2":
            return StandardRC4CryptFilter(keylen=locked.key_bytes)
        return StandardAESCryptFilter(keylen=locked.key_bytes)

    return CryptFilterConfiguration(
        {generic.pdf_name(name): made(method) for name, method in methods.filters.items()},
        default_stream_filter=generic.pdf_name(methods.default),
        default_string_filter=generic.pdf_name(methods.default),
        default_file_filter=generic.pdf_name(methods.files),
    )


def _first_half(trailer: generic.DictionaryObject) -> bytes:
    """Of /ID, a part of the key before revision 5; empty if there is none."""
    identity = trailer.get("/ID")
    first = identity.raw_get(0) if isinstance(identity, generic.ArrayObject) and identity else None
    return bytes(getattr(first, "original_bytes", b""))


def _check_one(reader: Reader) -> None:
    """Every revision has the same encryption and the same /ID, and the dictionary was written once."""
    newest_first = reader.trailer._trailer_revisions  # its public face looks through to older ones
    named = [trailer.raw_get("/Encrypt") if "/Encrypt" in trailer else None for trailer in newest_first]
    halves = [_first_half(trailer) for trailer in newest_first if "/ID" in trailer]
    if any(one != named[0] for one in named) or any(one != halves[0] for one in halves):
        raise refuse("pdf_encryption_odd", "a revision that is encrypted in another way")
    if isinstance(named[0], generic.IndirectObject):
        xrefs, number = reader.xrefs, named[0].idnum
        revisions = [xrefs.get_xref_data(one) for one in range(xrefs.total_revisions)]
        if any(number in one.xrefs_in_objstm for one in revisions) or (
            sum(number in one.standard_xrefs for one in revisions) != 1
        ):
            raise refuse("pdf_encryption_odd", "the encryption dictionary was written again")


def _check_streams(document: Document, methods: Methods | None) -> None:
    """
    Streams that name a filter of their own: the metadata, for leaving it in plain text, and files, where they alone
    are encrypted.

    Names are never encrypted, so they are found as they stand; ciphertext that looks like one does not happen.
    """
    for count, found in enumerate(_CRYPT.finditer(document)):
        begin = max(0, found.start() - _MOST_BEFORE)
        headers = list(_OBJECT.finditer(document, begin, found.start()))
        try:
            at = headers[-1].end() if headers and count < _MOST_NAMED else len(document)
            value, end = read_value(document, at, Budget(1000))
        except TokenError:
            value, end = None, 0
        if end <= found.start() or not _may_differ(value, methods):
            raise refuse("pdf_encryption_odd", "a stream with a filter of its own")


def _may_differ(value: object, methods: Methods | None) -> bool:
    if not isinstance(value, Dictionary):
        return False
    parameters = value.value("DecodeParms")
    listed = parameters if isinstance(parameters, list) else [parameters]
    named = {f"/{one.value('Name') or 'Identity'}" for one in listed if isinstance(one, Dictionary)} or {IDENTITY}
    if value.value("Type") == "EmbeddedFile" and methods is not None and methods.default == IDENTITY:
        return named == {methods.files}
    return value.value("Type") == "Metadata" and named == {IDENTITY}


def check_may_add_fields(reader: Reader, given: bool = False) -> None:
    """
    given: a signature field that is there is to be signed; else a new one.

    Raises: DocumentRefused("pdf_no_permission").
    """
    access = reader.access if reader.encrypted else None
    if access is not None and not (access.may_fill_fields() if given else access.may_add_fields()):
        raise refuse("pdf_no_permission")
