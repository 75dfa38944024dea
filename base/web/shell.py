"""
The web shell: a Flask application with everything our pages share.

Packages mount their views on what `make_app` returns and write templates that extend `layout.html`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flask
from werkzeug.middleware.proxy_fix import ProxyFix

from base.clock import shown
from base.services import BaseServices
from base.texts import Text
from base.web import assets, csrf, front, headers, health, pages, standards, texts, visit
from base.web.cookies import SECURE
from base.web.ways import Road, Way

__all__ = ["Road", "Way", "make_app"]

ACCOUNT = Way("/account", Text("Tài khoản", "Account"))
FOOTER = (
    Way("/verify", Text("Kiểm tra chữ ký", "Check a signature")),
    Way("/standards", Text("Tiêu chuẩn", "Standards")),
)


def make_app(
    services: BaseServices,
    *,
    name: str | Text,
    roads: Sequence[Road],
    cookie_key: bytes,
    account: Way | None = ACCOUNT,
    footer: Sequence[Way] = FOOTER,
    lead: front.Lead = front.LEAD,
) -> flask.Flask:
    """
    A Flask application with layout, languages, CSRF, headers, error pages, static files, health and the front page.

    name:       what stands beside the mark.
    roads:      where the front page leads, at best three.
    cookie_key: 32 bytes; keys the CSRF tokens.

    1. Settings of Flask; no `secret_key`, so that its client-held session cannot be used by mistake.
    2. Language first, then CSRF, so that a refusal is said in the right language.
    3. Headers last of all.
    """
    app = flask.Flask("base.web", template_folder="templates", static_folder=None)
    settings = services.base
    app.config[SECURE] = settings.secure
    app.config[csrf.COOKIE_KEY] = cookie_key
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 1024 * 1024
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    app.jinja_env.globals.update(t=texts.t, csrf_field=csrf.csrf_field, shown=shown, languages=texts.LANGUAGES)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.source_url:
        footer = (*footer, Way(settings.source_url, Text("Mã nguồn", "Source code")))
    shell_name = name if isinstance(name, Text) else Text(name, name)

    facts = {"name": shell_name, "account": account, "footer": footer}
    visit.mount(app, facts, cookie_key=cookie_key, secure=settings.secure)

    @app.context_processor
    def page_facts() -> dict[str, object]:
        return {"lang": texts.current_lang(), "shell": {**facts, "here": pages.here()}}

    headers.mount(app)  # Flask runs after-request functions in reverse order: registered first, it runs last
    texts.mount(app)
    csrf.mount(app)
    pages.mount(app)
    assets.mount(app, Path(__file__).parent / "static", settings.data_dir)
    health.mount(app, services)
    front.mount(app, roads, lead)
    standards.mount(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]  # Flask's documented way
    return app
