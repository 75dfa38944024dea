"""Ceremonies: what is made, what is written down, who alone cannot, and that an offline root stays closed (CA-09)."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select, update

from base.audit import audit_events
from base.clock import FixedClock
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.ceremony import AuthorityPlan, CeremonyScript, check_script
from keys.ca.order import Profile
from keys.ca.requests import proven_key
from keys.custody import Custody
from keys.errors import KeyRefused, KeysUnavailable, LintFailed
from keys.flows import approvals, staff
from keys.flows.bootstrap import bootstrap
from keys.flows.ceremony import ceremony_operation, hold_ceremony
from keys.flows.certify import above, certify
from keys.flows.list_authorities import listed
from keys.flows.minutes import minutes_of
from keys.flows.offline import Opening
from keys.flows.operators import identify
from keys.flows.renew_crl import crl_operation, renew_crl, renew_due_crls, renew_offline_crl
from keys.flows.subscribers import Subscription, issue_inside
from keys.handles import PersonSubject
from keys.models import ceremonies
from keys.services import open_keys
from tests.ready_keys import open_ready_keys
from tests.unit.keys.conftest import SETTINGS

PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Sở Tư pháp", "")
YEAR = 365 * 86_400


@pytest.fixture
def held(services: BaseServices, clock: FixedClock) -> Keys:
    """A minute after the first start, so that what a ceremony makes is younger."""
    opened = open_ready_keys(services)
    clock.move(60)
    return opened


def script(algorithm: Algorithm = Algorithm.ES384, suffix: str = "2", **changes: object) -> CeremonyScript:
    plain = CeremonyScript(
        root=AuthorityPlan(f"root-{suffix}", f"Root CA {suffix}", algorithm, 20),
        issuing=(AuthorityPlan(f"issuing-{suffix}", f"Issuing CA {suffix}", algorithm, 10),),
        above="",
        place="Phòng máy chủ",
        witnesses=("Trần Văn Bình", "Lê Thị Cúc"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the tests name fields


SCRIPT = script()


def events(services: BaseServices, kind: str) -> list[str]:
    with services.db.read() as connection:
        wanted = select(audit_events.c.data).where(audit_events.c.kind == kind).order_by(audit_events.c.position)
        return [str(row) for row in connection.execute(wanted).scalars()]


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.PS256, Algorithm.ML_DSA_65], ids=str)
def test_authorities_of_every_algorithm_stand_side_by_side(held: Keys, algorithm: Algorithm) -> None:
    hold_ceremony(held.custody, script(algorithm))
    assert held.authority_names() == ["root", "issuing", "root-2", "issuing-2"]
    assert len(held.trust_anchors()) == len(held.issuer_certificates()) == 2
    row = issue_inside(held.custody, Subscription(Profile.PERSON, PERSON, issuer="issuing-2"))
    person = x509.load_der_x509_certificate(row.der)
    root = x509.load_der_x509_certificate(held.trust_anchors()[1])
    issuing = x509.load_der_x509_certificate(held.issuer_certificates()[1])
    person.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    points = person.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name == [x509.UniformResourceIdentifier("http://localhost:8000/pki/crl/issuing-2.crl")]
    assert x509.load_der_x509_crl(held.crl("root-2")).issuer == root.subject


def test_the_minutes_say_what_was_done_and_their_digest_is_in_the_log(held: Keys, services: BaseServices) -> None:
    minutes = hold_ceremony(held.custody, script())
    said = orjson.loads(minutes.content)
    assert said["witnesses"] == ["Trần Văn Bình", "Lê Thị Cúc"]
    assert said["script_sha256"] == ceremony_operation(script()).digest
    assert [step["authority"] for step in said["steps"]] == ["root-2", "issuing-2"]
    certificates = [*held.trust_anchors()[1:], *held.issuer_certificates()[1:]]
    assert [step["certificate"]["sha256"] for step in said["steps"]] == [
        hashlib.sha256(der).hexdigest() for der in certificates
    ]
    assert minutes_of(held.custody, "issuing-2") == minutes
    (event,) = events(services, "keys.ceremony.held")
    assert hashlib.sha256(minutes.content).hexdigest() == minutes.sha256
    assert minutes.sha256 in event
    assert "Bình" not in event


def test_there_are_no_minutes_of_the_first_start(held: Keys) -> None:
    with pytest.raises(KeyRefused, match="no_minutes"):
        minutes_of(held.custody, "root")


class TestTwoPersons:
    @pytest.fixture
    def custody(self, held: Keys) -> Custody:
        return replace(held.custody, settings=replace(held.custody.settings, two_person="true"))

    def test_one_alone_cannot(self, custody: Custody, held: Keys) -> None:
        secret = staff.add_operator(custody, "mot")
        with pytest.raises(KeyRefused, match="approval_needed"):
            hold_ceremony(custody, script())
        me = identify(custody, "mot", secret)
        approval_id = approvals.propose(custody, ceremony_operation(script()), me)
        with pytest.raises(KeyRefused, match="same_person"):
            approvals.approve(custody, approval_id, me)
        with pytest.raises(KeyRefused, match="approval_refused"):
            hold_ceremony(custody, script(), approval_id)
        assert held.authority_names() == ["root", "issuing"]

    def test_two_can_and_only_what_they_agreed_on(self, custody: Custody, held: Keys) -> None:
        first, second = (identify(custody, name, staff.add_operator(custody, name)) for name in ("mot", "hai"))
        approval_id = approvals.propose(custody, ceremony_operation(script()), first)
        approvals.approve(custody, approval_id, second)
        with pytest.raises(KeyRefused, match="approval_refused"):
            hold_ceremony(custody, script(Algorithm.ES256), approval_id)
        hold_ceremony(custody, script(), approval_id)
        assert "issuing-2" in held.authority_names()
        with pytest.raises(KeyRefused, match="approval_needed"):
            renew_offline_crl(custody, "root-2")
        again = approvals.propose(custody, crl_operation("root-2"), second)
        approvals.approve(custody, again, first)
        number = (
            x509.load_der_x509_crl(renew_offline_crl(custody, "root-2", again))
            .extensions.get_extension_for_class(x509.CRLNumber)
            .value
        )
        assert number.crl_number == 2


class TestOffline:
    def test_no_job_and_no_request_opens_it(self, held: Keys, clock: FixedClock) -> None:
        hold_ceremony(held.custody, script())
        before = held.crl("root-2")
        clock.move(179 * 86_400)
        renew_due_crls(held.custody)
        assert held.crl("root-2") == before
        with pytest.raises(KeyRefused, match="authority_offline"):
            renew_crl(held.custody, "root-2")
        renew_crl(held.custody, "issuing-2")

    def test_it_certifies_nobody_outside_a_ceremony(self, held: Keys) -> None:
        hold_ceremony(held.custody, script())
        with held.custody.base.db.read() as connection:
            root = above(connection, "root-2")
        new, name = held.custody.generate(Algorithm.ES256), root.certificate.subject
        with pytest.raises(KeyRefused, match="authority_offline"):
            certify(held.custody, new, name, Profile.ISSUING, seconds=YEAR, above=root)
        hold_ceremony(held.custody, script(suffix="3", root=None, above="root-2"))
        assert held.authority_names()[-1] == "issuing-3"

    def test_nobody_makes_an_opening(self) -> None:
        with pytest.raises(TypeError):
            Opening()

    def test_each_use_is_counted(self, held: Keys) -> None:
        hold_ceremony(held.custody, script())

        def uses() -> int:
            return next(one.signatures for one in listed(held.custody) if one.name == "root-2")

        first = uses()
        renew_offline_crl(held.custody, "root-2")
        assert uses() == first + 1


class TestScripts:
    @pytest.mark.parametrize(
        "changes",
        [
            {"root": AuthorityPlan("Root", "Root", Algorithm.ES256, 20)},
            {"root": AuthorityPlan("../root", "Root", Algorithm.ES256, 20)},
            {"root": AuthorityPlan("root-2", "Root", Algorithm.ES256, 21)},
            {"root": AuthorityPlan("root-2", "Root", Algorithm.ES256, 0)},
            {"root": AuthorityPlan("root-2", "Root", Algorithm.EDDSA, 20)},
            {"root": AuthorityPlan("issuing-2", "Root", Algorithm.ES256, 20)},
            {"root": None},
            {"root": None, "issuing": (), "above": "root"},
        ],
    )
    def test_what_cannot_be_is_refused(self, changes: dict[str, object]) -> None:
        with pytest.raises(KeyRefused, match="ceremony_refused"):
            check_script(script(**changes))  # type: ignore[arg-type]  # the table names fields

    def test_a_name_is_used_once_and_nothing_half_made_stays(self, held: Keys, services: BaseServices) -> None:
        hold_ceremony(held.custody, script())
        keys_before = len(held.list_keys())
        with pytest.raises(KeyRefused, match="name_taken"):
            hold_ceremony(held.custody, script(suffix="3", issuing=script().issuing))
        assert "root-3" not in held.authority_names()
        assert len(held.list_keys()) == keys_before
        assert len(events(services, "keys.ceremony.held")) == 1

    def test_under_a_root_that_does_not_exist(self, held: Keys) -> None:
        with pytest.raises(KeysUnavailable):
            hold_ceremony(held.custody, script(root=None, above="root-9"))

    def test_a_name_nobody_can_certify(self, held: Keys) -> None:
        with pytest.raises(LintFailed):
            hold_ceremony(held.custody, script(root=AuthorityPlan("root-2", "Root\u202eCA", Algorithm.ES256, 20)))


def test_where_the_first_start_makes_none_a_ceremony_completes_the_house(
    make_base: Callable[..., BaseServices],
) -> None:
    """Without authorities nothing is ready; after the ceremony the time-stamping unit stands too."""
    empty = open_keys(make_base(replace(SETTINGS, authorities_at_first_start=False)))
    assert empty.authority_names() == []
    assert not empty.ready()
    hold_ceremony(
        empty.custody,
        script(
            root=AuthorityPlan("root", "Root CA", Algorithm.ES256, 20),
            issuing=(AuthorityPlan("issuing", "Issuing CA", Algorithm.ES256, 10),),
        ),
    )
    assert empty.ready()
    assert empty.timestamp(b"d" * 32)
    bootstrap(empty.custody)
    assert empty.authority_names() == ["root", "issuing"]


def test_a_place_that_is_not_configured_makes_no_keys(held: Keys) -> None:
    script = CeremonyScript(AuthorityPlan("root-x", "Root CA x", Algorithm.ES256, 20, "pkcs11"), (), "", "", ())
    with pytest.raises(KeyRefused, match="wrong_backend"):
        hold_ceremony(held.custody, script)
    assert "root-x" not in held.authority_names()


def test_the_minutes_are_signed_and_say_who_approved(held: Keys, tmp_path: Path) -> None:
    custody = replace(held.custody, settings=replace(held.custody.settings, two_person="true"))
    first, second = (identify(custody, one, staff.add_operator(custody, one)) for one in ("mot", "hai"))
    approval = approvals.propose(custody, ceremony_operation(SCRIPT), first)
    approvals.approve(custody, approval, second)
    minutes = hold_ceremony(custody, SCRIPT, approval)
    said = orjson.loads(minutes.content)
    assert said["approval"] == {"id": approval, "proposed_by": "mot", "approved_by": "hai"}
    issuing = x509.load_der_x509_certificate(held.authority_certificate("issuing-2"))
    spki = issuing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = base64.b64decode(said["steps"][1]["request"]["der"])
    assert proven_key(der)[0] == spki
    assert hashlib.sha256(der).hexdigest() == said["steps"][1]["request"]["sha256"]
    for name, content in (("m", minutes.content), ("s", minutes.signature), ("p", minutes.signer)):
        (tmp_path / name).write_bytes(content)
    words = ("openssl", "dgst", "-sha256", "-verify", "p", "-signature", "s", "m")
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False).stdout == "Verified OK\n"
    (audit_key,) = [one for one in held.list_keys() if one.purpose == "audit"]
    assert said["signed_by"]["handle"] == audit_key.handle


def test_minutes_that_were_changed_are_not_shown(held: Keys) -> None:
    minutes = hold_ceremony(held.custody, SCRIPT)
    with held.custody.base.db.begin() as connection:
        changed = minutes.content.replace(b"issuing-2", b"issuing-3")
        connection.execute(update(ceremonies).where(ceremonies.c.id == minutes.id).values(minutes=changed))
    with pytest.raises(KeyRefused, match="minutes_changed"):
        minutes_of(held.custody, "issuing-2")


def test_one_audit_key_signs_all_minutes(held: Keys) -> None:
    hold_ceremony(held.custody, SCRIPT)
    again = replace(SCRIPT, root=None, above="root-2", issuing=(replace(SCRIPT.issuing[0], name="issuing-4"),))
    hold_ceremony(held.custody, again)
    assert len([one for one in held.list_keys() if one.purpose == "audit"]) == 1
