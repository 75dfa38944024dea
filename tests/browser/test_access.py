"""Without a script, without a mouse, in the other language, on a page that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.gallery import Gallery
from tests.browser.watch import Visitor
from tests.city import City


def test_sign_in_and_consent_need_no_script(city: City, visit: Callable[..., Visitor]) -> None:
    citizen = visit(java_script_enabled=False)
    page = citizen.page
    page.goto(f"{city.portal}/ca-nhan")
    citizen.sign_in("dung")
    if page.locator("button[name=decision]").count():
        citizen.decide()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thông tin cá nhân")
    page.get_by_role("button", name="Đăng xuất khỏi mọi dịch vụ").click()
    if page.url.startswith(city.issuer):
        citizen.decide("end")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đăng xuất khỏi mọi dịch vụ")


def test_without_an_account(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(f"{city.portal}/ca-nhan")
    page.get_by_role("link", name="Chưa có tài khoản?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa có tài khoản")
    gallery.look(page, "no-account")
    page.get_by_role("button", name="Tôi đã có tài khoản: đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")


def test_the_language_switch_stays_on_the_page(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    page = visit().page
    page.goto(f"{city.issuer}/verify")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{city.issuer}/verify"
    page.goto(f"{city.portal}/mau-van-ban")  # the same browser, another service: the choice is remembered
    expect(page.get_by_role("heading", level=1)).to_have_text("Sample documents to sign")
    gallery.look(page, "portal-samples-en")
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Văn bản mẫu để ký thử")
    gallery.look(page, "portal-samples")


def test_whom_the_service_trusts(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(f"{city.issuer}/verify")
    page.get_by_role("link", name="Ai được tin cậy ở đây").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ai được tin cậy")
    expect(page.get_by_role("heading", name="CA nội bộ của hệ thống này")).to_be_visible()
    gallery.look(page, "trust")


def test_the_services_language_is_carried_to_the_sign_in_page(city: City, visit: Callable[..., Visitor]) -> None:
    page = visit(locale="en-GB").page
    page.goto(f"{city.portal}/ca-nhan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_keyboard_is_enough_and_the_focus_is_seen(city: City, visit: Callable[..., Visitor]) -> None:
    citizen = visit()
    page = citizen.page
    page.goto(f"{city.onestop}/lich-hen")
    _tab_to(page, "input[name=username]")
    page.keyboard.type("dung")
    page.keyboard.press("Tab")
    assert _focused(page) == "password"
    page.keyboard.type(city.password("dung"))
    page.keyboard.press("Tab")
    assert _outlined(page)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: urlsplit(address).path != "/login")
    if page.locator("button[name=decision]").count():
        _tab_to(page, "button[name=decision][value=allow]")
        assert _outlined(page)
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lịch hẹn và hồ sơ của tôi")


def test_the_first_tab_leads_past_the_header(city: City, visit: Callable[..., Visitor]) -> None:
    page = visit().page
    page.goto(city.issuer)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_an_unknown_page_offers_a_way_on(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    somebody = visit()
    somebody.expect_failures(404)
    page = somebody.page
    page.goto(f"{city.issuer}/khong-co")
    gallery.look(page, "not-found")
    page.locator("main a").first.click()
    assert page.url == f"{city.issuer}/"


def test_a_bad_request_never_leaves_for_an_unknown_address(
    city: City, visit: Callable[..., Visitor], gallery: Gallery
) -> None:
    somebody = visit()
    somebody.expect_failures(400)
    page = somebody.page
    page.goto(f"{city.issuer}/authorize?client_id=portal&response_type=code&redirect_uri=https://evil.example/")
    assert page.url.startswith(city.issuer)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    gallery.look(page, "authorize-error")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name"))


def _outlined(page: Page) -> bool:
    return bool(
        page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 })()"
        )
    )
