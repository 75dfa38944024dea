"""Certificates and revocation lists under every algorithm: named as the standards do, and checked by other software."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.backends.software import SoftwareBackend
from keys.ca.crl import RevokedEntry, build_crl
from keys.ca.draft import draft_certificate
from keys.ca.linted import lint, sign
from keys.ca.lints.signature_algorithm import check
from keys.ca.names import authority_name
from keys.ca.order import CertificateOrder, Issuer, Profile
from keys.der import SIGNATURE_ALGORITHMS
from keys.handles import KeyHandle, RevocationReason
from keys.lifecycle.states import Purpose
from keys.sealing import MasterKey
from keys.settings import KeysSettings
from keys.signers import CertificateSigner, CrlSigner

NOW, DAY = 1_764_000_000, 86_400
BACKEND = SoftwareBackend(MasterKey(b"m" * 32), KeysSettings(rsa_key_bits=2048))
OPENSSL = [one for one in Algorithm if not one.startswith("ML-DSA")]
"""What OpenSSL 3.0 knows; ML-DSA came with 3.5, which cryptography brings along."""


def made(algorithm: Algorithm) -> tuple[NewKey, CertificateSigner, CrlSigner]:
    new = BACKEND.generate(KeyHandle(f"key_{algorithm}"), algorithm)
    opened = BACKEND.open(new.handle, algorithm, new.stored)
    return new, CertificateSigner(opened, Purpose.ROOT), CrlSigner(opened, Purpose.ROOT)


def authority_order(new: NewKey, algorithm: Algorithm, issuer: Issuer | None = None) -> CertificateOrder:
    return CertificateOrder(
        profile=Profile.ISSUING if issuer else Profile.ROOT,
        subject=authority_name("Ấn Tín", "Issuing CA" if issuer else "Root CA", "GO:VN-EXAMPLE"),
        public_key=new.public_key,
        serial=(1 << 150) + bool(issuer),
        not_before=NOW,
        not_after=NOW + DAY,
        issuer=issuer,
        crl_url="http://localhost/root.crl" if issuer else "",
        issuer_url="http://localhost/root.crt" if issuer else "",
        policy_oid="2.5.29.32.0" if issuer else "",
        signed_with=algorithm,
    )


@pytest.fixture(scope="module", params=list(Algorithm))
def chain(request: pytest.FixtureRequest) -> tuple[Algorithm, x509.Certificate, x509.Certificate, bytes]:
    """Root and issuing authority with keys of one algorithm, and the root's list."""
    algorithm: Algorithm = request.param
    (above, signer, lister), (below, *_) = made(algorithm), made(algorithm)
    root = sign(lint(authority_order(above, algorithm)), signer)
    issuing = sign(lint(authority_order(below, algorithm, Issuer(above.handle, root))), signer)
    entries = [RevokedEntry(5, NOW, RevocationReason.KEY_COMPROMISE)]
    crl = build_crl(root, lister, entries, number=1, this_update=NOW, next_update=NOW + DAY)
    return algorithm, root, issuing, crl


def test_the_algorithm_stands_inside_and_outside(
    chain: tuple[Algorithm, x509.Certificate, x509.Certificate, bytes],
) -> None:
    algorithm, root, issuing, crl = chain
    named = SIGNATURE_ALGORITHMS[algorithm]
    for to_be_signed, whole in (
        (root.tbs_certificate_bytes, root.public_bytes(Encoding.DER)),
        (issuing.tbs_certificate_bytes, issuing.public_bytes(Encoding.DER)),
        (x509.load_der_x509_crl(crl).tbs_certlist_bytes, crl),
    ):
        assert named in to_be_signed
        assert named in whole.split(to_be_signed)[1]


def test_both_verify_with_the_key_of_the_root(
    chain: tuple[Algorithm, x509.Certificate, x509.Certificate, bytes],
) -> None:
    _, root, issuing, crl = chain
    issuing.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    found = x509.load_der_x509_crl(crl)
    assert found.is_signature_valid(root.public_key())  # type: ignore[arg-type]  # an authority's key signs
    assert found.get_revoked_certificate_by_serial_number(5) is not None


def test_openssl_accepts_them(
    chain: tuple[Algorithm, x509.Certificate, x509.Certificate, bytes], tmp_path: Path
) -> None:
    algorithm, root, issuing, crl = chain
    if algorithm not in OPENSSL:
        pytest.skip("the openssl of this distribution may be older than ML-DSA")
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (tmp_path / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    (tmp_path / "root.crl").write_bytes(x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM))
    words = f"verify -x509_strict -crl_check -attime {NOW + 60} -CRLfile root.crl -CAfile root.pem issuing.pem"
    answer = subprocess.run(["openssl", *words.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.stdout.strip() == "issuing.pem: OK", answer.stderr


def test_an_order_for_another_algorithm_than_the_draft_names_is_refused() -> None:
    """The lint compares what the draft says with what the authority's key does."""
    new, *_ = made(Algorithm.ES384)
    order = authority_order(new, Algorithm.ES384)
    assert check(draft_certificate(order), order) == ""
    assert check(draft_certificate(authority_order(new, Algorithm.ES256)), order) == "is 1.2.840.10045.4.3.2"
