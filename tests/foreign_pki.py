"""An authority that is not ours, with its web server: it certifies a key of ours and publishes who was revoked."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.hosts import Host
from tests.signing_pki import DAY, NOW, Holder, issue, moment


@dataclass
class ForeignAuthority:
    """Root and issuing authority; `host` serves their lists at /root.crl and /issuing.crl."""

    root: Holder
    issuing: Holder
    host: Host

    def certify(self, request_der: bytes) -> x509.Certificate:
        """The certificate an official gets for a PKCS #10 request."""
        request = x509.load_der_x509_csr(request_der)
        assert request.is_signature_valid
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(self.issuing.certificate.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment(NOW - DAY))
            .not_valid_after(moment(NOW + 365 * DAY))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(_points_to(self.host.url("/issuing.crl")), critical=False)
        )
        return builder.sign(self.issuing.key, hashes.SHA256())

    def publish(self) -> None:
        """Put the current lists on the web server."""
        self.host.serve("/root.crl", self.root.sign_crl())
        self.host.serve("/issuing.crl", self.issuing.sign_crl())

    def fall_silent(self) -> None:
        """The server answers 404 from now on."""
        self.host.paths.clear()

    def revoke(self, certificate: x509.Certificate, at: int) -> None:
        self.issuing.revoked[certificate.serial_number] = (at, "keyCompromise")

    @property
    def root_pem(self) -> bytes:
        return self.root.certificate.public_bytes(Encoding.PEM)


def found_authority(host: Host) -> ForeignAuthority:
    """A fresh one, its lists published."""
    root = issue("CA gốc Chính phủ thử nghiệm", None, organisation="Ban Cơ yếu", authority=True)
    issuing = issue(
        "CA phục vụ cơ quan nhà nước thử nghiệm",
        root,
        organisation="Ban Cơ yếu",
        authority=True,
        list_at=host.url("/root.crl"),
    )
    made = ForeignAuthority(root, issuing, host)
    made.publish()
    return made


def _points_to(address: str) -> x509.CRLDistributionPoints:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
    return x509.CRLDistributionPoints([point])
