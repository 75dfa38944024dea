"""Agencies, requests, foreign certificates, renewal: who gets a certificate for which key, and who does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from base.audit import audit_events
from base.clock import FixedClock, as_utc
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.order import Profile
from keys.errors import KeyRefused, LintFailed
from keys.flows.expiry import announce_ends, expiring
from keys.flows.foreign import import_foreign, request_foreign
from keys.flows.renew import rekey, renew
from keys.flows.subscribers import Subscription, issue_for_request, issue_inside
from keys.handles import KeyHandle, LegalSubject, PersonSubject, RevocationReason
from keys.store import keys as key_rows

DAY = 86_400
AGENCY = LegalSubject("org-1", "Ủy ban nhân dân phường Bến Nghé", "VATVN-0301234567")
PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Sở Tư pháp", "")
SEAL = Subscription(Profile.LEGAL_PERSON, AGENCY)
MACHINE = Subscription(Profile.TLS_CLIENT, replace(AGENCY, common_name="tram-1.example.vn"))
OUR_KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = OUR_KEY, name: str = "kẻ gian") -> bytes:
    """As a stranger makes it: with another name, and wishes."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_a_seal_says_whose_it_is_and_claims_nothing_else(held: Keys) -> None:
    certificate = x509.load_der_x509_certificate(issue_inside(held.custody, SEAL).der)
    texts = {one.oid: one.value for one in certificate.subject}
    assert texts[NameOID.ORGANIZATION_IDENTIFIER] == "VATVN-0301234567"
    assert texts[NameOID.COMMON_NAME] == texts[NameOID.ORGANIZATION_NAME] == AGENCY.organisation
    (statement,) = [one for one in certificate.extensions if one.oid.dotted_string == "1.3.6.1.5.5.7.1.3"]
    assert bytes.fromhex("06060400") not in statement.value.public_bytes()  # no statement of EN 319 412-5 (0.4.0.1862)
    assert len(held.credentials_of("org-1")) == 1


@pytest.mark.parametrize("identifier", ["", "0301234567", "VATVN", "VATDE-1", "XXXVN-1", "VATVN-1 2"])
def test_an_agency_without_a_register_is_not_certified(held: Keys, identifier: str) -> None:
    with pytest.raises(LintFailed):
        issue_inside(held.custody, Subscription(Profile.LEGAL_PERSON, replace(AGENCY, identifier=identifier)))
    assert held.credentials_of("org-1") == []


class TestRequests:
    def test_only_the_key_is_taken_from_it(self, held: Keys) -> None:
        row = issue_for_request(held.custody, MACHINE, request())
        certificate = x509.load_der_x509_certificate(row.der)
        assert certificate.public_key() == OUR_KEY.public_key()
        assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "tram-1.example.vn"
        assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        with pytest.raises(x509.ExtensionNotFound):
            certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)

    def test_tampered_with(self, held: Keys) -> None:
        """CA-02."""
        der = bytearray(x509.load_pem_x509_csr(request()).public_bytes(Encoding.DER))
        der[der.index("kẻ gian".encode())] ^= 1
        with pytest.raises(KeyRefused, match="request_refused"):
            issue_for_request(held.custody, MACHINE, bytes(der))

    def test_somebody_elses_key_under_ones_own_signature(self, held: Keys) -> None:
        """CA-02: the public key is exchanged; the signature is that of the thief."""
        der = x509.load_pem_x509_csr(request(OTHER_KEY)).public_bytes(Encoding.DER)
        mine, theirs = (
            key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            for key in (OTHER_KEY, OUR_KEY)
        )
        with pytest.raises(KeyRefused, match="request_refused"):
            issue_for_request(held.custody, MACHINE, der.replace(mine, theirs))

    def test_a_key_is_certified_for_one_owner(self, held: Keys) -> None:
        issue_for_request(held.custody, MACHINE, request())
        other = Subscription(Profile.TLS_CLIENT, replace(AGENCY, owner="org-2", common_name="tram-2.example.vn"))
        with pytest.raises(KeyRefused, match="key_known"):
            issue_for_request(held.custody, other, request())

    def test_a_key_of_ours_is_not_certified_for_others(self, held: Keys) -> None:
        handle, der = request_foreign(held.custody, Subscription(Profile.PERSON, PERSON))
        with pytest.raises(KeyRefused, match="key_known"):
            issue_for_request(held.custody, MACHINE, der)
        assert handle.startswith("key_")

    def test_weak_keys(self, held: Keys) -> None:
        with pytest.raises(KeyRefused, match="request_refused") as refused:
            issue_for_request(held.custody, MACHINE, request(rsa.generate_private_key(65_537, 1024)))
        assert refused.value.debug.startswith("size: ")
        with pytest.raises(KeyRefused, match="request_refused"):
            issue_for_request(held.custody, MACHINE, request(ec.generate_private_key(ec.SECP224R1())))

    @pytest.mark.parametrize("junk", [b"", b"junk", b"-----BEGIN CERTIFICATE REQUEST-----", b"0" * 20_000])
    def test_junk(self, held: Keys, junk: bytes) -> None:
        with pytest.raises(KeyRefused, match="request_refused"):
            issue_for_request(held.custody, MACHINE, junk)

    def test_a_machines_key_is_not_made_here(self, held: Keys) -> None:
        with pytest.raises(KeyRefused, match="key_inside_refused"):
            issue_inside(held.custody, MACHINE)

    def test_a_key_outside_cannot_be_asked_to_sign(self, held: Keys) -> None:
        row = issue_for_request(held.custody, MACHINE, request())
        with held.custody.base.db.read() as connection:
            key = key_rows.find(connection, row.handle)
        assert key is not None
        assert key.stored is None

    @pytest.mark.parametrize("profile", [Profile.ROOT, Profile.ISSUING, Profile.TSU, Profile.OCSP])
    def test_nobody_orders_an_authority(self, held: Keys, profile: Profile) -> None:
        with pytest.raises(KeyRefused, match="subject_refused"):
            issue_for_request(held.custody, Subscription(profile, AGENCY), request())


class TestForeign:
    """A root of somebody else's, an authority under it, and a certificate for a key that is here."""

    @pytest.fixture
    def away(self, clock: FixedClock) -> Away:
        return Away(clock.now())

    def test_from_request_to_credential(self, held: Keys, away: Away) -> None:
        handle, der = request_foreign(held.custody, Subscription(Profile.PERSON, PERSON))
        wanted = x509.load_der_x509_csr(der)
        assert wanted.is_signature_valid
        assert held.credentials_of("owner-1") == []
        leaf = away.certify(wanted.public_key(), wanted.subject)
        import_foreign(held.custody, handle, leaf, [away.between], [away.anchor])
        (credential,) = held.credentials_of("owner-1")
        assert credential.certificate == leaf
        assert credential.chain == (away.between,)
        assert credential.status == "active"

    def test_what_is_not_taken_in(self, held: Keys, away: Away, clock: FixedClock) -> None:
        handle, der = request_foreign(held.custody, Subscription(Profile.PERSON, PERSON))
        key, name = x509.load_der_x509_csr(der).public_key(), x509.load_der_x509_csr(der).subject
        good = away.certify(key, name)
        for leaf, chain, anchor in (
            (away.certify(OTHER_KEY.public_key(), name), [away.between], away.anchor),  # another key
            (good, [], away.anchor),  # no path
            (good, [away.between], held.trust_anchors()[0]),  # another anchor
            (away.certify(key, name, ca=True), [away.between], away.anchor),
            (away.certify(key, name, begin=clock.now() + DAY), [away.between], away.anchor),
            (away.certify(key, name, signs=False), [away.between], away.anchor),
            (away.certify(key, name, signer=OTHER_KEY), [away.between], away.anchor),
            (good, [away.no_authority], away.anchor),  # whoever has a certificate cannot issue others
            (b"junk", [away.between], away.anchor),
        ):
            with pytest.raises(KeyRefused, match="import_refused"):
                import_foreign(held.custody, handle, leaf, chain, [anchor])
        assert held.credentials_of("owner-1") == []
        import_foreign(held.custody, handle, good, [away.between], [away.anchor])
        with pytest.raises(KeyRefused, match="import_refused"):
            import_foreign(held.custody, handle, good, [away.between], [away.anchor])

    def test_only_for_keys_of_subscribers(self, held: Keys, away: Away) -> None:
        root = next(one.handle for one in held.list_keys() if one.purpose == "root")
        for handle in (root, KeyHandle("key_absent")):
            with pytest.raises(KeyRefused, match="unknown_key"):
                import_foreign(held.custody, handle, away.anchor, [], [away.anchor])


class Away:
    """An authority that is not ours."""

    def __init__(self, now: int) -> None:
        self.now, self.root_key, self.key = now, ec.generate_private_key(ec.SECP256R1()), OUR_KEY
        root = self._build("Root", "Root", self.root_key.public_key(), self.root_key, ca=True)
        self.anchor = root
        self.between = self._build("CA", "Root", self.key.public_key(), self.root_key, ca=True)

        self.no_authority = self._build("CA", "Root", self.key.public_key(), self.root_key, ca=False, issues=True)

    def certify(
        self,
        key: object,
        name: x509.Name,
        *,
        ca: bool = False,
        begin: int = 0,
        signs: bool = True,
        signer: ec.EllipticCurvePrivateKey | None = None,
    ) -> bytes:
        return self._build("", "CA", key, signer or self.key, ca=ca, begin=begin, signs=signs, subject=name)

    def _build(
        self,
        name: str,
        issuer: str,
        key: object,
        signer: ec.EllipticCurvePrivateKey,
        *,
        ca: bool,
        begin: int = 0,
        signs: bool = True,
        issues: bool = False,
        subject: x509.Name | None = None,
    ) -> bytes:
        usage = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key)  # type: ignore[arg-type]  # of any kind
            .serial_number(x509.random_serial_number())
            .not_valid_before(as_utc(begin or self.now - DAY))
            .not_valid_after(as_utc(self.now + 365 * DAY))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=signs and not ca,
                    content_commitment=False,
                    key_cert_sign=ca or issues,
                    crl_sign=ca or not signs,
                    **usage,
                ),
                critical=True,
            )
        )
        return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


class TestRenewal:
    def test_the_same_key_and_subject_with_a_new_certificate(self, held: Keys, clock: FixedClock) -> None:
        old = issue_inside(held.custody, SEAL)
        clock.move(100 * DAY)
        new = renew(held.custody, old.handle)
        before, after = (x509.load_der_x509_certificate(one.der) for one in (old, new))
        assert (after.subject, after.public_key()) == (before.subject, before.public_key())
        assert after.serial_number != before.serial_number
        assert new.not_after > old.not_after
        assert held.credential(old.handle).certificate == new.der

    def test_a_new_key_for_the_same_owner(self, held: Keys) -> None:
        old = issue_inside(held.custody, replace(SEAL, algorithm=Algorithm.ES384))
        new = rekey(held.custody, old.handle)
        assert new.handle != old.handle
        before, after = (x509.load_der_x509_certificate(one.der) for one in (old, new))
        assert after.subject == before.subject
        assert after.public_key() != before.public_key()
        assert len(held.credentials_of("org-1")) == 2

    def test_a_key_outside_is_renewed_and_its_new_key_is_made_there(self, held: Keys) -> None:
        row = issue_for_request(held.custody, MACHINE, request())
        assert renew(held.custody, row.handle).serial != row.serial
        with pytest.raises(KeyRefused, match="not_renewable"):
            rekey(held.custody, row.handle)

    def test_what_was_revoked_is_not_renewed(self, held: Keys) -> None:
        old = issue_inside(held.custody, SEAL)
        held.revoke(old.handle, RevocationReason.KEY_COMPROMISE)
        for act in (renew, rekey):
            with pytest.raises(KeyRefused, match="not_renewable"):
                act(held.custody, old.handle)

    def test_nor_what_is_no_subscribers(self, held: Keys) -> None:
        unit = next(one.handle for one in held.list_keys() if one.purpose == "tsu")
        for handle in (unit, KeyHandle("key_absent")):
            with pytest.raises(KeyRefused, match="unknown_key"):
                renew(held.custody, handle)


class TestRadar:
    def test_each_mark_is_announced_once(self, held: Keys, clock: FixedClock, services: BaseServices) -> None:
        row = issue_inside(held.custody, Subscription(Profile.PERSON, PERSON))

        def said() -> list[str]:
            with services.db.read() as connection:
                wanted = select(audit_events.c.data).where(audit_events.c.kind == "keys.certificate.expiring")
                found = connection.execute(wanted.order_by(audit_events.c.position)).scalars()
                return [str(one) for one in found if row.serial in str(one)]

        for before_end, count in ((200, 0), (89, 1), (60, 1), (29, 2), (6, 3), (1, 3)):
            clock.move(row.not_after - before_end * DAY - clock.now())
            announce_ends(held.custody)
            announce_ends(held.custody)
            assert len(said()) == count, before_end

    def test_a_renewed_key_is_off_the_list(self, held: Keys, clock: FixedClock) -> None:
        row = issue_inside(held.custody, SEAL)
        clock.move(row.not_after - 20 * DAY - clock.now())
        assert row.handle in [one.handle for one in expiring(held.custody, 30)]
        assert row.handle in held.expiring(30)
        renew(held.custody, row.handle)
        assert row.handle not in [one.handle for one in expiring(held.custody, 30)]
