"""Cases about names: what an authority may certify. Source: RFC 5280 §4.2.1.10, §6.1.3 (b, c), §6.1.4 (g)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.interop.path_making import AUTHORITY, CLIENT, LEAF, ROOT, WRITES, Case, Extension, case, limits, make, under

SUBJECTS = "does not read constraints on subjects, and refuses critical ones"
ADDRESSES = "does not read constraints on addresses (URI), and refuses them"
NETWORKS = "constraints on IP addresses are not read, and refused; signers of documents have none"


def trees(*names: x509.GeneralName) -> Extension:
    return x509.NameConstraints(list(names), None), True


def without(*names: x509.GeneralName) -> Extension:
    return x509.NameConstraints(None, list(names)), True


def with_alt(name: x509.GeneralName) -> tuple[Extension, ...]:
    return limits(ca=False), WRITES, (x509.SubjectAlternativeName([name]), False), CLIENT


HOST, MAIL, URI, IP = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier, x509.IPAddress
FOUR, SIX = IP(IPv4Network("10.1.0.0/16")), IP(IPv6Network("2001:db8::/32"))
NAMES: tuple[tuple[str, x509.GeneralName, x509.GeneralName, bool], ...] = (
    ("host within", HOST("tinh.example.vn"), HOST("mot.tinh.example.vn"), True),
    ("host itself", HOST("tinh.example.vn"), HOST("tinh.example.vn"), True),
    ("host outside", HOST("tinh.example.vn"), HOST("example.vn"), False),
    ("host that ends alike", HOST("tinh.example.vn"), HOST("nottinh.example.vn"), False),
    ("mailbox at the host", MAIL("tinh.example.vn"), MAIL("an@tinh.example.vn"), True),
    ("mailbox at another", MAIL("tinh.example.vn"), MAIL("an@mot.tinh.example.vn"), False),
    ("mailbox below a dot", MAIL(".example.vn"), MAIL("an@tinh.example.vn"), True),
    ("that very mailbox", MAIL("an@tinh.example.vn"), MAIL("an@tinh.example.vn"), True),
    ("another mailbox", MAIL("an@tinh.example.vn"), MAIL("binh@tinh.example.vn"), False),
    ("address within", URI("tinh.example.vn"), URI("https://tinh.example.vn/x"), True),
    ("address outside", URI("tinh.example.vn"), URI("https://bo.example.vn/x"), False),
    ("IPv4 within", FOUR, IP(ip_address("10.1.2.3")), True),
    ("IPv4 outside", FOUR, IP(ip_address("10.2.2.3")), False),
    ("IPv6 within", SIX, IP(ip_address("2001:db8::1")), True),
    ("IPv6 outside", SIX, IP(ip_address("2001:db9::1")), False),
    ("IPv6 where IPv4 is meant", FOUR, IP(ip_address("2001:db8::1")), False),
)
"""What is compared, the tree of names, the name, and whether it is in the tree."""


def names() -> Iterator[Case]:
    for what, tree, name, inside in NAMES:
        why: dict[str, Any] = {"tls": ADDRESSES} if isinstance(tree, URI) else {}
        why |= {"ours": NETWORKS} if isinstance(tree, IP) else {}
        for word, constraint, valid in (("permitted", trees(tree), inside), ("excluded", without(tree), not inside)):
            pair = under(*AUTHORITY, constraint, leaf=with_alt(name))
            yield case(f"{word}: {what}", "§4.2.1.10", *pair, valid=valid, **why)


def subjects() -> Iterator[Case]:
    province, ministry = (x509.DirectoryName(x509.Name(_organisation(one))) for one in ("Tỉnh", "Bộ"))
    yield case("permitted: subject within", "§4.2.1.10", *under(*AUTHORITY, trees(province)), valid=True, tls=SUBJECTS)
    yield case("permitted: subject outside", "§4.2.1.10", *under(*AUTHORITY, trees(ministry)))
    yield case("excluded: subject within", "§4.2.1.10", *under(*AUTHORITY, without(province)))
    yield case(
        "excluded: subject outside", "§4.2.1.10", *under(*AUTHORITY, without(ministry)), valid=True, tls=SUBJECTS
    )
    both = (x509.NameConstraints([HOST("vn")], [HOST("tinh.vn")]), True)
    yield case("both: excluded wins", "§6.1.3 (c)", *under(*AUTHORITY, both, leaf=with_alt(HOST("a.tinh.vn"))))
    yield case("of another kind of name", "§4.2.1.10", *under(*AUTHORITY, trees(HOST("tinh.vn"))), valid=True)
    yield case("not critical, and holds all the same", "§4.2.1.10", *under(*AUTHORITY, (trees(ministry)[0], False)))
    narrow = make("Hẹp", ROOT, (*AUTHORITY, trees(ministry)))
    wide = make("Rộng", narrow, (*AUTHORITY, trees(province, ministry)))
    yield case("cannot be widened below", "§6.1.4 (g)", make("An", wide, LEAF), wide, narrow)


def _organisation(name: str) -> list[x509.NameAttribute[str]]:
    return [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)]
