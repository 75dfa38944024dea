"""Encrypted PDF files for tests: every revision of the standard handler, and dictionaries bent at will."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import StandardSecurityHandler
from pyhanko.pdf_utils.crypt.permissions import StandardPermissions
from pyhanko.pdf_utils.crypt.standard import StandardSecuritySettingsRevision as Revision
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

from tests import signing_pdfs as pdfs

Edit = Callable[[generic.DictionaryObject], None]
KINDS = {
    "RC4-40": (Revision.RC4_BASIC, 5, False),
    "RC4-128": (Revision.RC4_EXTENDED, 16, False),
    "RC4-128 by filter": (Revision.RC4_OR_AES128, 16, False),
    "AES-128": (Revision.RC4_OR_AES128, 16, True),
    "AES-256 of 2008": (Revision.AES256, 32, True),
    "AES-256": (Revision.AES256, 32, True),
}
OWNER = "của chủ"
EVERYTHING = StandardPermissions.allow_everything()
NO_NEW_FIELDS = EVERYTHING & ~StandardPermissions.ALLOW_MODIFICATION_GENERIC
NO_FORMS = NO_NEW_FIELDS & ~(StandardPermissions.ALLOW_ANNOTS_FORM_FILLING | StandardPermissions.ALLOW_FORM_FILLING)


@cache
def encrypted(
    kind: str = "AES-256",
    user: str = "",
    owner: str = "owner",
    permissions: StandardPermissions = EVERYTHING,
    *,
    document: bytes = b"",
    all_metadata: bool = True,
    stream_xrefs: bool = False,
) -> bytes:
    """The document (a plain one) under two passwords."""
    return bent(kind, lambda _dictionary: None, user, owner, permissions, document, all_metadata, stream_xrefs)


def bent(
    kind: str,
    edit: Edit,
    user: str = "",
    owner: str = "owner",
    permissions: StandardPermissions = EVERYTHING,
    document: bytes = b"",
    all_metadata: bool = True,
    stream_xrefs: bool = False,
    prepare: Callable[[PdfFileWriter], None] = lambda _writer: None,
) -> bytes:
    """The same with its encryption dictionary edited as it is written; prepare: what to do to the document before."""
    revision, key_bytes, aes = KINDS[kind]
    source = PdfFileReader(io.BytesIO(document or pdfs.plain()))
    writer = copy_into_new_writer(source, writer_kwargs={"stream_xrefs": stream_xrefs})

    class Bent(StandardSecurityHandler):
        def as_pdf_object(self) -> generic.DictionaryObject:
            dictionary: generic.DictionaryObject = super().as_pdf_object()  # type: ignore[no-untyped-call]  # as the library has it
            if kind == "AES-256 of 2008":
                _make_older(dictionary, self.get_file_encryption_key(), user, owner)
            edit(dictionary)
            return dictionary

    if revision is Revision.AES256:
        handler = Bent.build_from_pw(owner, user, perms=permissions, encrypt_metadata=all_metadata, pdf_mac=False)
    else:
        identity = writer._document_id[0].original_bytes
        handler = Bent.build_from_pw_legacy(
            revision,
            identity,
            owner,
            user,
            keylen_bytes=key_bytes,
            use_aes128=aes,
            perms=permissions,
            encrypt_metadata=all_metadata,
        )
    writer._assign_security_handler(handler)
    prepare(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _make_older(dictionary: generic.DictionaryObject, key: bytes, user: str, owner: str) -> None:
    """Revision 5, which the library does not write: each hash is one SHA-256 (Adobe Supplement, ExtensionLevel 3)."""
    made = b""
    for name, password in (("U", user.encode()), ("O", owner.encode())):
        check, salt = name.encode() * 8, name.lower().encode() * 8
        wrapping = hashlib.sha256(password + salt + made).digest()
        machine = Cipher(AES(wrapping), CBC(bytes(16))).encryptor()
        entry = hashlib.sha256(password + check + made).digest() + check + salt
        dictionary[f"/{name}"] = generic.ByteStringObject(entry)
        dictionary[f"/{name}E"] = generic.ByteStringObject(machine.update(key) + machine.finalize())
        made = made or entry
    dictionary["/R"] = generic.NumberObject(5)
