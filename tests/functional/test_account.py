"""The account page: what a person sees of herself, and ending any of it."""

from __future__ import annotations

from sqlalchemy import select, update

from base.outbox import outbox
from idp.models import grants, sessions, users
from tests.functional.idp_site import Browser, Site, answer_of


def used_portal(site: Site, **request: str) -> Browser:
    """A person who signed in, allowed the portal and was sent there."""
    site.add_client()
    site.add_user("hong", email="hong@example.vn")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url(**request))
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))
    browser.get("/account")
    return browser


def test_the_page_needs_a_session(site: Site) -> None:
    browser = site.browser()
    browser.get("/account")
    assert browser.path == "/login"


def test_profile_sessions_and_services(site: Site) -> None:
    browser = used_portal(site)
    site.clock.move(120)
    phone = site.browser(address="2405:4800:1:2:3:4:5:6", agent="Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile")
    phone.sign_in("hong")
    browser.get("/account")
    for said in (
        "Nguyễn Thị Hồng",
        "hong@example.vn",
        "Firefox · Windows",
        "Chrome · Android",
        "203.113.131.1",
        "2405:4800:1:2:3:4:5:6",
        "Cổng dịch vụ công",
        "Điền sẵn tờ khai",
        "Họ và tên",
        "Thiết bị này",
    ):
        assert said in browser.text, said
    assert browser.text.count("Kết thúc phiên này") == 1  # not for the one she is using


def test_another_persons_sessions_are_neither_shown_nor_ended(site: Site) -> None:
    browser = used_portal(site)
    site.add_user("minh", full_name="Trần Văn Minh")
    other = site.browser()
    other.sign_in("minh")
    assert "Cổng dịch vụ công" not in other.text
    with site.services.base.db.read() as connection:
        hers = select(sessions.c.id).join(users, users.c.id == sessions.c.user_id).where(users.c.username == "hong")
        foreign = connection.execute(hers).scalar_one()
    other.get("/account")
    token = other.hidden("/account/sign-out")
    other.post("/account/sessions/end", {**token, "session": str(foreign)})
    assert "đã được kết thúc từ trước" in other.text
    browser.get("/account")
    assert browser.path == "/account"


def test_one_session_is_ended_from_another_device(site: Site) -> None:
    browser = used_portal(site)
    phone = site.browser()
    phone.sign_in("hong")
    browser.get("/account")
    browser.submit("/account/sessions/end")
    assert "Phiên đăng nhập đã kết thúc" in browser.text
    phone.get("/account")
    assert phone.path == "/login"
    browser.get("/account")
    assert browser.path == "/account"


def test_one_click_ends_everything_and_tells_every_service(site: Site) -> None:
    browser = used_portal(site)
    phone = site.browser()
    phone.sign_in("hong")
    phone.get(site.authorize_url())
    browser.get("/account")
    browser.submit("/account/sessions/end-all")
    assert browser.path == "/logout/done"
    assert "Cổng dịch vụ công" in browser.text
    assert "Đang báo đăng xuất" in browser.text
    for one in (browser, phone):
        one.get("/account")
        assert one.path == "/login"
    with site.services.base.db.read() as connection:
        assert len(connection.execute(select(outbox.c.id).where(outbox.c.kind == "backchannel_logout")).all()) == 2
        assert connection.execute(select(grants.c.id).where(grants.c.revoked_at.is_(None))).all() == []
    assert [event.count('"reason":"all"') for event in site.events("idp.session.ended")] == [1, 1]


def test_a_saved_cookie_does_not_work_after_sign_out(site: Site) -> None:
    browser = used_portal(site)
    saved = browser.cookie("antin_session")
    browser.submit("/account/sign-out")
    assert browser.cookie("antin_session") is None
    browser.client.set_cookie("antin_session", saved)
    browser.get("/account")
    assert browser.path == "/login"


def test_offline_authorizations_survive_sign_out_but_not_taking_consent_back(site: Site) -> None:
    browser = used_portal(site, scope="openid profile offline_access", prompt="consent")
    browser.submit("/account/sign-out")
    alive = select(grants.c.id).where(grants.c.revoked_at.is_(None))
    with site.services.base.db.read() as connection:
        assert len(connection.execute(alive).all()) == 1
    browser.sign_in("hong")
    assert "Được tiếp tục nhận" in browser.text
    browser.submit("/account/services/revoke")
    assert "Đã thu hồi quyền" in browser.text
    with site.services.base.db.read() as connection:
        assert connection.execute(alive).all() == []
    assert answer_of(browser.get(site.authorize_url(prompt="none")))["error"] == "consent_required"
    assert '"grants":1' in site.events("idp.consent.revoked")[0]


def test_the_state_of_each_logout_is_shown(site: Site) -> None:
    browser = used_portal(site)
    browser.submit("/account/sign-out")
    assert browser.page is not None
    address = browser.page.request.full_path
    for state, words in (("delivered", "đã được báo"), ("failed", "Không báo được")):
        with site.services.base.db.begin() as connection:
            connection.execute(update(outbox).values(state=state))
        browser.get(address)
        assert words in browser.text
        browser.sign_in("hong")
        assert words in browser.text
        browser.submit("/account/sign-out")
        browser.get("/logout/done")
        assert words not in browser.text  # an address without the sealed part shows nothing


def test_a_service_without_a_back_channel_is_said_not_to_be_told(site: Site) -> None:
    site.add_client(backchannel_logout_uri=None)
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url())
    browser.submit("/consent", decision="allow")
    browser.get("/account")
    browser.submit("/account/sign-out")
    assert "không nhận được báo đăng xuất" in browser.text


def test_events_hold_no_personal_data(site: Site) -> None:
    browser = used_portal(site)
    browser.submit("/account/sign-out")
    with site.services.base.db.read() as connection:
        everything = str(connection.exec_driver_sql("SELECT data FROM audit_events").all())
    for personal in ("hong", "Hồng", "example.vn", "203.113", "Firefox"):
        assert personal not in everything
