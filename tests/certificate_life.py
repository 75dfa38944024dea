"""
The life of certificates from a ceremony to their end, each step judged by others: what `make test` walks in one process
and `make interop` over HTTP with a city that runs.

1. A ceremony makes a root and an issuing authority; its minutes say which. A time-stamping unit under them.
2. An official's certificate and an agency's seal are issued: path, lists and responder.
3. Both sign a PDF: signature and time stamp taken out of the file.
4. The seal rests, and stands again; meanwhile it signs nothing.
5. Both are revoked: nothing is signed any more, and what was signed and stamped before still counts.
6. The authority is revoked: its root's list says so, and what it has issued falls with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.certificate_judges import Judge

AGENCY = ("--organisation", "Ủy ban nhân dân phường Bến Nghé")
STAMP = "signature_time_stamp_token"


@dataclass(frozen=True)
class Kind:
    """Keys of one algorithm in one place. suffix: of the names of its authorities. backend: empty: the usual one."""

    suffix: str
    algorithm: str
    backend: str = "software"


class Place(Protocol):
    """An installation. sign: with a key of that owner, as the provider approves it; raises what the product raises."""

    def antin(self, *words: str) -> tuple[str, str]: ...
    def get(self, path: str) -> bytes: ...
    def post(self, path: str, body: bytes, media_type: str) -> bytes: ...
    def sign(self, handle: str, owner: str, document: bytes) -> bytes: ...
    def verdict(self, document: bytes) -> str: ...
    def pause(self) -> None: ...


Report = Callable[[str, bool], None]
"""What was checked, and whether it is so."""


class Life:
    """One walk. Nothing raises for a wrong verdict: all of them are reported."""

    def __init__(self, place: Place, judge: Judge, kind: Kind, report: Report) -> None:
        self.place, self.judge, self.kind, self.report = place, judge, kind, report
        self.ca, self.top = f"issuing-{kind.suffix}", f"root-{kind.suffix}"
        self.handles: dict[str, str] = {}
        self.leaves: dict[str, bytes] = {}
        self.signed: dict[str, bytes] = {}

    def walk(self, document: bytes) -> None:
        self.ceremony()
        self.issue("official", "person", "u-1", "--name", "Nguyễn Thị Ánh")
        self.issue("seal", "legal-person", "o-1", "--identifier", "GO:VN-H29.1")
        self.use(document)
        self.suspend_and_resume(document)
        self.revoke(document)
        self.end_authority(document)

    def ceremony(self) -> None:
        made = ("--alg", self.kind.algorithm, "--backend", self.kind.backend)
        out, _ = self.place.antin(
            "ca", "ceremony", "--root", self.top, "--issuing", self.ca, *made, "--witness", "A B", "--place", "Phòng 1"
        )
        steps = json.loads(out)["steps"]
        found = [hashlib.sha256(one).hexdigest() for one in (self.root, self.issuing)]
        named = [step["certificate"]["sha256"] for step in steps]
        self.report("ceremony: the minutes name both certificates", named == found)
        places = {(step["key"]["algorithm"], step["key"]["backend"]) for step in steps}
        self.report("ceremony: keys of that kind, there", places == {(self.kind.algorithm, self.kind.backend)})
        self.place.antin("key", "rotate", "--purpose", "tsu", "--ca", self.ca, *made)

    def issue(self, name: str, profile: str, owner: str, *more: str) -> None:
        made = ("--alg", self.kind.algorithm, "--backend", self.kind.backend, "--ca", self.ca)
        out, err = self.place.antin(
            "certificate", "issue", "--profile", profile, "--owner", owner, *made, *AGENCY, *more
        )
        self.leaves[name] = x509.load_pem_x509_certificate(out.encode()).public_bytes(Encoding.DER)
        self.handles[name] = err.strip().splitlines()[-1]
        self.report(f"issued: {name}, path and lists", self.stands(name))
        self.status_is("issued", name, "good")

    def use(self, document: bytes) -> None:
        for name, owner in (("official", "u-1"), ("seal", "o-1")):
            self.signed[name] = self.place.sign(self.handles[name], owner, document)
            signature, data = taken_out(self.signed[name])
            self.report(f"used: {name}, the signature", self.judge.signed(signature, data, self.issuing, self.root))
            spoilt = bytes((data[0] ^ 1,)) + data[1:]
            self.report(f"used: {name}, not for other bytes", not self._signed(signature, spoilt))
            token, value = stamp_of(signature)
            self.report(f"used: {name}, the time stamp", self.judge.stamped(token, value, self.root))
            self.report(f"used: {name}, by ourselves", self.place.verdict(self.signed[name]) == "TOTAL-PASSED")

    def suspend_and_resume(self, document: bytes) -> None:
        self.place.antin("certificate", "suspend", self.handles["seal"])
        self.report("suspended: on the list", not self.stands("seal"))
        self.status_is("suspended", "seal", "revoked certificateHold")
        self.report("suspended: signs nothing", self.refused("seal", "o-1", document))
        self.place.antin("certificate", "resume", self.handles["seal"])
        self.report("resumed: off the list", self.stands("seal"))
        self.status_is("resumed", "seal", "good")

    def revoke(self, document: bytes) -> None:
        self.place.pause()
        for name, owner, reason in (("official", "u-1", "keyCompromise"), ("seal", "o-1", "cessationOfOperation")):
            self.place.antin("certificate", "revoke", self.handles[name], "--reason", reason)
            self.report(f"revoked: {name}, on the list", not self.stands(name))
            self.status_is("revoked", name, f"revoked {reason}")
            self.report(f"revoked: {name} signs nothing", self.refused(name, owner, document))
            before = self.place.verdict(self.signed[name])
            self.report(f"revoked: {name}, what was stamped before counts", before == "TOTAL-PASSED")

    def end_authority(self, document: bytes) -> None:
        self.issue("successor", "person", "u-2", "--name", "Trần Văn Bình")
        self.place.antin("ca", "revoke", self.ca, "--reason", "cessationOfOperation")
        above = x509.load_der_x509_crl(self.place.get(f"/pki/crl/{self.top}.crl"))
        serial = x509.load_der_x509_certificate(self.issuing).serial_number
        named = above.get_revoked_certificate_by_serial_number(serial) is not None
        self.report("authority revoked: on its root's list", named)
        self.report("authority revoked: nothing under it stands", not self.stands("successor"))
        self.status_is("authority revoked", "successor", "revoked cessationOfOperation")
        self.report("authority revoked: nothing under it signs", self.refused("successor", "u-2", document))

    @property
    def root(self) -> bytes:
        return self.place.get(f"/pki/ca/{self.top}.cer")

    @property
    def issuing(self) -> bytes:
        return self.place.get(f"/pki/ca/{self.ca}.cer")

    def stands(self, name: str) -> bool:
        own, above = (self.place.get(f"/pki/crl/{one}.crl") for one in (self.ca, self.top))
        genuine = self.judge.is_list_of(own, self.issuing) and self.judge.is_list_of(above, self.root)
        return genuine and self.judge.stands(self.leaves[name], self.issuing, self.root, (own, above))

    def status(self, name: str) -> str:
        leaf, issuing = (x509.load_der_x509_certificate(one) for one in (self.leaves[name], self.issuing))
        asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, SHA256()).build().public_bytes(Encoding.DER)
        answer = self.place.post("/pki/ocsp", asked, "application/ocsp-request")
        return self.judge.status(answer, self.leaves[name], self.issuing, self.root)

    def status_is(self, step: str, name: str, expected: str) -> None:
        found = self.status(name)
        self.report(f"{step}: {name}, the responder says {expected}", found == expected)
        if found != expected:
            self.report(f"it said {found}", False)

    def refused(self, name: str, owner: str, document: bytes) -> bool:
        try:
            self.place.sign(self.handles[name], owner, document)
        except Exception as error:
            return getattr(error, "code", "") == "certificate_not_valid"
        return False

    def _signed(self, signature: bytes, data: bytes) -> bool:
        return self.judge.signed(signature, data, self.issuing, self.root)


def taken_out(signed: bytes) -> tuple[bytes, bytes]:
    """The CMS of the last signature of a PDF, and the bytes that it is over."""
    numbers = re.findall(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", signed)[-1]
    begin, length, again, rest = (int(one) for one in numbers)
    padded = bytes.fromhex(signed[begin + length + 1 : again - 1].decode())
    return cms.ContentInfo.load(padded).dump(), signed[begin : begin + length] + signed[again : again + rest]


def stamp_of(signature: bytes) -> tuple[bytes, bytes]:
    """The time-stamp token in a CMS signature, and the signature value that it is over."""
    (signer,) = cms.ContentInfo.load(signature)["content"]["signer_infos"]
    (token,) = (one["values"][0] for one in signer["unsigned_attrs"] if one["type"].native == STAMP)
    return token.dump(), signer["signature"].native


def approval(issuer: str, owner: str, handle: str, document: bytes, *, now: int, number: int) -> dict[str, Any]:
    """The claims of an activation token, as the provider makes it when its owner approves a document."""
    digest = base64.b64encode(hashlib.sha256(document).digest()).decode()
    detail = {
        "type": "https://cloudsignatureconsortium.org/2025/credential",
        "credentialID": handle,
        "numSignatures": 1,
        "documentDigests": [{"hash": digest, "label": "văn bản", "hashType": "SDR"}],
        "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
    }
    return {
        "iss": issuer,
        "sub": owner,
        "aud": f"{issuer}/desk",
        "client_id": "signing-desk",
        "jti": f"life-{handle}-{number}",
        "iat": now,
        "exp": now + 300,
        "acr": "urn:vn:xt:2",
        "auth_time": now - 30,
        "otp_time": now - 10,
        "authorization_details": [detail],
    }
