"""A browser context under watch: console errors, page errors, and requests to anybody but the city are wrongs."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.city import City

WAIT_MS = 10_000


class Visitor:
    """One person with one browser."""

    def __init__(self, browser: Browser, city: City, **options: Any) -> None:
        self.city = city
        self.wrongs: list[str] = []
        self.may_fail: set[int] = set()
        self.friends: set[str] = set()  # origins beside the city's that the test itself serves
        settings = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", "viewport": {"width": 1280, "height": 800}}
        self.context = browser.new_context(**{**settings, **options})
        self.context.set_default_timeout(WAIT_MS)
        self.context.on("request", self._on_request)
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.wrongs.append(f"page error: {error.error}"))
        self.page: Page = self.context.new_page()
        expect.set_options(timeout=WAIT_MS)

    def expect_failures(self, *statuses: int) -> None:
        """Pages with these statuses are part of the test; the browser reports them in its console."""
        self.may_fail.update(statuses)

    def close(self) -> list[str]:
        """Close the browser. Returns what it should not have done."""
        self.context.close()
        return self.wrongs

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob", "about", "chrome-error"):
            return
        origins = {self.city.issuer, self.city.portal, self.city.onestop, *self.friends}
        if f"{parts.scheme}://{parts.netloc}" not in origins:
            self.wrongs.append(f"request to {request.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(f"status of {status}" in message.text for status in self.may_fail):
            return
        self.wrongs.append(f"console {message.type}: {message.text} at {message.location.get('url')}")

    # ── what people do again and again ─────────────────────────────────────────────────────────────────────────────

    def sign_in(self, username: str) -> None:
        """Fill in the sign-in page that is open, and the page of the second factor if there is one."""
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", self.city.password(username))
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda address: urlsplit(address).path != "/login")
        if self.page.locator("input[name=code]").count():
            self.enter_code(username)

    def decide(self, value: str = "allow") -> None:
        """Press a button of the consent page that is open."""
        self.page.click(f"button[name=decision][value={value}]")

    def enter_code(self, username: str) -> None:
        """Enter a fresh second factor."""
        self.page.fill("input[name=code]", self.city.code(username))
        self.page.press("input[name=code]", "Enter")

    def see_pictures(self) -> None:
        """Look at every picture of the page until it is there; pictures further down load when one comes near."""
        for picture in self.page.locator("main img").all():
            picture.scroll_into_view_if_needed()
            deadline = time.monotonic() + WAIT_MS / 1000
            while not picture.evaluate("one => one.complete && one.naturalWidth > 100"):
                assert time.monotonic() < deadline, "a picture does not come"
                time.sleep(0.05)

    def is_active(self, service: str) -> bool:
        """Whether the service says this browser has a session there."""
        return bool(self.context.request.get(f"{service}/session").json()["active"])
