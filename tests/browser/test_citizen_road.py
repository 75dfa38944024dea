"""Road 1: a citizen signs in once, uses two services, and ends everything from her account page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.gallery import Gallery
from tests.browser.watch import Visitor
from tests.city import City

NOTICE_SECONDS = 2.0


def test_one_sign_in_two_services_one_end(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    citizen = visit()
    page = citizen.page

    page.goto(city.issuer)
    gallery.look(page, "front")
    page.goto(city.portal)
    expect(page.get_by_role("heading", level=1)).to_have_text("Làm thủ tục hành chính tại nhà")
    gallery.look(page, "portal-front")

    page.get_by_role("link", name="Nộp hồ sơ").first.click()
    expect(page.locator("input[name=password]")).to_be_visible()
    assert page.url.startswith(city.issuer)
    gallery.look(page, "login")
    citizen.sign_in("lan")

    expect(page.get_by_text("Nguyễn Thị Lan").first).to_be_visible()
    gallery.look(page, "consent")
    citizen.decide("allow")

    expect(page.get_by_role("heading", level=1)).to_have_text("Nộp hồ sơ")
    assert page.url == f"{city.portal}/nop-ho-so"
    expect(page.get_by_text("Nguyễn Thị Lan").first).to_be_visible()
    gallery.look(page, "portal-submit")
    page.select_option("select[name=procedure]", "cu-tru")
    page.fill("textarea[name=note]", "Xác nhận để nhập học cho con.")
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page.get_by_text("đã được tiếp nhận")).to_be_visible()
    gallery.look(page, "portal-dossiers")
    page.goto(f"{city.portal}/ca-nhan")
    for words in ("Nguyễn Thị Lan", "20/05/1990", "Nữ", "12 Bạch Đằng", "+84905123456"):
        expect(page.locator("dl.facts")).to_contain_text(words)
    gallery.look(page, "portal-details")

    counters = citizen.context.request.get(f"{city.issuer}/metrics").text()
    assert re.search(r'antin_tokens_total\{grant="refresh_token",result="issued"\} [1-9]', counters)
    assert 'grant="refresh_token",result="refused"' not in counters

    page.goto(city.onestop)
    gallery.look(page, "onestop-front")
    page.get_by_role("link", name="Đặt lịch làm việc").click()
    expect(page.locator("button[name=decision][value=allow]")).to_be_visible()  # consent at once: no password was asked
    assert page.locator("input[name=password]").count() == 0
    assert page.get_by_text("Ngày sinh").count() == 0  # the office asks for a name and a telephone number only
    citizen.decide("allow")
    expect(page.get_by_text("Nguyễn Thị Lan").first).to_be_visible()
    assert page.url == f"{city.onestop}/dat-lich"
    gallery.look(page, "onestop-book")
    page.get_by_role("button", name="Đặt lịch").click()
    expect(page.get_by_text("Số thứ tự của Quý công dân")).to_be_visible()
    gallery.look(page, "onestop-visits")

    page.goto(f"{city.issuer}/account")
    for service in ("Cổng dịch vụ công (minh hoạ)", "Một cửa phường Hải Châu (minh hoạ)"):
        expect(page.get_by_role("heading", name=service, level=3)).to_be_visible()
    gallery.look(page, "account")
    assert citizen.is_active(city.portal)
    assert citizen.is_active(city.onestop)

    for name, heading in (("password", "Đổi mật khẩu"), ("second-factor", "Thiết lập mã xác thực")):
        page.goto(f"{city.issuer}/account/{name}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        gallery.look(page, f"account-{name}")

    page.goto(f"{city.issuer}/account")
    page.get_by_role("button", name="Đăng xuất khỏi tất cả").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    started = time.monotonic()
    while citizen.is_active(city.portal) or citizen.is_active(city.onestop):
        assert time.monotonic() - started < NOTICE_SECONDS, "a service did not notice in time"
        time.sleep(0.05)
    gallery.look(page, "signed-out")

    page.goto(f"{city.portal}/ho-so")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiên làm việc đã được kết thúc")
    gallery.look(page, "portal-ended")
    page.get_by_role("link", name="Đăng nhập", exact=True).click()
    expect(page.locator("input[name=password]")).to_be_visible()


def test_leaving_one_service_leaves_the_other_alone(city: City, visit: Callable[..., Visitor]) -> None:
    citizen = visit()
    page = citizen.page
    for service, road in ((city.portal, "/ca-nhan"), (city.onestop, "/lich-hen")):
        page.goto(service + road)
        if page.locator("input[name=password]").count():
            citizen.sign_in("dung")
        if page.locator("button[name=decision]").count():
            citizen.decide()
        page.wait_for_url(service + road)
    page.get_by_role("button", name="Thoát khỏi dịch vụ này").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã thoát khỏi dịch vụ này")
    assert not citizen.is_active(city.onestop)
    assert citizen.is_active(city.portal)

    page.goto(f"{city.portal}/ca-nhan")
    page.get_by_role("button", name="Đăng xuất khỏi mọi dịch vụ").click()
    page.wait_for_url(lambda address: address.startswith((f"{city.portal}/signed-out", f"{city.issuer}/logout")))
    if page.url.startswith(city.issuer):
        citizen.decide("end")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đăng xuất khỏi mọi dịch vụ")
    page.goto(f"{city.onestop}/lich-hen")
    expect(page.locator("input[name=password]")).to_be_visible()


def test_a_service_that_is_taken_back_lets_nobody_in(city: City, visit: Callable[..., Visitor]) -> None:
    citizen = visit()
    page = citizen.page
    page.goto(f"{city.portal}/ca-nhan")
    citizen.sign_in("dung")
    if page.locator("button[name=decision]").count():
        citizen.decide()
    page.wait_for_url(f"{city.portal}/ca-nhan")
    page.goto(f"{city.issuer}/account")
    service = page.get_by_role("article").filter(has_text="Mục đích").filter(has_text="Cổng dịch vụ công (minh hoạ)")
    service.get_by_role("button", name="Thu hồi quyền").click()
    expect(service).to_have_count(0)
    page.goto(f"{city.portal}/ca-nhan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiên làm việc đã được kết thúc")


def test_saying_no_passes_nothing_on(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    official = visit()  # a citizen too, at this office; with a second factor
    page = official.page
    page.goto(f"{city.onestop}/lich-hen")
    official.sign_in("minh")
    official.decide("deny")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa đăng nhập")
    gallery.look(page, "declined")
    assert not official.is_active(city.onestop)


def test_a_wrong_password_is_answered_kindly(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    somebody = visit()
    somebody.expect_failures(400, 401, 403, 422)
    page = somebody.page
    page.goto(f"{city.issuer}/account")
    page.fill("input[name=username]", "lan")
    page.fill("input[name=password]", "khong-phai-mat-khau")
    page.press("input[name=password]", "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.input_value("input[name=password]") == ""
    gallery.look(page, "login-wrong")
