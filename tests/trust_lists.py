"""Scheme operators for the tests, and lists as they sign them; attacks take a good one apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from base.texts import Text
from keys.trust.lists import words
from keys.trust.lists.facts import Provider, Service, Spell, TrustList
from keys.trust.lists.sealing import seal_list
from keys.trust.lists.writing import write_list
from tests.signing_pki import DAY, NOW, Holder, issue, shared_city

PAGE = "https://ca.example.vn/danh-sach"
LIST_SIGNER = x509.ObjectIdentifier(words.LIST_SIGNER)


@dataclass(frozen=True)
class Operator:
    """Who signs lists."""

    holder: Holder

    @property
    def der(self) -> bytes:
        return self.holder.der

    def signs(self, root: Any, at: int = NOW) -> bytes:
        return seal_list(root, self.der, lambda data: self.holder.key.sign(data, ec.ECDSA(hashes.SHA256())), at=at)

    def publishes(self, found: TrustList) -> bytes:
        return self.signs(write_list(found, information=PAGE, city="Hà Nội"), at=found.issued)


def operator(*purposes: x509.ObjectIdentifier, **options: Any) -> Operator:
    """A fresh one."""
    return Operator(issue("Đơn vị vận hành", None, purposes=purposes or (LIST_SIGNER,), **options))


@cache
def shared_operator() -> Operator:
    return operator()


def service(*spells: tuple[str, int], certificate: bytes = b"", kind: str = words.CA_PUBLIC_KEY) -> Service:
    """Of the shared city's root, granted since a year unless something else is said; spells: newest first."""
    said = tuple(Spell(status, since) for status, since in spells) or (Spell(words.GRANTED, NOW - 365 * DAY),)
    der = certificate or shared_city().root.der
    return Service(kind, Text("Dịch vụ chứng thực", "Certification service"), (der,), said)


def the_list(*services: Service, **changes: Any) -> TrustList:
    """Number 7, issued an hour ago, to be followed within a month."""
    provider = Provider(Text("Ban Cơ yếu", "Cipher Committee"), "VATVN-0100000000", PAGE, services or (service(),))
    made = TrustList(
        version=6,
        sequence=7,
        kind=words.LIST_TYPE.format("VN"),
        operator=Text("Cơ quan quản lý", "Supervisory body"),
        territory="VN",
        issued=NOW - 3600,
        next_update=NOW + 30 * DAY,
        providers=(provider,),
    )
    return replace(made, **changes)


def altered(raw: bytes, change: Callable[[Any], Any]) -> bytes:
    """The same list after somebody has changed its tree; `change` may return another root."""
    root = etree.fromstring(raw)
    returned = change(root)
    return bytes(etree.tostring(root if returned is None else returned, encoding="UTF-8", xml_declaration=True))
