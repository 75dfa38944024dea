"""`/trust`: whom this service trusts and how the lists stand that it follows, for everybody to read."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

import flask
import pytest
from flask.testing import FlaskClient

import signing.web.trust
from base.clock import FixedClock, shown
from base.services import BaseServices
from base.texts import Text
from base.web.shell import make_app
from keys.api import Keys
from keys.flows.trust_anchors import add_anchor
from keys.flows.trust_lists import ListSource, add_list, refresh_lists, update_list
from keys.settings import KeysSettings
from keys.trust.anchor import Domain
from keys.trust.lists import words
from signing.services import open_signing
from signing.settings import SigningSettings
from tests import warm
from tests.ready_keys import open_ready_keys
from tests.signing_pki import DAY, NOW, shared_city
from tests.trust_lists import service, shared_operator, the_list

WITHDRAWN = words.GRANTED.replace("granted", "withdrawn")
SOURCE = ListSource("quoc-gia", Domain.PUBLIC, "", (shared_operator().der,))
FIRST = shared_operator().publishes(the_list())


class Place:
    """An installation and its page."""

    def __init__(self, keys: Keys, client: FlaskClient) -> None:
        self.keys, self._client = keys, client

    def read(self, path: str = "/trust", lang: str = "vi") -> str:
        answer = self._client.get(path, headers={"Accept-Language": lang})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        return answer.get_data(as_text=True)

    def says(self, path: str = "/trust", lang: str = "vi") -> str:
        return html.unescape(self.read(path, lang))

    def status(self, path: str) -> int:
        return self._client.get(path).status_code


@pytest.fixture
def place(make_base: Callable[..., BaseServices]) -> Place:
    base = make_base(KeysSettings(), SigningSettings())
    keys = open_ready_keys(base)
    app = warm.keep_templates(make_app(base, name="Ấn Tín", roads=(), cookie_key=bytes(32)))
    app.register_blueprint(flask.Blueprint("signing", "signing.web", template_folder="templates"))
    signing.web.trust.mount(app, open_signing(base, keys))
    return Place(keys, app.test_client())


def test_nobody_but_ourselves(place: Place) -> None:
    said = place.says()
    assert "không theo danh sách tin cậy nào" in said
    own = place.keys.anchors()[0]
    assert own.subject in said
    assert shown(own.not_after) in said
    assert said.count("Chưa có tổ chức nào.") == 3
    assert "Quá hạn" not in said
    assert "follows no trust list" in place.says(lang="en")
    assert place.status("/trust/quoc-gia") == 404


def test_an_anchor_that_people_chose(place: Place, clock: FixedClock) -> None:
    root = shared_city().root
    facts = add_anchor(place.keys.custody, root.der, Domain.GOVERNMENT)
    clock.move(1)
    said = place.says()
    assert facts.subject in said
    assert said.count("Chưa có tổ chức nào.") == 2


def test_a_list_from_its_first_number_to_its_end(place: Place, clock: FixedClock) -> None:
    """In time, followed by the next one with its history, late with an alarm."""
    custody = place.keys.custody
    add_list(custody, SOURCE, FIRST)
    clock.move(1)
    said = place.says()
    assert 'href="/trust/quoc-gia"' in said
    assert "Còn hạn" in said
    assert "Và 1 chứng thư theo các danh sách ở trên." in said
    assert f"Được công nhận, từ {shown(NOW - 365 * DAY)}" in place.says("/trust/quoc-gia")
    spells = service((WITHDRAWN, NOW - 1800), (words.GRANTED, NOW - 2 * DAY))
    update_list(custody, SOURCE.name, shared_operator().publishes(the_list(spells, sequence=8, issued=NOW - 60)))
    clock.move(1)
    listed = place.says("/trust/quoc-gia")
    now, before = f"Đã rút công nhận, từ {shown(NOW - 1800)}", f"Được công nhận, từ {shown(NOW - 2 * DAY)}"
    assert listed.index("Hiện nay") < listed.index(now) < listed.index("Trước đó") < listed.index(before)
    assert "Ban Cơ yếu" in listed
    assert "Cipher Committee" in place.says("/trust/quoc-gia", lang="en")
    clock.move(31 * DAY)
    refresh_lists(custody)
    for path in ("/trust", "/trust/quoc-gia"):
        said = place.says(path)
        assert "Quá hạn: bản tiếp theo chưa đến" in said
        assert "Báo động từ" in said
        assert shown(clock.now()) in said


def test_what_a_list_says_is_text(place: Place, clock: FixedClock) -> None:
    """The operator of another list writes its names; they are nobody's mark-up here."""
    evil = replace(service(), name=Text("<script>alert(1)</script>", "<b>x</b>"))
    add_list(place.keys.custody, SOURCE, shared_operator().publishes(the_list(evil)))
    clock.move(1)
    assert "<script>alert" not in place.read("/trust/quoc-gia")
    assert "&lt;script&gt;alert(1)" in place.read("/trust/quoc-gia")


def test_names_that_are_no_list(place: Place) -> None:
    for path in ("/trust/../etc/passwd", "/trust/%00", "/trust/" + "a" * 5000, "/trust/quoc gia"):
        assert place.status(path) == 404
