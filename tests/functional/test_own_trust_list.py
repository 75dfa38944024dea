"""Our own trust list at /pki/tsl.xml: what it says, when there is a new one, and who believes it."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import flask
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from flask.testing import FlaskClient
from sqlalchemy import select

import keys.trust_cli
import keys.web
from base import audit
from base.audit import audit_events
from base.clock import FixedClock
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys, RevocationReason
from keys.ca.ceremony import AuthorityPlan, CeremonyScript
from keys.errors import KeyRefused, KeysUnavailable
from keys.flows import rotate
from keys.flows.ceremony import hold_ceremony
from keys.flows.publish_list import list_signer, publish_due
from keys.flows.revoke_authority import revoke_authority
from keys.flows.trust_lists import ListSource, add_list, update_list
from keys.lifecycle.purposes import Use, check_use
from keys.lifecycle.states import Purpose
from keys.services import publish_list
from keys.settings import KeysSettings
from keys.signers import DocumentSigner, TrustListSigner
from keys.store import keys as key_rows
from keys.trust.anchor import Domain
from keys.trust.lists import words
from keys.trust.lists.anchors import listed_anchors
from keys.trust.lists.enveloped import verify_list
from keys.trust.lists.facts import TrustList
from keys.trust.lists.own import LONGEST_SECONDS
from keys.trust.lists.reading import read_list
from tests.ready_keys import open_ready_keys

DAY = 86_400


@pytest.fixture
def held(make_base: Callable[..., BaseServices]) -> Keys:
    return open_ready_keys(make_base(KeysSettings(rsa_key_bits=2048)))


@pytest.fixture
def client(held: Keys) -> Iterator[FlaskClient]:
    app = flask.Flask("pki")
    keys.web.mount(app, held)
    with app.test_client() as opened:
        yield opened


def said(held: Keys, raw: bytes) -> TrustList:
    """What a follower reads, who has pinned the signer."""
    return read_list(verify_list(raw, [list_signer(held.custody)], at=held.now()))


def kinds(found: TrustList) -> list[str]:
    services = found.providers[0].services
    return [service.kind.rpartition("/Svctype/")[2] for service in services]


def test_what_it_says(held: Keys, client: FlaskClient) -> None:
    answer = client.get("/pki/tsl.xml")
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.etsi.tsl+xml"
    assert "max-age=300" in answer.headers["Cache-Control"]
    found = said(held, answer.data)
    assert (found.version, found.sequence, found.territory) == (6, 1, "VN")
    assert found.next_update is not None
    assert found.next_update - found.issued <= LONGEST_SECONDS
    assert kinds(found) == ["CA/PKC", "CA/PKC", "Certstatus/OCSP", "TSA"]
    assert all(service.spells[0].status == words.RECOGNISED for service in found.providers[0].services)
    root, issuing = held.trust_anchors()[0], held.issuer_certificates()[0]
    listed = listed_anchors(found, until=found.next_update)
    assert {root, issuing} < set(listed)
    assert len(listed) == 3  # and the unit that stamps


def test_bytes_stand_until_something_changes(held: Keys, client: FlaskClient, clock: FixedClock) -> None:
    first = client.get("/pki/tsl.xml")
    clock.move(1)
    publish_list(held.custody)
    again = client.get("/pki/tsl.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    rotate.rotate(held.custody, Purpose.TSU, Algorithm.ES256)
    publish_list(held.custody)
    clock.move(1)
    second = client.get("/pki/tsl.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    found = said(held, second.data)
    assert found.sequence == 2
    assert kinds(found).count("TSA") == 2
    (old, new) = [one for one in found.providers[0].services if one.kind == words.TIME_STAMPS]
    assert [spell.status for spell in old.spells] == [words.DEPRECATED, words.RECOGNISED]
    assert old.spells[0].since == clock.now() - 1
    assert [spell.status for spell in new.spells] == [words.RECOGNISED]


def test_a_new_one_before_the_old_one_ends(held: Keys, clock: FixedClock) -> None:
    first = said(held, held.trust_list())
    assert first.next_update is not None
    clock.move((first.next_update - first.issued) // 2)
    publish_due(held.custody)
    clock.move(1)
    second = said(held, held.trust_list())
    assert (second.sequence, second.providers) == (2, first.providers)
    assert second.issued > first.issued


def test_a_worker_that_stood_still(held: Keys, clock: FixedClock) -> None:
    """Whoever asks first after the end gets a current list all the same."""
    first = said(held, held.trust_list())
    assert first.next_update is not None
    clock.move(first.next_update - first.issued)
    assert said(held, held.trust_list()).sequence == 2


def test_another_authority_is_listed(held: Keys, clock: FixedClock) -> None:
    assert kinds(said(held, held.trust_list())).count("CA/PKC") == 2
    plans = AuthorityPlan("root-two", "Root Two", Algorithm.ES256, 20), AuthorityPlan("two", "Two", Algorithm.ES256, 10)
    hold_ceremony(
        held.custody, CeremonyScript(plans[0], plans[1:], "", "Phòng máy chủ", ("Trần Văn Bình", "Lê Thị Cúc"))
    )
    publish_list(held.custody)
    clock.move(1)
    assert kinds(said(held, held.trust_list())).count("CA/PKC") == 4


def test_an_authority_that_ended(held: Keys, clock: FixedClock) -> None:
    """It is said of one beside ours; of the one that certifies the signer nobody can say it, and the list runs out."""
    plans = AuthorityPlan("root-two", "Root Two", Algorithm.ES256, 20), AuthorityPlan("two", "Two", Algorithm.ES256, 10)
    hold_ceremony(held.custody, CeremonyScript(plans[0], plans[1:], "", "", ()))
    revoke_authority(held.custody, "two", RevocationReason.CESSATION)
    clock.move(1)
    publish_list(held.custody)
    clock.move(1)
    signer, services = list_signer(held.custody), said(held, held.trust_list()).providers[0].services
    (ended,) = (one for one in services if one.name.vi.endswith("Two") and one.spells[0].status == words.DEPRECATED
                and one.kind == words.CA_PUBLIC_KEY)  # fmt: skip
    assert ended.spells[0].since == clock.now() - 2
    before = held.trust_list()
    revoke_authority(held.custody, "issuing", RevocationReason.CESSATION)
    publish_list(held.custody)
    clock.move(1)
    assert held.trust_list() == before
    with pytest.raises(KeysUnavailable):
        list_signer(held.custody)
    end = read_list(verify_list(before, [signer], at=held.now())).next_update
    assert end is not None
    clock.move(end - clock.now())
    with pytest.raises(KeysUnavailable):
        held.trust_list()


def test_followers_take_it_and_go_on_taking_it(held: Keys, clock: FixedClock) -> None:
    source = ListSource("chung-toi", Domain.FOREIGN, "", (list_signer(held.custody),))
    add_list(held.custody, source, held.trust_list())
    first = held.trust_list()
    clock.move(50 * DAY)
    publish_list(held.custody)
    clock.move(1)
    assert update_list(held.custody, source.name, held.trust_list())
    with pytest.raises(KeyRefused, match="trust_list_refused"):
        update_list(held.custody, source.name, first)


def test_the_signer_is_for_nothing_else(held: Keys) -> None:
    certificate = x509.load_der_x509_certificate(list_signer(held.custody))
    usage = certificate.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE)
    assert [one.dotted_string for one in usage.value] == ["0.4.0.2231.3.0"]  # type: ignore[attr-defined]  # an ExtendedKeyUsage
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert Use.TRUST_LIST not in {use for use in Use if _may(Purpose.PERSON, use) or _may(Purpose.ISSUING, use)}
    assert {use for use in Use if _may(Purpose.TRUST_LIST, use)} == {Use.TRUST_LIST}
    with held.custody.base.db.read() as connection:
        key = key_rows.of_public_key(connection, _public_key(certificate))
    assert key is not None
    held.custody.open_for(TrustListSigner, key)
    with pytest.raises(KeyRefused, match="wrong_purpose"):
        held.custody.open_for(DocumentSigner, key)


def _may(purpose: Purpose, use: Use) -> bool:
    try:
        check_use(purpose, use)
    except KeyRefused:
        return False
    return True


def _public_key(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_a_compromised_signer_is_replaced(held: Keys, clock: FixedClock) -> None:
    before, first = list_signer(held.custody), held.trust_list()
    serial = format(x509.load_der_x509_certificate(before).serial_number, "x")
    held.revoke(serial, RevocationReason.KEY_COMPROMISE)
    publish_list(held.custody)
    clock.move(1)
    after = list_signer(held.custody)
    assert after != before
    second = held.trust_list()
    with pytest.raises(KeyRefused, match="trust_list_refused"):
        verify_list(second, [before], at=held.now())
    assert said(held, second).sequence == 2
    assert first != second


def test_each_list_is_an_event(held: Keys) -> None:
    held.trust_list()
    with held.custody.base.db.read() as connection:
        rows = connection.execute(select(audit_events.c.kind).order_by(audit_events.c.position))
        found = [row.kind for row in rows if row.kind in ("keys.key.used", "keys.trust_list.published")]
    assert found[-2:] == ["keys.key.used", "keys.trust_list.published"]
    audit.verify(held.custody.base.db)


def test_without_an_authority_there_is_none(make_base: Callable[..., BaseServices]) -> None:
    from keys.services import open_keys

    held = open_keys(make_base(KeysSettings(rsa_key_bits=2048, authorities_at_first_start=False)))
    app = flask.Flask("pki")
    keys.web.mount(app, held)
    assert app.test_client().get("/pki/tsl.xml").status_code == 404
    publish_list(held.custody)


def test_several_at_once_publish_one(held: Keys) -> None:
    barrier, made, wrong = threading.Barrier(4), [], []

    def publish() -> None:
        barrier.wait()
        try:
            publish_due(held.custody)
            made.append(held.trust_list())
        except Exception as error:  # whatever it is, it must not have happened
            wrong.append(error)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    numbers = {said(held, raw).sequence for raw in made}
    assert max(numbers) <= 4  # more than one may have found something to do; numbers and contents still go together
    assert said(held, held.trust_list()).providers[0].services


def test_xmlsec_agrees(held: Keys, tmp_path: Path) -> None:
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed")
    group = click.Group("antin")
    keys.trust_cli.register(group, lambda: held)
    run = CliRunner().invoke
    (tmp_path / "signer.pem").write_text(run(group, ["trust", "list", "signer"], catch_exceptions=False).output)
    raw = run(group, ["trust", "list", "publish"], catch_exceptions=False).output.rstrip("\n").encode()
    assert raw == held.trust_list()
    for name, content, good in (("good.xml", raw, True), ("bad.xml", raw.replace(b">VN<", b">VM<", 1), False)):
        (tmp_path / name).write_bytes(content)
        words = ["xmlsec1", "--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
                 "--pubkey-cert-pem", "signer.pem", "--enabled-reference-uris", "empty,same-doc", name]  # fmt: skip
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is good, done.stderr
        assert ("2/2" in done.stderr) is good
