"""
Sole control: no signature without an approval of this signer, for this key and this document, used once.

SG-08: after the approval the document, the key or the signer is swapped, and each time nothing is signed.
"""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from sqlalchemy import func, select

from base import audit
from base.clock import FixedClock
from base.errors import AntinError
from base.services import BaseServices
from keys.api import Credential, Keys, PersonSubject, RevocationReason, SignatureActivation, TokenType
from keys.errors import JoseError, KeyRefused
from keys.handles import KeyHandle
from keys.lifecycle.activation import ActivationFacts
from keys.models import key_activations
from keys.services import jobs, open_keys
from keys.settings import KeysSettings
from keys.sole_control import grant
from tests.ledger import kinds
from tests.unit.keys.conftest import ISSUER, SETTINGS

DOCUMENT = hashlib.sha256(b"document").hexdigest()
OTHER_DOCUMENT = hashlib.sha256(b"another").hexdigest()
TO_SIGN = hashlib.sha256(b"signed attributes").digest()
DETAIL = "https://cloudsignatureconsortium.org/2025/credential"


@pytest.fixture
def owned(held: Keys) -> Credential:
    return held.enrol_person(PersonSubject("owner-1", "Lê Thị Cúc", "UBND phường", ""))


def detail(handle: str, *digests: str, **change: Any) -> dict[str, Any]:
    listed = [
        {"hash": base64.b64encode(bytes.fromhex(one)).decode(), "label": "văn bản", "hashType": "SDR"}
        for one in digests
    ]
    return {
        "type": DETAIL,
        "credentialID": handle,
        "numSignatures": len(listed),
        "documentDigests": listed,
        "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
        **change,
    }


Approve = Callable[..., str]


@pytest.fixture
def approve(held: Keys, owned: Credential, clock: FixedClock) -> Approve:
    """`approve(**changed claims)` → an activation token as the provider makes it."""

    def make(typ: TokenType = TokenType.ACCESS, **change: Any) -> str:
        now = clock.now()
        claims = {
            "iss": ISSUER,
            "sub": "owner-1",
            "aud": f"{ISSUER}/desk",
            "client_id": "signing-desk",
            "jti": "approval-of-the-morning",
            "iat": now,
            "exp": now + 600,
            "acr": "urn:vn:xt:2",
            "auth_time": now - 30,
            "otp_time": now - 10,
            "authorization_details": [detail(owned.handle, DOCUMENT)],
            **change,
        }
        return held.sign_jwt({name: value for name, value in claims.items() if value is not None}, typ=typ)

    return make


def spend(held: Keys, token: str, owned: Credential, document: str = DOCUMENT) -> SignatureActivation:
    return held.spend_activation(token, handle=owned.handle, document_digest=document, audience=f"{ISSUER}/desk")


def test_approved_document_is_signed(held: Keys, owned: Credential, approve: Approve, services: BaseServices) -> None:
    activation = spend(held, approve(), owned)
    signature = held.sign_digest(owned.handle, digest=TO_SIGN, activation=activation)
    key = x509.load_der_x509_certificate(owned.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, TO_SIGN, ec.ECDSA(Prehashed(hashes.SHA256())))
    assert (activation.owner, activation.acr, activation.document_digest) == ("owner-1", "urn:vn:xt:2", DOCUMENT)
    assert kinds(services.db)[-2:] == ["keys.activation.spent", "keys.key.used"]
    audit.verify(services.db)


def test_second_use_is_refused(held: Keys, owned: Credential, approve: Approve, services: BaseServices) -> None:
    token = approve()
    activation = spend(held, token, owned)
    for _ in range(3):
        with pytest.raises(KeyRefused, match="activation_spent"):
            spend(held, token, owned)
    with pytest.raises(KeyRefused, match="activation_spent"):  # another process, another start
        spend(open_keys(services), token, owned)
    held.sign_digest(owned.handle, digest=TO_SIGN, activation=activation)
    with pytest.raises(KeyRefused, match="activation_spent"):
        held.sign_digest(owned.handle, digest=TO_SIGN, activation=activation)
    assert audit.verify(services.db) > 0


def test_same_approval_in_a_new_token_is_refused(held: Keys, owned: Credential, approve: Approve) -> None:
    """A refreshed or re-encoded token with the same jti is the same approval."""
    spend(held, approve(), owned)
    with pytest.raises(KeyRefused, match="activation_spent"):
        spend(held, approve(scope="x"), owned)


def test_several_documents_each_once(held: Keys, owned: Credential, approve: Approve) -> None:
    token = approve(authorization_details=[detail(owned.handle, DOCUMENT, OTHER_DOCUMENT)])
    spend(held, token, owned)
    spend(held, token, owned, OTHER_DOCUMENT)
    for document in (DOCUMENT, OTHER_DOCUMENT):
        with pytest.raises(KeyRefused, match="activation_spent"):
            spend(held, token, owned, document)


def test_swapped_document(held: Keys, owned: Credential, approve: Approve) -> None:
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, approve(), owned, OTHER_DOCUMENT)


def test_swapped_key(held: Keys, owned: Credential, approve: Approve) -> None:
    second = held.enrol_person(PersonSubject("owner-1", "Lê Thị Cúc", "UBND phường", ""))
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, approve(), second)
    with pytest.raises(KeyRefused, match="activation_refused"):
        held.sign_digest(second.handle, digest=TO_SIGN, activation=spend(held, approve(), owned))


def test_swapped_signer(held: Keys, owned: Credential, approve: Approve) -> None:
    """Somebody else approves the use of her key, by its handle."""
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, approve(sub="owner-2"), owned)
    other = held.enrol_person(PersonSubject("owner-2", "Phạm Văn Dũng", "UBND phường", ""))
    token = approve(authorization_details=[detail(other.handle, DOCUMENT)])
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, token, other)


@pytest.mark.parametrize(
    "change",
    [
        {"acr": "urn:vn:xt:1"},
        {"cnf": {"jkt": "t" * 43}},
        {"acr": None},
        {"acr": ["urn:vn:xt:2"]},
        {"otp_time": None},
        {"otp_time": True},
        {"otp_time": "1764000000"},
        {"auth_time": None},
        {"jti": None},
        {"jti": "short"},
        {"jti": 7},
        {"sub": None},
        {"authorization_details": None},
        {"authorization_details": []},
        {"authorization_details": {}},
        {"authorization_details": ["x"]},
    ],
    ids=str,
)
def test_incomplete_approvals(held: Keys, owned: Credential, approve: Approve, change: dict[str, Any]) -> None:
    refused = AntinError
    with pytest.raises(refused) as error:
        spend(held, approve(**change), owned)
    assert error.value.code in ("activation_refused", "malformed")


@pytest.mark.parametrize(
    "change",
    [
        {"type": "credential"},
        {"hashAlgorithmOID": "1.3.14.3.2.26"},
        {"hashAlgorithmOID": None},
        {"numSignatures": 2},
        {"numSignatures": 0},
        {"numSignatures": True},
        {"numSignatures": "1"},
        {"documentDigests": []},
        {"documentDigests": None},
        {"documentDigests": [{"hash": DOCUMENT, "label": "x", "hashType": "SDR"}]},
        {"documentDigests": [{"hash": base64.b64encode(bytes.fromhex(DOCUMENT)).decode(), "hashType": "DTBSR"}]},
        {"credentialID": None},
        {"credentialID": "*"},
    ],
    ids=str,
)
def test_details_that_do_not_cover(held: Keys, owned: Credential, approve: Approve, change: dict[str, Any]) -> None:
    token = approve(authorization_details=[detail(owned.handle, DOCUMENT, **change)])
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, token, owned)


def test_two_halves_do_not_make_one_approval(held: Keys, owned: Credential, approve: Approve) -> None:
    """The key in one detail and the document in another."""
    halves = [detail(owned.handle, OTHER_DOCUMENT), detail("key_other", DOCUMENT)]
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, approve(authorization_details=halves), owned)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"aud": ISSUER}, "audience_refused"),
        ({"aud": "signing-desk"}, "audience_refused"),
        ({"iss": "https://other.example"}, "issuer_refused"),
        ({"typ": TokenType.ID}, "typ_refused"),
    ],
)
def test_tokens_for_something_else(
    held: Keys, owned: Credential, approve: Approve, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(JoseError, match=code):
        spend(held, approve(**change), owned)


def test_late_approvals(held: Keys, owned: Credential, approve: Approve, clock: FixedClock) -> None:
    token = approve()
    clock.move(600)
    with pytest.raises(JoseError, match="expired"):
        spend(held, token, owned)
    old = approve(otp_time=clock.now() - SETTINGS.activation_factor_seconds - 1)
    with pytest.raises(KeyRefused, match="activation_expired"):
        spend(held, old, owned)


@pytest.mark.parametrize("digest", ["", DOCUMENT.upper(), DOCUMENT[:-1], DOCUMENT + "\n", "é" * 64])
def test_digests_in_another_form(held: Keys, owned: Credential, approve: Approve, digest: str) -> None:
    with pytest.raises(KeyRefused, match="activation_refused"):
        spend(held, approve(), owned, digest)


def test_revoked_key_does_not_sign(held: Keys, owned: Credential, approve: Approve) -> None:
    activation = spend(held, approve(), owned)
    held.revoke(owned.handle, RevocationReason.KEY_COMPROMISE)
    with pytest.raises(KeyRefused, match="certificate_not_valid"):
        held.sign_digest(owned.handle, digest=TO_SIGN, activation=activation)
    with pytest.raises(KeyRefused, match="certificate_not_valid"):
        spend(held, approve(jti="approval-of-another-day"), owned)


def test_expired_certificate_does_not_sign(held: Keys, owned: Credential, approve: Approve, clock: FixedClock) -> None:
    clock.at = owned.not_after
    with pytest.raises(KeyRefused, match="certificate_not_valid"):
        spend(held, approve(), owned)


def test_permits_cannot_be_made_copied_or_moved(held: Keys, owned: Credential, approve: Approve) -> None:
    facts = ActivationFacts(owned.handle, "owner-1", "j" * 20, DOCUMENT, "urn:vn:xt:2", 1, 1, 1)
    with pytest.raises(TypeError):
        SignatureActivation(facts)
    with pytest.raises(TypeError):
        SignatureActivation(facts, permit=object())
    activation = spend(held, approve(), owned)
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            duplicate(activation)
    with pytest.raises(AttributeError):
        activation.handle = KeyHandle("key_other")  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize("forged", [None, True, "activation", object()])
def test_nothing_else_is_a_permit(held: Keys, owned: Credential, forged: Any) -> None:
    with pytest.raises(KeyRefused, match="activation_refused"):
        held.sign_digest(owned.handle, digest=TO_SIGN, activation=forged)


def test_subclass_is_no_permit(held: Keys, owned: Credential) -> None:
    class Always(SignatureActivation):
        def __init__(self) -> None:
            pass

        def use(self, handle: KeyHandle) -> None:
            pass

    with pytest.raises(KeyRefused, match="activation_refused"):
        held.sign_digest(owned.handle, digest=TO_SIGN, activation=Always())


@pytest.mark.parametrize("digest", [b"", b"0" * 20, b"0" * 64])
def test_digest_of_another_length_is_refused_before_the_permit_is_used(
    held: Keys, owned: Credential, approve: Approve, digest: bytes
) -> None:
    activation = spend(held, approve(), owned)
    with pytest.raises(KeyRefused, match="wrong_algorithm"):
        held.sign_digest(owned.handle, digest=digest, activation=activation)
    held.sign_digest(owned.handle, digest=TO_SIGN, activation=activation)


def test_one_permit_in_many_threads_signs_once(held: Keys, owned: Credential, approve: Approve) -> None:
    activation, barrier = spend(held, approve(), owned), threading.Barrier(8)
    outcomes: list[bytes | str] = []

    def sign() -> None:
        barrier.wait()
        try:
            outcomes.append(held.sign_digest(owned.handle, digest=TO_SIGN, activation=activation))
        except KeyRefused as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=sign) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("activation_spent") == 7


def test_failed_audit_spends_nothing(
    held: Keys, owned: Credential, approve: Approve, services: BaseServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spending and its audit event are one transaction: without the second there is no first."""
    import keys.flows.sign_digest as flow

    def broken(*_: object) -> None:
        raise RuntimeError("disk full")

    token = approve()
    with monkeypatch.context() as patch:
        patch.setattr(flow, "append", broken)
        with pytest.raises(RuntimeError):
            spend(held, token, owned)
    with services.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(key_activations)).scalar_one() == 0
    spend(held, token, owned)


def test_spent_rows_are_kept_while_the_token_lives(
    held: Keys, owned: Credential, approve: Approve, services: BaseServices, clock: FixedClock
) -> None:
    spend(held, approve(), owned)
    reap = next(job for job in jobs(held) if job.name == "forget old signature activations")

    def rows() -> int:
        with services.db.read() as connection:
            return int(connection.execute(select(func.count()).select_from(key_activations)).scalar_one())

    reap.run()
    clock.move(600 + 86_400)
    reap.run()
    assert rows() == 1
    clock.move(1)
    reap.run()
    assert rows() == 0


def test_audience_can_be_set(make_base: Callable[..., BaseServices], clock: FixedClock) -> None:
    settings = dataclasses.replace(SETTINGS, activation_audience="https://ky.example.vn")
    assert isinstance(settings, KeysSettings)
    held = open_keys(make_base(settings))
    owned = held.enrol_person(PersonSubject("owner-1", "Lê Thị Cúc", "UBND phường", ""))
    now = clock.now()
    claims = {
        "iss": ISSUER, "sub": "owner-1", "jti": "approval-of-the-morning", "exp": now + 60, "acr": "urn:vn:xt:2",
        "auth_time": now, "otp_time": now, "authorization_details": [detail(owned.handle, DOCUMENT)],
    }  # fmt: skip
    for audience, accepted in ((f"{ISSUER}/desk", False), ("https://ky.example.vn", True)):
        token = held.sign_jwt({**claims, "aud": audience}, typ=TokenType.ACCESS)
        if accepted:
            held.spend_activation(token, handle=owned.handle, document_digest=DOCUMENT)
        else:
            with pytest.raises(JoseError, match="audience_refused"):
                held.spend_activation(token, handle=owned.handle, document_digest=DOCUMENT)


def test_grant_is_the_only_maker() -> None:
    facts = ActivationFacts(KeyHandle("key_x"), "o", "j" * 20, DOCUMENT, "urn:vn:xt:2", 1, 1, 1)
    assert type(grant(facts)) is SignatureActivation
