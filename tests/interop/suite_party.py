"""The relying party of tests/functional/plan_party.py over real TLS, registered by HTTP, in HtmlUnit's hands."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from base.ids import new_secret
from idp.errors import RegistrationRefused
from tests.city import spare_ports
from tests.functional.plan_party import Answer, Party, Plan, Variant
from tests.interop.java import ask
from tests.interop.nginx_tls import Front, running
from tests.interop.suite_server import ScriptedBrowser, SuiteServer, Visit, scripted_browser, suite_server
from tests.proofs import HeldKey

KEY = HeldKey("RS256")
LONGEST_WAIT_SECONDS = 2


class Reply:
    """An HTTP answer, by the names of werkzeug's."""

    def __init__(self, found: requests.Response) -> None:
        self.status_code, self.text, self.headers = found.status_code, found.text, found.headers
        self.content_type = found.headers.get("Content-Type", "")

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text.startswith("{") else None

    def get_json(self) -> Any:
        return self.json


@dataclass(frozen=True)
class Stage:
    """The installation, the suite's server and its browser; to a Plan it is the Site, with itself as app and client."""

    front: Front
    suite: SuiteServer
    browser: ScriptedBrowser

    @property
    def app(self) -> Stage:
        return self

    @property
    def clock(self) -> Stage:
        return self

    def test_client(self) -> Stage:
        return self

    def now(self) -> int:
        """A second ahead: what the server dates must not lie after it."""
        return int(time.time()) + 1

    def move(self, seconds: int) -> None:
        """Wait, but not as long as a clock can be set ahead."""
        time.sleep(min(seconds, LONGEST_WAIT_SECONDS))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return Reply(self.front.get(self.front.issuer + path, **dict(headers or {})))

    def post(self, path: str, data: Any = None, headers: Mapping[str, str] | None = None, json: Any = None) -> Reply:
        sent = requests.post(
            self.front.issuer + path, data=data, json=json, headers=headers, verify=self.front.ca, timeout=20
        )
        return Reply(sent)


@contextmanager
def stage() -> Iterator[Stage]:
    """All of it, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="antin-suite-") as place:
        folder, port = Path(place) / "op", spare_ports(1)[0]
        with (
            running(folder, f"https://localhost:{port}") as front,
            suite_server(port, folder / "suite.pem", folder / "suite.key") as suite,
            scripted_browser(front.plan("oidcc-dynamic")) as browser,
        ):
            yield Stage(front, suite, browser)


@dataclass
class Watched:
    """One browser: a jar of cookies, and the page it shows. told: what the last visit gave."""

    stage: Stage
    cookies: str = field(default_factory=new_secret)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.told["text"])

    def get(self, path: str) -> None:
        """Look at a page and do nothing there."""
        asked = {"url": self.stage.front.issuer + path, "method": "GET", "cookies": self.cookies, "tasks": []}
        self.told = json.loads(ask(self.stage.browser.process, json.dumps(asked)))


class ShownPage(dict[str, Any]):
    """A page where the browser stayed: `status`, `text`, `placeholder`."""

    @property
    def status_code(self) -> int:
        return int(self["status"])

    @property
    def picture(self) -> str:
        """What the module's placeholder was given. Raises: KeyError: nothing."""
        return str(self["placeholder"])


@dataclass
class LiveParty(Party):
    """module: in whose name the browser goes; signing: a key of its own and its header, for private_key_jwt."""

    module: str = ""
    signing: tuple[HeldKey, Mapping[str, Any]] = (KEY, {"typ": "JWT"})

    @property
    def stage(self) -> Stage:
        return cast(Stage, self.site)

    @property
    def watched(self) -> Watched:
        return cast(Watched, self.browser)

    @property
    def issuer(self) -> str:
        return self.stage.front.issuer

    @property
    def callback(self) -> str:
        return f"{self.stage.suite.base}/callback"

    def go(self, path: str, parameters: Mapping[str, str], method: str = "GET") -> tuple[ShownPage, list[Visit]]:
        """The browser's way through its tasks. Returns its last page and what came to the suite meanwhile."""
        before = len(self.stage.suite.visits)
        address = f"{self.issuer}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        told = self.stage.browser.visit(address, module=self.module, cookies=self.watched.cookies, method=method)
        self.watched.told = told
        assert "problem" not in told, (told["problem"], told.get("url"))
        return ShownPage(told), self.stage.suite.visits[before:]

    def send(self, request: Mapping[str, str], *, post: bool = False) -> Any:
        page, visits = self.go("/authorize", request, "POST" if post else "GET")
        back = next((visit for visit in visits if visit.path.endswith("/callback")), None)
        if back is None:
            return page
        seen = tuple(dict.fromkeys(urlsplit(each).path for each in page["pages"] if each.startswith(self.issuer)))
        if back.method == "POST":
            return Answer({name: value for name, value in back.form.items() if name != "body"}, "form_post", seen)
        if back.fragment:
            return Answer(dict(parse_qsl(back.fragment)), "fragment", seen)
        return Answer(back.query, "query", seen)

    def token(self, **form: str) -> Any:
        if self.registered["token_endpoint_auth_method"] != "private_key_jwt":
            return super().token(**form)
        key, header = self.signing
        now = int(time.time())
        claims = key.assertion(self.id, now, aud=f"{self.issuer}/token", header=dict(header))
        return self.stage.post("/token", {**form, "client_id": self.id, **claims})


@dataclass
class LivePlan(Plan):
    """One module's turn."""

    module: str = ""

    @property
    def stage(self) -> Stage:
        return cast(Stage, self.site)

    def party(self, browser: Any = None, **metadata: Any) -> LiveParty:
        """A client registers as the suite's do: without a scope, without algorithms, with a key that has no name."""
        words = self.variant.words
        by_code, in_front = "code" in words, bool(words - {"code"})
        whole = {
            "client_name": "Conformance",
            "grant_types": [*(["authorization_code"] if by_code else []), *(["implicit"] if in_front else [])],
            "jwks": {"keys": [{**KEY.jwk, "use": "sig", "alg": "RS256"}]},
            "token_endpoint_auth_method": "client_secret_basic",
            "response_types": [self.variant.response_type],
            "redirect_uris": [f"{self.stage.suite.base}/callback"],
            "contacts": ["certification@example.vn"],
        } | metadata
        sent = self.stage.post("/register", json={name: value for name, value in whole.items() if value is not None})
        if sent.status_code != 201:
            raise RegistrationRefused(sent.json["error"], sent.text)
        assert sent.content_type == "application/json"
        return self.known(sent.json, browser)

    def known(self, registered: Mapping[str, Any], browser: Any = None) -> LiveParty:
        """A client that is registered."""
        seen = cast(Any, browser or Watched(self.stage))
        return LiveParty(self.site, self.variant, registered, seen, key=KEY, module=self.module)


def plan_of(on: Stage, variant: Variant, module: str) -> LivePlan:
    return LivePlan(cast(Any, on), variant, module)
