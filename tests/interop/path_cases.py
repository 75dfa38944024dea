"""
Certification paths that are right or wrong in one way each, made by ourselves: what a path validator meets in the wild.

A case is a leaf, what came with it, and whom is trusted; `valid` is what RFC 5280 says, its clause beside it. Whoever
judges it otherwise is named in `explained`, with the reason (tests/interop/paths.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from asn1crypto import algos
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.interop.path_making import (
    ALT,
    AUTHORITY,
    CA,
    CLIENT,
    DAY,
    LEAF,
    MOMENT,
    PERSON,
    ROOT,
    SIGNS,
    UNKNOWN,
    WRITES,
    Case,
    Extension,
    Made,
    case,
    chain_below,
    changed,
    dn,
    limits,
    make,
    under,
    usage,
)
from tests.interop.path_names import names, subjects

ROOT_TIME = "holds the anchor against its own period too"
ANCHOR = "takes an anchor's own certificate for more than a name and a key"
STRICT = "asked to be strict, it keeps the rules for who issues"
IDENTIFIER = "takes the key identifier for a condition; RFC 5280 §4.2.1.1 has it for finding the way"
SIGN = "does not look at the sign of a number"
ONE_ISSUER = "tries one issuer of a name"
WEB = "the TLS door keeps the stricter profile of the web (CA/Browser Forum BR 7.1)"


def basic() -> Iterator[Case]:
    below = make("Dưới", make("Cấp trên", ROOT), (limits(0), SIGNS))
    upper = make("Cấp trên", ROOT)
    lower = make("Cấp dưới", upper, (limits(0), SIGNS))
    yield case("two levels", "§6.1", PERSON, CA, valid=True)
    yield case("three levels", "§6.1", make("An", lower, LEAF), lower, upper, valid=True)
    yield case("certificates in any order", "§6.1", make("An", lower, LEAF), upper, lower, valid=True)
    yield case("under the anchor itself", "§6.1", make("An", ROOT, LEAF), valid=True)
    yield case("no way up", "§6.1.1 (d)", make("An", below, LEAF), below)
    yield case("nobody is trusted that is near", "§6.1.1 (d)", PERSON, CA, ROOT, anchors=[make("Gốc khác")])
    yield case("a root of the same name", "§6.1.3 (a)(1)", PERSON, CA, anchors=[make("Gốc")])
    yield case("an authority of the same name", "§6.1.3 (a)(1)", PERSON, make("Cấp chứng thư", ROOT))
    yield case("names that differ", "§6.1.3 (a)(4)", make("An", Made(make("Khác", ROOT).der, CA.key), LEAF), CA)
    other = Made(CA.der, CA.key)
    tampered = bytearray(make("An", other, LEAF).der)
    tampered[-4] ^= 1
    yield case("a signature that was changed", "§6.1.3 (a)(1)", Made(bytes(tampered), None), CA)
    yield case("an anchor that is no root", "§6.1.1 (d)", PERSON, anchors=[CA], valid=True)


def constraints() -> Iterator[Case]:
    yield case("an authority without basic constraints", "§6.1.4 (k)", *under(SIGNS))
    yield case("an authority that says it is none", "§6.1.4 (k)", *under(limits(ca=False), SIGNS))
    yield case("a person who issues", "§6.1.4 (k)", make("Giả", PERSON, LEAF), PERSON, CA)
    short = make("Ngắn", ROOT, (limits(0), SIGNS))
    yield case("longer than the path may be", "§6.1.4 (l)", *chain_below(short, 1))
    one = make("Một", ROOT, (limits(1), SIGNS))
    yield case("as long as the path may be", "§6.1.4 (m)", *chain_below(one, 1), valid=True)
    yield case("by one longer", "§6.1.4 (m)", *chain_below(one, 2))
    again = make("Ngắn", short, (limits(0), SIGNS))
    yield case(
        "a self-issued one does not count",
        "§6.1.4 (l)",
        make("An", again, LEAF),
        again,
        short,
        valid=True,
        tls="does not find its way through self-issued ones",
    )
    narrow_root = make("Gốc hẹp", None, (limits(0), SIGNS))
    lower = make("Dưới", narrow_root)
    yield case(
        "what the anchor itself says of length",
        "§6.1.1, RFC 5937",
        make("An", lower, LEAF),
        lower,
        anchors=[narrow_root],
        valid=True,
        tls=ANCHOR,
        openssl=ANCHOR,
    )
    not_critical = (limits(critical=False), SIGNS)
    yield case(
        "basic constraints that are not critical",
        "§4.2.1.9",
        *under(*not_critical),
        valid=True,
        tls=WEB,
        openssl=STRICT,
    )
    yield case("an authority that may not sign certificates", "§6.1.4 (n)", *under(limits(), WRITES))
    yield case("an authority without key usage", "§6.1.4 (n)", *under(limits()), valid=True, openssl=STRICT)
    yield case("key usage that is not critical", "§4.2.1.3", *under(limits(), (SIGNS[0], False)), valid=True)
    wants = (limits(ca=False), usage("digital_signature", "key_cert_sign"), ALT, CLIENT)
    yield case(
        "a person with the authority's bit", "§4.2.1.9", make("An", CA, wants), CA, valid=True, tls=WEB, openssl=STRICT
    )
    negative = changed(make("Âm", ROOT, (limits(1), SIGNS)), ROOT, _path_length(-1))
    yield case("a negative length", "§4.2.1.9", make("An", negative, LEAF), negative)


def _path_length(length: int) -> Callable[[Any], None]:
    def change(tbs: Any) -> None:
        for one in tbs["extensions"]:
            if one["extn_id"].native == "basic_constraints":
                one["extn_value"] = asn1.BasicConstraints({"ca": True, "path_len_constraint": length})

    return change


def purposes() -> Iterator[Case]:
    def leaf(*extensions: Extension) -> Made:
        return make("An", CA, (limits(ca=False), ALT, *extensions))

    def extended(*oids: x509.ObjectIdentifier) -> Extension:
        return x509.ExtendedKeyUsage(oids), False

    mail, server = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH
    yield case(
        "a key that signs no documents",
        "§4.2.1.3",
        leaf(usage("key_agreement"), CLIENT),
        CA,
        tls="TLS lets a key agree",
        openssl="asked for no purpose",
    )
    yield case(
        "a key for servers only", "§4.2.1.12", leaf(WRITES, extended(server)), CA, openssl="asked for no purpose"
    )
    yield case(
        "any purpose",
        "§4.2.1.12",
        leaf(WRITES, extended(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)),
        CA,
        valid=True,
        tls="TLS asks for its own purpose",
    )
    yield case(
        "mail only", "§4.2.1.12", leaf(WRITES, extended(mail)), CA, valid=True, tls="TLS asks for its own purpose"
    )
    yield case("no purpose said", "§4.2.1.12", leaf(WRITES), CA, valid=True)
    narrow = extended(mail, ExtendedKeyUsageOID.CLIENT_AUTH)
    yield case("an authority for these purposes", "§4.2.1.12", *under(*AUTHORITY, narrow), valid=True)


def extensions() -> Iterator[Case]:
    yield case("an unknown critical one of the person", "§6.1.5 (f)", make("An", CA, (*LEAF, (UNKNOWN, True))), CA)
    yield case("an unknown critical one above", "§6.1.4 (o)", *under(*AUTHORITY, (UNKNOWN, True)))
    yield case("an unknown one", "§4.2", make("An", CA, (*LEAF, (UNKNOWN, False))), CA, valid=True)
    twice = changed(PERSON, CA, lambda tbs: tbs["extensions"].append(tbs["extensions"][-1]))
    yield case("the same one twice", "§4.2", twice, CA)
    policy = x509.PolicyInformation(x509.ObjectIdentifier("2.999.1"), None)
    asks = (x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None), True)
    says = (x509.CertificatePolicies([policy]), False)
    yield case(
        "a policy is demanded and said",
        "§6.1.5 (g)",
        *under(*AUTHORITY, asks, says, leaf=(*LEAF, says)),
        valid=True,
        tls="does not read constraints on policies, and refuses them",
        openssl="asks the anchor for the policy too",
    )
    yield case("a policy is demanded and not said", "§6.1.5 (g)", *under(*AUTHORITY, asks, says))
    other = (x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.999.2"), None)]), False)
    yield case(
        "a policy is demanded and another said", "§6.1.5 (g)", *under(*AUTHORITY, asks, says, leaf=(*LEAF, other))
    )
    bare = make("Cấp", ROOT, identifiers=False)
    yield case(
        "no key identifiers", "§4.2.1.1", make("An", bare, LEAF, identifiers=False), bare, valid=True, openssl=STRICT
    )
    wrong = (x509.AuthorityKeyIdentifier(b"x" * 20, None, None), False)
    yield case(
        "another authority's key identifier",
        "§4.2.1.1",
        make("An", CA, (*LEAF, wrong), identifiers=False),
        CA,
        valid=True,
        openssl=IDENTIFIER,
    )
    named = (x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(dn("Khác"))], 7), False)
    yield case(
        "another authority's name and number",
        "§4.2.1.1",
        make("An", CA, (*LEAF, named), identifiers=False),
        CA,
        valid=True,
        openssl=IDENTIFIER,
    )


def encodings() -> Iterator[Case]:
    def serial(number: int) -> Made:
        return changed(PERSON, CA, lambda tbs: tbs.__setitem__("serial_number", number))

    yield case("number zero", "§4.1.2.2", serial(0), CA, openssl=SIGN)
    yield case("a negative number", "§4.1.2.2", serial(-5), CA, openssl=SIGN)
    yield case("a number of 20 bytes", "§4.1.2.2", serial(2**158), CA, valid=True)
    yield case("a number of 21 bytes", "§4.1.2.2", serial(2**165), CA, valid=True)
    first = changed(PERSON, CA, _version("v1"))
    yield case("version 1 with extensions", "§4.1.2.1", first, CA)
    yield case("version 2 with extensions", "§4.1.2.1", changed(PERSON, CA, _version("v2")), CA)
    plain = changed(make("Cấp", ROOT), ROOT, _bare)
    yield case("an authority of version 1", "§6.1.4 (k)", make("An", plain, LEAF), plain)
    yield case(
        "bytes behind it", "§4.1", Made(PERSON.der + b"\x00", None), CA, openssl="reads the first certificate of a file"
    )
    yield case("cut", "§4.1", Made(PERSON.der[:-1], None), CA)
    certificate = asn1.Certificate.load(PERSON.der)
    certificate["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha384_ecdsa"})
    yield case("two algorithms that differ", "§4.1.1.2", Made(certificate.dump(force=True), None), CA)
    late = changed(PERSON, CA, _generalized)
    yield case("GeneralizedTime before 2050", "§4.1.2.5", late, CA, valid=True, tls=WEB)


def _version(name: str) -> Callable[[Any], None]:
    return lambda tbs: tbs.__setitem__("version", name)


def _bare(tbs: Any) -> None:
    tbs["version"] = "v1"
    del tbs["extensions"]


def _generalized(tbs: Any) -> None:
    validity = tbs["validity"]
    validity["not_after"] = asn1.Time({"general_time": MOMENT + 400 * DAY})


def times() -> Iterator[Case]:
    gone, coming = MOMENT - DAY, MOMENT + DAY
    yield case("a person whose time is over", "§6.1.3 (a)(2)", make("An", CA, LEAF, ends=gone), CA)
    yield case("a person whose time has not come", "§6.1.3 (a)(2)", make("An", CA, LEAF, begins=coming), CA)
    old, new = make("Cấp", ROOT, ends=gone), make("Cấp", ROOT, begins=coming)
    yield case("an authority whose time is over", "§6.1.3 (a)(2)", make("An", old, LEAF), old)
    yield case("an authority whose time has not come", "§6.1.3 (a)(2)", make("An", new, LEAF), new)
    yield case(
        "in its last second",
        "§4.1.2.5",
        make("An", CA, LEAF, ends=MOMENT),
        CA,
        valid=True,
        openssl="for it the last second is over",
    )
    past = make("Gốc cũ", None, ends=MOMENT - DAY)
    yield case(
        "an anchor whose time is over",
        "§6.1.1 (d)",
        make("An", past, LEAF),
        anchors=[past],
        valid=True,
        openssl=ROOT_TIME,
        tls=ROOT_TIME,
    )


def strengths() -> Iterator[Case]:
    weak = make("An", CA, LEAF, key=rsa.generate_private_key(65_537, 1024))
    yield case("RSA of 1024 bits", "ETSI TS 119 312 §8", weak, CA, openssl="its lowest security level")
    yield case(
        "SHA-1 under the certificate",
        "ETSI TS 119 312 §8",
        changed(PERSON, CA, _by_sha1, "sha1"),
        CA,
        openssl="its lowest security level",
    )
    small = make("Cấp", ROOT, key=rsa.generate_private_key(3, 2048))
    yield case(
        "a public exponent of 3",
        "FIPS 186-5 §5.1",
        make("An", small, LEAF),
        small,
        openssl="takes any exponent",
    )


def _by_sha1(tbs: Any) -> None:
    tbs["signature"] = algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})


def graphs() -> Iterator[Case]:
    two = make("Gốc hai")
    crossed = make(dn("Cấp chứng thư"), two, (limits(0), SIGNS), key=CA.key)
    for name, pool in (("the right one first", (CA, crossed)), ("the wrong one first", (crossed, CA))):
        yield case(f"certified twice, {name}", "RFC 4158 §2.3", PERSON, *pool, valid=True, openssl=ONE_ISSUER)
    gone = make(dn("Cấp chứng thư"), ROOT, (limits(0), SIGNS), key=CA.key, ends=MOMENT - DAY)
    yield case("renewed, the old one first", "RFC 4158 §3.5.6", PERSON, gone, CA, valid=True)
    forbids = make(dn("Cấp chứng thư"), ROOT, (limits(0), WRITES), key=CA.key)
    yield case(
        "renewed, one that may not sign first",
        "RFC 4158 §3.5.3",
        PERSON,
        forbids,
        CA,
        valid=True,
        openssl=ONE_ISSUER,
    )
    one = make("Một")
    other = make("Hai", one)
    back = make(dn("Một"), other, key=one.key)
    yield case("authorities in a circle", "RFC 4158 §2.4.2", make("An", other, LEAF), other, back)
    alike = [make(dn("Giống"), None, key=one.key) for _ in range(40)]
    yield case(
        "forty that all certified each other", "RFC 4158 §2.4.2", make("An", Made(alike[0].der, one.key), LEAF), *alike
    )
    deep = chain_below(ROOT, 6)
    yield case("six authorities deep", "§6.1", *deep[:-1], valid=True, tls="at most four authorities deep")
    yield case(
        "twelve authorities deep",
        "§6.1",
        *chain_below(ROOT, 12)[:-1],
        valid=True,
        ours="at most eight links",
        tls="at most four authorities deep",
    )


GROUPS = (basic, constraints, purposes, names, subjects, extensions, encodings, times, strengths, graphs)


def cases() -> list[Case]:
    """All of them; keys and numbers are new each time."""
    return [one for group in GROUPS for one in group()]
