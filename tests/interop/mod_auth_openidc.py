"""
Debian's apache2 with mod_auth_openidc as three services, in a real browser: one is told of a logout through the
browser, one over its back channel, one watches the session frame. Apache runs by hand, on spare ports, in a folder of
its own; nothing of the machine's configuration is read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.city import City, spare_ports
from tests.interop.base import Counterpart, add_client, say

MODULES = Path("/usr/lib/apache2/modules")
SERVER = """
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
ServerName localhost
{account}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
TypesConfig /dev/null
AddType text/html .html
StartServers 1
"""
SERVICE = """
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
DocumentRoot {folder}/pages
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {origin}/in/callback
OIDCCryptoPassphrase {client_secret}
OIDCCookie {name}
OIDCScope "openid profile"
OIDCPKCEMethod S256
OIDCResponseMode {response_mode}
OIDCInfoHook userinfo session id_token
OIDCDefaultLoggedOutURL {origin}/bye.html
OIDCCookieSameSite On
<Location /in>
AuthType openid-connect
Require valid-user
</Location>
</VirtualHost>
"""
WATCHING = """<!doctype html><meta charset="utf-8"><title>in</title><h1>in</h1>
<iframe hidden id="openidc-op" src="/in/callback?session=iframe_op"></iframe>
<iframe hidden src="/in/callback?session=iframe_rp&amp;poll=300"></iframe>"""
WAIT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Service:
    """name: of its cookie; origin: where it is; its client at the provider."""

    name: str
    origin: str
    client_id: str
    client_secret: str
    response_mode: str


def missing() -> str:
    """Why it cannot run here."""
    if shutil.which("apache2") is None or not (MODULES / "mod_auth_openidc.so").exists():
        return "apache2 with libapache2-mod-auth-openidc is not installed"
    return "" if CHROMIUM else "Chromium is not installed"


def run(city: City) -> bool:
    """The three services, and then logout at the request of one."""
    ports = spare_ports(3)
    front = _service(city, "front", ports[0], "query", frontchannel_logout_uri="/in/callback?logout=get")
    back = _service(city, "back", ports[1], "form_post", backchannel_logout_uri="/in/callback?logout=backchannel")
    watching = _service(city, "watching", ports[2], "query")
    say("mod_auth_openidc, in a browser")
    with _apache(city, [front, back, watching]), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(locale="vi-VN")
        context.set_default_timeout(WAIT_MS)
        _journey(city, context, front, back, watching)
        browser.close()
    return True


def _journey(city: City, context: BrowserContext, front: Service, back: Service, watching: Service) -> None:
    page = context.new_page()
    for service in (front, back, watching):
        _sign_in(city, page, service)
        assert _is_in(context, service), service.name
    say("  ✓ code with PKCE by query and form_post, userinfo, one sign-in for three services")

    watched = context.new_page()
    watched.goto(f"{watching.origin}/in/watch.html")
    watched.wait_for_timeout(1500)
    assert watched.url == f"{watching.origin}/in/watch.html", watched.url
    say("  ✓ session frame: unchanged while the session lives")

    page.goto(f"{city.issuer}/account")
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.wait_for_url("**/logout/done*")
    assert not _is_in(context, back)
    say("  ✓ back-channel logout")
    _until(lambda: not _is_in(context, front))
    say("  ✓ front-channel logout")
    watched.wait_for_url(f"{city.issuer}/logout/done*")  # where this service sends its page when it hears "changed"
    assert not _is_in(context, watching)
    say("  ✓ session frame: changed, and the service signed its page out by itself")

    for service in (front, back):
        _sign_in(city, page, service)
    page.goto(f"{front.origin}/in/callback?logout={quote(front.origin + '/bye.html', safe='')}")
    page.wait_for_url(f"{front.origin}/bye.html*")
    assert not _is_in(context, front)
    assert not _is_in(context, back)
    page.goto(f"{city.issuer}/account")
    assert "/login" in page.url
    say("  ✓ RP-initiated logout, through the page that tells the others, back at the service")


def _service(city: City, name: str, port: int, response_mode: str, **addresses: str) -> Service:
    origin = f"http://localhost:{port}"
    metadata = {
        "client_name": f"mod_auth_openidc {name}",
        "redirect_uris": [f"{origin}/in/callback"],
        "post_logout_redirect_uris": [f"{origin}/bye.html"],
        "scope": "openid profile",
        "token_endpoint_auth_method": "client_secret_basic",
        **{key: origin + path for key, path in addresses.items()},
    }
    added = add_client(city, metadata)
    return Service(name, origin, added["client_id"], added["client_secret"], response_mode)


@contextmanager
def _apache(city: City, services: list[Service]) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="antin-apache-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # its workers give up root's rights
        (folder / "pages" / "in").mkdir(parents=True)
        (folder / "pages" / "in" / "index.html").write_text("<!doctype html><title>in</title><h1>in</h1>")
        (folder / "pages" / "in" / "watch.html").write_text(WATCHING)
        (folder / "pages" / "bye.html").write_text("<!doctype html><title>bye</title><h1>bye</h1>")
        account = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        text = SERVER.format(folder=folder, modules=MODULES, account=account)
        for one in services:
            port = one.origin.rpartition(":")[2]
            facts = {"name": one.name, "origin": one.origin, "client_id": one.client_id, "port": port}
            more = {"client_secret": one.client_secret, "response_mode": one.response_mode, "issuer": city.issuer}
            text += SERVICE.format(folder=folder, **facts, **more)
        config = folder / "apache.conf"
        config.write_text(text)
        process = subprocess.Popen(["apache2", "-f", str(config), "-D", "FOREGROUND"])
        try:
            _until(lambda: (folder / "pid").exists() and process.poll() is None)
            yield
        except BaseException:
            log = folder / "error.log"
            say(log.read_text(errors="replace")[-3000:] if log.exists() else "apache2 said nothing")
            raise
        finally:
            process.terminate()
            process.wait(10)


def _sign_in(city: City, page: Page, service: Service) -> None:
    page.goto(f"{service.origin}/in/")
    if page.locator("input[name=password]").count():
        page.fill("input[name=username]", "lan")
        page.fill("input[name=password]", city.password("lan"))
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "/login" not in address)
    if page.locator("button[name=decision][value=allow]").count():
        page.click("button[name=decision][value=allow]")
    page.wait_for_url(f"{service.origin}/in/")


def _is_in(context: BrowserContext, service: Service) -> bool:
    """Whether the service has a session with this browser, and knows who it is."""
    answer = context.request.get(f"{service.origin}/in/callback?info=json", max_redirects=0)
    return bool(answer.status == 200 and answer.json()["userinfo"]["name"] == "Nguyễn Thị Lan")


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come about in time")
        time.sleep(0.1)


COUNTERPART = Counterpart("mod_auth_openidc", missing, run)
