"""What a service shows of itself on our pages: its logo by way of us, its policy and terms as links."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from base.outbox import Worker
from idp.flows.background import outbox_handlers, reap
from idp.models import client_logos
from tests.functional.idp_site import Site
from tests.functional.registrar import METADATA, Registrar, invited
from tests.hosts import Host


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (200, 16, 46)).save(written, kind)
    return written.getvalue()


def work(site: Site) -> None:
    """What the delivery worker does."""
    base = site.services.base
    Worker(base.db, base.clock, outbox_handlers(site.services)).deliver_due()
    site.clock.move(1)


def shown(site: Site, client_id: str) -> str:
    """The address of the logo on the login page, "" without one."""
    browser = site.browser()
    browser.get(site.authorize_url(client_id))
    assert browser.path == "/login"
    found = re.search(r'<img class="asker-logo" src="([^"]*)"', browser.text)
    return found[1] if found else ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_logo_is_drawn_anew_and_comes_from_us(site: Site, host: Host, kind: str) -> None:
    sent = picture(kind) + b"<script>hidden</script>"
    added = Registrar(site).registered(invited(site), logo_uri=host.serve("/logo", sent))
    assert shown(site, added["client_id"]) == ""
    work(site)
    address = shown(site, added["client_id"])
    assert re.fullmatch(r"/logo/[\w-]{43}\.png", address)
    served = site.app.test_client().get(address)
    assert served.content_type == "image/png"
    assert "immutable" in served.headers["Cache-Control"]
    assert b"script" not in served.data
    assert Image.open(io.BytesIO(served.data)).size == (112, 75)
    assert host.visits == ["/logo"]


BOMB = Image.new("1", (20_000, 20_000))


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"",
        picture()[:60],
        picture("PNG") + b"\0" * 600_000,
    ],
    ids=["SVG", "GIF", "broken PNG", "empty", "half", "long"],
)
def test_what_is_no_small_picture_is_done_without(site: Site, host: Host, content: bytes) -> None:
    added = Registrar(site).registered(invited(site), logo_uri=host.serve("/logo", content))
    work(site)
    assert shown(site, added["client_id"]) == ""


def test_a_picture_of_a_hundred_million_pixels(site: Site, host: Host) -> None:
    written = io.BytesIO()
    BOMB.save(written, "PNG")
    assert len(written.getvalue()) < 100_000
    added = Registrar(site).registered(invited(site), logo_uri=host.serve("/logo", written.getvalue()))
    work(site)
    assert shown(site, added["client_id"]) == ""


def test_a_logo_that_does_not_answer_delays_nobody_and_is_tried_again(site: Site, host: Host) -> None:
    added = Registrar(site).registered(invited(site), logo_uri=host.url("/logo"))
    work(site)
    assert shown(site, added["client_id"]) == ""
    host.serve("/logo", picture())
    site.clock.move(60)
    work(site)
    assert shown(site, added["client_id"])


def test_it_follows_the_registration(site: Site, host: Host) -> None:
    registrar = Registrar(site)
    added = registrar.registered(invited(site), logo_uri=host.serve("/logo", picture()))
    client_id, token = added["client_id"], added["registration_access_token"]
    work(site)
    first = shown(site, client_id)
    same = registrar.replace(client_id, token, **METADATA, logo_uri=host.url("/logo")).get_json()
    work(site)
    assert shown(site, client_id) == first
    assert host.visits == ["/logo"]
    other = host.serve("/other", picture(size=(50, 50)))
    changed = registrar.replace(client_id, same["registration_access_token"], **METADATA, logo_uri=other).get_json()
    site.clock.move(1)
    assert shown(site, client_id) == ""
    work(site)
    assert shown(site, client_id) not in ("", first)
    registrar.delete(client_id, changed["registration_access_token"])
    site.clock.move(2 * 86_400)
    reap(site.services)
    with site.services.base.db.read() as connection:
        assert connection.execute(client_logos.select()).first() is None


@pytest.mark.parametrize("digest", ["x", "a" * 43, "á" * 43, "..%2f" * 8])
def test_an_address_without_a_logo(site: Site, digest: str) -> None:
    assert site.app.test_client().get(f"/logo/{digest}.png").status_code == 404


def test_policy_and_terms_are_on_the_login_page_and_the_browser_asks_no_stranger(site: Site, host: Host) -> None:
    pages: dict[str, Any] = {
        name: f"https://doitac.example.vn/{name}" for name in ("policy_uri", "tos_uri", "logo_uri")
    }
    added = Registrar(site).registered(invited(site), **pages)
    browser = site.browser()
    browser.get(site.authorize_url(added["client_id"]))
    assert f'href="{pages["policy_uri"]}"' in browser.text
    assert f'href="{pages["tos_uri"]}"' in browser.text
    assert pages["logo_uri"] not in browser.text
    assert browser.page is not None
    assert "img-src 'self' data:;" in browser.page.headers["Content-Security-Policy"]


def test_the_consent_page_says_who_nobody_has_looked_at(site: Site) -> None:
    site.add_user("hong", email="hong@example.vn")
    open_site = site.with_settings(registration="open")
    stranger = Registrar(open_site).registered()
    partner = Registrar(open_site).registered(invited(site))
    for added, warned in ((stranger, True), (partner, False)):
        browser = open_site.browser()
        browser.sign_in("hong", start=site.authorize_url(added["client_id"]))
        assert browser.path == "/consent"
        assert ("chưa được cơ quan nào xác minh" in browser.text) == warned
        assert ("portal.example.vn" in browser.text) >= warned
