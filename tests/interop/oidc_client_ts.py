"""
npm's oidc-client-ts as a browser application, in the distribution's Chromium: a public client on an origin of its own,
so every call to us is a cross-origin one. Once with bearer tokens, once with DPoP.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.city import City
from tests.interop.base import HERE, Counterpart, add_client, npm_folder, say, without_npm

PAGES = ("index.html", "callback.html", "silent.html", "goodbye.html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SLOW_MS = 20_000


def missing() -> str:
    return without_npm() or ("" if CHROMIUM else "Chromium is not installed")


def run(city: City) -> bool:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            for bound in (False, True):
                say(f"oidc-client-ts in a browser, {'DPoP' if bound else 'bearer tokens'}")
                with application(city, bound) as address:
                    context = browser.new_context(locale="vi-VN")
                    context.set_default_timeout(SLOW_MS)
                    page = context.new_page()
                    page.on("pageerror", lambda error: say(f"  ! {error}"))
                    _journey(city, page, address, bound)
                    context.close()
        finally:
            browser.close()
    return True


def _journey(city: City, page: Page, address: str, bound: bool) -> None:
    """
    1. Sign in through the pages. 2. Refresh. 3. Silently in a frame. 4. Somebody signs out elsewhere: the monitor
    tells. 5. Sign in again and sign out from here.
    """
    _sign_in(city, page, address)
    user = page.evaluate("({ name: user.profile.name, type: user.token_type, sub: user.profile.sub })")
    assert user["name"] == (None if bound else "Nguyễn Thị Lan"), user
    assert user["type"] == ("DPoP" if bound else "Bearer"), user
    say("  ✓ code with PKCE, ID token, userinfo, all across origins")

    before = page.evaluate("user.access_token")
    renewed = page.evaluate("ready.then(manager => manager.signinSilent()).then(user => user.access_token)")
    assert renewed != before
    say("  ✓ refresh")

    silent = "ready.then(m => m.signinSilent({ forceIframeAuth: true })).then(user => user.profile.sub)"
    assert page.evaluate(silent) == user["sub"]
    say("  ✓ silent sign-in in a frame")

    other = page.context.new_page()
    other.goto(f"{city.issuer}/logout")
    other.click("button[name=decision][value=end]")
    page.wait_for_function("window.signedOut === true")
    other.close()
    say("  ✓ a sign-out elsewhere is noticed by the session monitor")

    _sign_in(city, page, address)
    page.evaluate("void ready.then(manager => manager.signoutRedirect({ state: 'bye' }))")
    page.wait_for_url(f"{address}/goodbye.html*")
    say("  ✓ sign-out from the application, and back again")


def _sign_in(city: City, page: Page, address: str) -> None:
    page.goto(f"{address}/index.html")
    page.evaluate("void ready.then(manager => manager.signinRedirect())")
    page.wait_for_selector("input[name=username]")
    page.fill("input[name=username]", "lan")
    page.fill("input[name=password]", city.password("lan"))
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: url.startswith(address) or "/consent" in url)
    if "/consent" in page.url:
        page.click("button[name=decision][value=allow]")
    page.wait_for_url(f"{address}/callback.html*")
    page.wait_for_function("window.user !== undefined")


@contextmanager
def application(city: City, bound: bool) -> Iterator[str]:
    """The application's web server, registered as a public client. Yields its address."""
    library = npm_folder("oidc-client-ts") / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
    source = HERE / "oidc-client-ts"
    files: dict[str, tuple[str, Path | bytes]] = {
        "/oidc-client-ts.min.js": ("text/javascript", library),
        "/app.js": ("text/javascript", source / "app.js"),
        **{f"/{name}": ("text/html; charset=utf-8", source / "index.html") for name in PAGES},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server calls
            found = files.get(self.path.partition("?")[0])
            self.send_response(200 if found else 404)
            kind, content = found or ("text/plain", b"")
            self.send_header("Content-Type", kind)
            with suppress(BrokenPipeError, ConnectionResetError):  # the page was left meanwhile
                self.end_headers()
                self.wfile.write(content if isinstance(content, bytes) else content.read_bytes())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://localhost:{server.server_address[1]}"
    settings = _register(city, address, bound)
    files["/settings.json"] = ("application/json", json.dumps(settings).encode())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()


def _register(city: City, address: str, bound: bool) -> dict[str, Any]:
    metadata = {
        "client_name": "oidc-client-ts",
        "redirect_uris": [f"{address}/callback.html", f"{address}/silent.html"],
        "post_logout_redirect_uris": [f"{address}/goodbye.html"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile",
        "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES256",
        "dpop_bound_access_tokens": bound,
    }
    return {
        "authority": city.issuer,
        "client_id": add_client(city, metadata)["client_id"],
        "redirect_uri": f"{address}/callback.html",
        "silent_redirect_uri": f"{address}/silent.html",
        "post_logout_redirect_uri": f"{address}/goodbye.html",
        "scope": "openid profile",
        "loadUserInfo": not bound,  # it would send a bound token as a bearer token
        "monitorSession": True,
        "checkSessionIntervalInSeconds": 1,
        "automaticSilentRenew": False,
        "bound": bound,
    }


COUNTERPART = Counterpart("oidc-client-ts", missing, run)
