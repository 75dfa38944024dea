"""
Others' opinion of our certificates, lists, answers, stamps and signatures: OpenSSL's, or, for keys that the installed
OpenSSL does not know, that of whoever can check a signature value over the bytes that we cut out for him.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from asn1crypto import cms, core, crl, ocsp, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import load_der_ocsp_response

Check = Callable[[bytes, bytes, bytes, bytes], bool]
"""certificate, message, signature (DER; bytes), DER of the algorithm identifier: whether the key made it."""


def pem(der: bytes) -> bytes:
    return certificates.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


class Judge(Protocol):
    """
    leaf, issuing, root: DER. crls: of issuing and root. Every verdict is a word or a boolean.
    """

    def stands(self, leaf: bytes, issuing: bytes, root: bytes, crls: tuple[bytes, bytes]) -> bool: ...
    def is_list_of(self, list_: bytes, issuer: bytes) -> bool: ...
    def status(self, answer: bytes, leaf: bytes, issuing: bytes, root: bytes) -> str: ...
    def stamped(self, token: bytes, data: bytes, root: bytes) -> bool: ...
    def signed(self, signature: bytes, data: bytes, issuing: bytes, root: bytes) -> bool: ...


class OpenSsl:
    """The program, in a folder of its own. at: the moment, where the test's clock is not the machine's."""

    def __init__(self, folder: Path, at: Callable[[], int] | None = None) -> None:
        self.folder, self._at = folder, at

    def stands(self, leaf: bytes, issuing: bytes, root: bytes, crls: tuple[bytes, bytes]) -> bool:
        self._write(leaf=pem(leaf), issuing=pem(issuing), root=pem(root), lists=b"".join(map(_pem_list, crls)))
        checked = ("verify", "-x509_strict", "-crl_check_all", "-CRLfile", "lists", "-CAfile", "root")
        return "leaf: OK" in self._said(*checked, "-untrusted", "issuing", *self._moment(), "leaf")

    def is_list_of(self, list_: bytes, issuer: bytes) -> bool:
        self._write(list=list_, issuer=pem(issuer))
        return "verify OK" in self._said("crl", "-inform", "DER", "-in", "list", "-CAfile", "issuer", "-noout")

    def status(self, answer: bytes, leaf: bytes, issuing: bytes, root: bytes) -> str:
        self._write(answer=answer, leaf=pem(leaf), issuing=pem(issuing), root=pem(root))
        files = ("-issuer", "issuing", "-sha256", "-cert", "leaf", "-CAfile", "root", "-verify_other", "issuing")
        long = ("-validity_period", str(2**31 - 1)) if self._at else ()
        said = self._said("ocsp", "-respin", "answer", "-no_nonce", *files, *self._moment(), *long)
        found = re.search(r"leaf: (\w+)", said)
        reason = re.search(r"Reason: (\w+)", said)
        if found is None or "Response verify OK" not in said:
            return f"not believed: {said[:300]}"
        return f"{found[1]} {reason[1]}" if reason else found[1]

    def stamped(self, token: bytes, data: bytes, root: bytes) -> bool:
        self._write(token=token, stamped=data, root=pem(root))
        how = ("-in", "token", "-token_in", "-data", "stamped", "-CAfile", "root")
        return "Verification: OK" in self._said("ts", "-verify", *how, *self._moment())

    def signed(self, signature: bytes, data: bytes, issuing: bytes, root: bytes) -> bool:
        self._write(signature=signature, data=data, issuing=pem(issuing), root=pem(root))
        how = ("-binary", "-inform", "DER", "-in", "signature", "-content", "data", "-CAfile", "root")
        more = ("-certfile", "issuing", "-purpose", "any", "-out", os.devnull, *self._moment())
        return "CAdES Verification successful" in self._said("cms", "-verify", "-cades", *how, *more)

    def _moment(self) -> tuple[str, ...]:
        return ("-attime", str(self._at())) if self._at else ()

    def _write(self, **files: bytes) -> None:
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def _said(self, *words: str) -> str:
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


class ByParts:
    """What is signed is cut out here and the signature values are checked by somebody else; contents are read here."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def stands(self, leaf: bytes, issuing: bytes, root: bytes, crls: tuple[bytes, bytes]) -> bool:
        path = ((leaf, issuing, crls[0]), (issuing, root, crls[1]))
        for certificate, above, list_ in path:
            parsed = x509.Certificate.load(certificate)
            algorithm = parsed["signature_algorithm"].dump()
            if parsed.issuer.dump() != x509.Certificate.load(above).subject.dump() or not self._check(
                above, parsed["tbs_certificate"].dump(), parsed["signature_value"].native, algorithm
            ):
                return False
            if not self.is_list_of(list_, above):
                return False
            read = certificates.load_der_x509_crl(list_)
            if read.get_revoked_certificate_by_serial_number(parsed.serial_number) is not None:
                return False
        return True

    def is_list_of(self, list_: bytes, issuer: bytes) -> bool:
        parsed = crl.CertificateList.load(list_)
        algorithm = parsed["signature_algorithm"].dump()
        return self._check(issuer, parsed["tbs_cert_list"].dump(), parsed["signature"].native, algorithm)

    def status(self, answer: bytes, leaf: bytes, issuing: bytes, root: bytes) -> str:
        basic = ocsp.OCSPResponse.load(answer).basic_ocsp_response
        responder = basic["certs"][0]
        by = (issuing, responder["tbs_certificate"].dump(), responder["signature_value"].native)
        if not self._check(*by, responder["signature_algorithm"].dump()):
            return "not believed: the responder's certificate"
        said = (responder.dump(), basic["tbs_response_data"].dump(), basic["signature"].native)
        if not self._check(*said, basic["signature_algorithm"].dump()):
            return "not believed: the answer"
        read = load_der_ocsp_response(answer)
        if read.serial_number != x509.Certificate.load(leaf).serial_number:
            return "not believed: another certificate"
        reason = f" {read.revocation_reason.value}" if read.revocation_reason else ""
        return f"{read.certificate_status.name.lower()}{reason}"

    def stamped(self, token: bytes, data: bytes, root: bytes) -> bool:
        signed = cms.ContentInfo.load(token)["content"]
        content = signed["encap_content_info"]["content"]
        imprint = content.parsed["message_imprint"]
        name = imprint["hash_algorithm"]["algorithm"].native
        return imprint["hashed_message"].native == hashlib.new(name, data).digest() and self._by_its_signer(
            signed, content.contents
        )

    def signed(self, signature: bytes, data: bytes, issuing: bytes, root: bytes) -> bool:
        return self._by_its_signer(cms.ContentInfo.load(signature)["content"], data)

    def _by_its_signer(self, signed: cms.SignedData, content: bytes) -> bool:
        (signer,) = signed["signer_infos"]
        serial = signer["sid"].chosen["serial_number"].native
        (own,) = (one.chosen for one in signed["certificates"] if one.chosen.serial_number == serial)
        attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
        digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content).digest()
        message = core.SetOf(spec=cms.CMSAttribute, contents=signer["signed_attrs"].contents).dump()
        return attributes["message_digest"].native == digest and self._check(
            own.dump(), message, signer["signature"].native, signer["signature_algorithm"].dump()
        )


def _pem_list(der: bytes) -> bytes:
    return certificates.load_der_x509_crl(der).public_bytes(Encoding.PEM)
