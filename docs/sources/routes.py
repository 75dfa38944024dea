"""openapi.json: every address the server answers, from its own tables."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import wsgi
from docs.sources.markdown import first_sentence
from migrations.upgrade import upgrade


def page() -> str:
    """An OpenAPI 3.1 description of addresses and methods."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _paths(Path(folder))
    info = {
        "title": "Ấn Tín",
        "version": "0.1.0",
        "description": "Addresses and methods. What the protocol endpoints take and answer is in the discovery "
        "document and in the standards it names.",
    }
    document = {"openapi": "3.1.0", "info": info, "paths": dict(sorted(paths.items()))}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _paths(folder: Path) -> dict[str, Any]:
    settings = wsgi.load_settings({"ANTIN_DATA_DIR": str(folder)})
    database = wsgi.open_floor(settings).db
    upgrade(database)
    database.close()
    app = wsgi.create_flask(wsgi.open_services(settings))
    paths: dict[str, Any] = {}
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(address, {})[method.lower()] = _operation(rule.endpoint, view, sorted(rule.arguments))
    return paths


def _operation(endpoint: str, view: Any, arguments: list[str]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [_package(view)],
        "responses": {"default": {"description": "see the standard"}},
    }
    summary = first_sentence(view.__doc__)
    if summary:
        operation["summary"] = summary
    if arguments:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in arguments
        ]
    return operation


def _package(view: Any) -> str:
    return str(getattr(view, "__module__", "")).partition(".")[0]
