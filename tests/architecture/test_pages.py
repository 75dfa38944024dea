"""Every page of the running application: forms are protected, templates share the layout, headers are set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

import wsgi
from idp.flows.resource_metadata import PROTECTED
from idp.protocol import endpoints
from migrations.upgrade import upgrade
from signing.web.api.operations import OPERATIONS
from tests.architecture.tree import relative, repository_files

EXEMPT = {
    *(value for name, value in vars(endpoints).items() if name.isupper() and str(value).startswith("/")),
    *(endpoints.PROTECTED_RESOURCE + path for path in PROTECTED),
    *(operation.route for operation in OPERATIONS),
    "/logout", "/pki/ocsp", "/pki/tsa", "/tsa", "/v/<code>",
    "/verify", "/verify/report.pdf", "/desk/backchannel-logout",
}  # fmt: skip
"""POSTs that programs send, or that change nothing: they carry a client's or a token's own proof instead."""
NEEDS_NONE = {f"signing/web/templates/signing/{name}.html" for name in ("verify", "verify_parts", "code")}
"""Templates whose forms change nothing; the page that shows them sets no cookie."""
USED = re.compile(r"{%-? (?:import|from|include) \"([\w/.]+)\"")
"""How a template names another that is a part of pages, not a page."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[flask.Flask]:
    folder: Path = tmp_path_factory.mktemp("var")
    settings = wsgi.load_settings({"ANTIN_DATA_DIR": str(folder)})
    database = wsgi.open_floor(settings).db
    upgrade(database)
    database.close()
    services = wsgi.open_services(settings)
    yield wsgi.create_flask(services)
    services.base.db.close()


def writes(app: flask.Flask) -> list[tuple[str, str]]:
    """(address, endpoint) of every rule that takes POST, PUT, PATCH or DELETE."""
    verbs = {"POST", "PUT", "PATCH", "DELETE"}
    return [(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules() if verbs & (rule.methods or set())]


def is_exempt(app: flask.Flask, endpoint: str) -> bool:
    """Marked by base/web/csrf.py: csrf_exempt."""
    return bool(getattr(app.view_functions[endpoint], "csrf_exempt", False))


def test_every_form_is_protected_or_known_to_be_exempt(app: flask.Flask) -> None:
    exempt = {address for address, endpoint in writes(app) if is_exempt(app, endpoint)}
    assert exempt <= EXEMPT


def test_a_protected_form_refuses_a_post_without_its_token(app: flask.Flask) -> None:
    client = app.test_client()
    for address, endpoint in writes(app):
        if is_exempt(app, endpoint):
            continue
        answer = client.post(re.sub(r"<[^>]+>", "x", address), data={})
        assert answer.status_code == 403, address


def test_every_page_carries_the_headers(app: flask.Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and not rule.arguments:
            answer = client.get(rule.rule)
            if answer.mimetype == "text/html" and rule.rule != endpoints.CHECK_SESSION:  # services frame that one
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], rule.rule
                assert "unsafe-inline" not in answer.headers["Content-Security-Policy"], rule.rule
                assert answer.headers["X-Content-Type-Options"] == "nosniff", rule.rule
                assert answer.headers["Referrer-Policy"] == "no-referrer", rule.rule
                assert answer.headers["Cache-Control"] == "no-store", rule.rule


def test_no_get_route_changes_state_by_its_name(app: flask.Flask) -> None:
    doing = re.compile(r"/(delete|remove|revoke|end|sign|approve|disable)(/|$)")
    only_get = [r.rule for r in app.url_map.iter_rules() if not {"POST", "DELETE"} & (r.methods or set())]
    assert not [address for address in only_get if doing.search(address)]


def templates() -> list[Path]:
    return [path for path in repository_files() if path.suffix == ".html" and "/templates/" in relative(path)]


def test_every_template_extends_the_layout() -> None:
    parts = {"layout.html", *(name for path in templates() for name in USED.findall(path.read_text("utf-8")))}
    strays = [
        relative(path)
        for path in templates()
        if relative(path).partition("/templates/")[2] not in parts
        and not re.match(r"\s*(\{#.*?#\}\s*)?\{% extends \"[\w/]+\.html\" %\}", path.read_text("utf-8"), re.DOTALL)
    ]
    assert not strays


def test_templates_are_safe_by_construction() -> None:
    bad = re.compile(
        r"\|\s*safe\b|autoescape false|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", re.IGNORECASE
    )
    found = [
        f"{relative(path)}: {hit.group()}" for path in templates() for hit in bad.finditer(path.read_text("utf-8"))
    ]
    assert not found


def test_every_post_form_carries_the_csrf_field() -> None:
    forms = re.compile(r"<form\b[^>]*method=[\"']?post[\"']?[^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL)
    bare = [
        relative(path)
        for path in templates()
        for form in forms.findall(path.read_text("utf-8"))
        if "csrf_field()" not in form and "caller()" not in form
    ]
    assert not set(bare) - NEEDS_NONE
