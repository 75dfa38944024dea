"""
Authorisation of a remote signature: which key may sign which documents, by digest.

Source: Cloud Signature Consortium API 2.1 (2025) §8.3.2, authorization details of type `…/2025/credential`; RFC 9396.
        Stricter than the source: one hash algorithm (SHA-256), one signature per document, a label for every document,
        and no member that we do not know, since the person could not be shown what it means.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.errors import OAuthError
from idp.protocol.details.base import Detail, Shown

TYPE = "https://cloudsignatureconsortium.org/2025/credential"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
MOST_DOCUMENTS = 20
MOST_LABEL_CHARACTERS = 200
_MEMBERS = {"type", "credentialID", "numSignatures", "documentDigests", "hashAlgorithmOID"}
_DIGEST_MEMBERS = {"hash", "label", "hashType"}


@dataclass(frozen=True, slots=True)
class DocumentDigest:
    """label: what the person knows the document by; digest: SHA-256 of the document, 64 hexadecimal characters."""

    label: str
    digest: str

    def as_json(self) -> dict[str, str]:
        """With the digest in standard base64."""
        coded = base64.b64encode(bytes.fromhex(self.digest)).decode()
        return {"hash": coded, "label": self.label, "hashType": "SDR"}


@dataclass(frozen=True, slots=True)
class SignatureAuthorisation:
    """credential_id: handle of the key; one signature for each document."""

    credential_id: str
    documents: tuple[DocumentDigest, ...]
    type: str = TYPE
    needs_second_factor: bool = True
    is_spent_once: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "type": TYPE,
            "credentialID": self.credential_id,
            "numSignatures": len(self.documents),
            "documentDigests": [document.as_json() for document in self.documents],
            "hashAlgorithmOID": SHA256_OID,
        }

    def covers(self, asked: Detail) -> bool:
        """The very same signature."""
        return asked == self

    def shown(self) -> Shown | None:
        """The consent page has a block for documents."""
        return None


class CredentialDetails:
    """Reads details of the type above."""

    type = TYPE

    def read(self, unverified: Mapping[str, Any]) -> SignatureAuthorisation:
        """
        Validate every member.

        Raises:  OAuthError("invalid_authorization_details").
        """
        if set(unverified) != _MEMBERS:
            raise _refused("members must be type, credentialID, numSignatures, documentDigests, hashAlgorithmOID")
        credential_id = unverified["credentialID"]
        if not isinstance(credential_id, str) or not 1 <= len(credential_id) <= 100 or not credential_id.isascii():
            raise _refused("credentialID must be a short ASCII string")
        if unverified["hashAlgorithmOID"] != SHA256_OID:
            raise _refused(f"hashAlgorithmOID must be {SHA256_OID}")
        digests = unverified["documentDigests"]
        if not isinstance(digests, list) or not 1 <= len(digests) <= MOST_DOCUMENTS:
            raise _refused(f"documentDigests must hold 1 to {MOST_DOCUMENTS} digests")
        documents = tuple(_document(item) for item in digests)
        if len({document.digest for document in documents}) != len(documents):
            raise _refused("documentDigests must differ from one another")
        count = unverified["numSignatures"]
        if isinstance(count, bool) or count != len(documents):
            raise _refused("numSignatures must equal the number of documentDigests")
        return SignatureAuthorisation(credential_id=credential_id, documents=documents)


def _document(unverified: Any) -> DocumentDigest:
    if not isinstance(unverified, dict) or set(unverified) != _DIGEST_MEMBERS or unverified["hashType"] != "SDR":
        raise _refused("each of documentDigests must have hash, label and hashType SDR")
    label, coded = unverified["label"], unverified["hash"]
    if not isinstance(label, str) or not label.strip() or len(label) > MOST_LABEL_CHARACTERS:
        raise _refused(f"label must have 1 to {MOST_LABEL_CHARACTERS} characters")
    if not label.isprintable():  # also refuses characters that reverse the writing direction on the consent page
        raise _refused("label must be printable text")
    try:
        raw = base64.b64decode(coded, validate=True) if isinstance(coded, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise _refused("hash must be the standard base64 of a SHA-256 digest")
    return DocumentDigest(label=label, digest=raw.hex())


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_authorization_details", why)
