"""The validation objects of a report: each certificate and time stamp once, in full, named by its bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from signing.reports.etsi_words import CERTIFICATE, DS, TIMESTAMP, VR, add, instant
from signing.validation.facts import StampFacts

_LETTERS = {CERTIFICATE: "C", TIMESTAMP: "T"}


@dataclass(slots=True)
class ObjectList:
    """entries: name → (kind, DER, epoch seconds of a time stamp or None), in the order they were met."""

    entries: dict[str, tuple[str, bytes, int | None]] = field(default_factory=dict)

    def add_certificate(self, der: bytes) -> str:
        """Its name."""
        return self._add(CERTIFICATE, der, None)

    def add_stamp(self, stamp: StampFacts) -> None:
        """The token and the path of its authority."""
        if not stamp.token:
            return
        self._add(TIMESTAMP, stamp.token, stamp.time)
        if stamp.signer.chain is not None:
            for link in stamp.signer.chain.links:
                self.add_certificate(link.der)

    @staticmethod
    def name_of(kind: str, der: bytes) -> str:
        """An XML ID."""
        return f"{_LETTERS[kind]}-{hashlib.sha256(der).hexdigest().upper()}"

    @staticmethod
    def digest(parent: Element, algorithm: str, value: bytes) -> None:
        """Fill a XAdES DigestAlgAndValue."""
        add(parent, f"{{{DS}}}DigestMethod", Algorithm=algorithm)
        add(parent, f"{{{DS}}}DigestValue", base64.b64encode(value).decode())

    def as_element(self) -> Element:
        """SignatureValidationObjects. Source: TS 119 102-2 §4.4."""
        whole = Element(f"{{{VR}}}SignatureValidationObjects")
        for name, (kind, der, time) in self.entries.items():
            entry = add(whole, "ValidationObject", id=name)
            add(entry, "ObjectType", kind)
            add(add(entry, "ValidationObjectRepresentation"), "base64", base64.b64encode(der).decode())
            if time is not None:
                add(add(entry, "POEProvisioning"), "POETime", instant(time))
        return whole

    def _add(self, kind: str, der: bytes, time: int | None) -> str:
        name = self.name_of(kind, der)
        self.entries.setdefault(name, (kind, der, time))
        return name
