"""
Health and metrics: /health/live says that the process answers, /health/ready that it can do its work, /metrics counts.

Readiness is a table of named checks; wsgi.py adds its own (keys ready, migrations at head) by `add_readiness`.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable

import flask
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import text

from base.services import BaseServices
from base.web.edge import count

log = logging.getLogger("antin.health")
EXTENSION = "antin_readiness"
Check = Callable[[], bool]


def add_readiness(app: flask.Flask, name: str, check: Check) -> None:
    """Let `/health/ready` also ask this; an exception counts as 'no'."""
    app.extensions.setdefault(EXTENSION, {})[name] = check


def mount(app: flask.Flask, services: BaseServices) -> None:
    """GET /health/live, /health/ready, /metrics, and the count of every answer."""

    def database_answers() -> bool:
        with services.db.read() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)

    add_readiness(app, "database", database_answers)

    @app.get("/health/live")
    def live() -> flask.Response:
        return flask.jsonify(status="live")

    @app.get("/health/ready")
    def ready() -> flask.Response:
        checks: dict[str, Check] = flask.current_app.extensions[EXTENSION]
        results = {name: _passes(name, check) for name, check in checks.items()}
        fine = all(results.values())
        response = flask.jsonify(status="ready" if fine else "not ready", checks=results)
        response.status_code = 200 if fine else 503
        return response

    @app.get("/metrics")
    def metrics() -> flask.Response:
        wanted = services.base.metrics_token
        if wanted and not hmac.compare_digest(
            flask.request.headers.get("Authorization", "").encode(), f"Bearer {wanted}".encode()
        ):
            flask.abort(401)
        return flask.Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)

    @app.after_request
    def count_answer(response: flask.Response) -> flask.Response:
        count(flask.request.endpoint or "none", response.status_code)
        return response


def _passes(name: str, check: Check) -> bool:
    try:
        return check()
    except Exception:
        log.exception("readiness check failed: %s", name)
        return False


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped
    return registry
