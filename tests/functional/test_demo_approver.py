"""The demo's stand-in for a person at a screen: it answers, and it refuses to start outside a demo."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

import wsgi
from demo.approver import application
from idp.web.hot import routes
from tests.elsewhere import ciba_poll
from tests.functional.backchannel import ask, backchannel_client
from tests.functional.idp_site import Site
from tests.provider import Provider


@pytest.fixture
def desk(site: Site) -> Provider:
    """The protocol side of the same provider."""
    return Provider(site.services, routes(site.services))


@pytest.mark.parametrize(("action", "status"), [("allow", 200), ("deny", 400)])
@pytest.mark.parametrize("totp", [False, True])
def test_it_answers(site: Site, desk: Provider, action: str, status: int, totp: bool) -> None:
    site.add_user("hong", totp=totp)
    client = backchannel_client(desk)
    made = ask(desk, client, acr_values="urn:vn:xt:2")
    approver = Client(application(site.services))
    assert approver.post(f"/?auth_req_id={made['auth_req_id']}&action={action}").status_code == 204
    assert approver.post(f"/?auth_req_id={made['auth_req_id']}&action={action}").status_code == 404
    assert ciba_poll(desk, client, made["auth_req_id"]).status == status


def test_what_it_does_not_answer(site: Site) -> None:
    approver = Client(application(site.services))
    assert approver.get("/?auth_req_id=x&action=allow").status_code == 400
    assert approver.post("/?auth_req_id=x&action=maybe").status_code == 400
    assert approver.post("/?auth_req_id=x&action=allow").status_code == 404


def test_it_does_not_start_outside_a_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ANTIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANTIN_DATA_DIR", str(tmp_path))
    for words in (["demo", "approver"], ["demo", "approve", "x"]):
        result = CliRunner().invoke(wsgi.cli, words)
        assert result.exit_code == 2, result.output
        assert "ANTIN_DEMO_CITY" in result.output


def test_no_server_of_the_product_holds_it(site: Site) -> None:
    assert not [rule.rule for rule in site.app.url_map.iter_rules() if "approve" in rule.rule]
