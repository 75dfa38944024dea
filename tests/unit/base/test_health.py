"""Health and metrics."""

from __future__ import annotations

from collections.abc import Callable

import flask
import pytest
from flask.testing import FlaskClient

from base.services import BaseServices
from base.web.health import add_readiness
from base.web.shell import make_app


def test_live_and_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "live"}
    assert client.get("/health/ready").json == {"checks": {"database": True}, "status": "ready"}


def failing() -> bool:
    raise OSError


@pytest.mark.parametrize("check", [lambda: False, failing])
def test_one_failing_check_is_enough(app: flask.Flask, check: Callable[[], bool]) -> None:
    add_readiness(app, "keys", check)
    client = app.test_client()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json == {"checks": {"database": True, "keys": False}, "status": "not ready"}
    assert client.get("/health/live").status_code == 200


def test_a_lost_database_is_not_ready(make_base: Callable[..., BaseServices]) -> None:
    services = make_base()
    app = make_app(services, name="x", roads=(), cookie_key=b"k" * 32)

    class Lost:
        def read(self) -> None:
            raise OSError

    broken = make_app(
        BaseServices(services.settings, Lost(), services.clock, services.http, services.versions),  # type: ignore[arg-type]  # a lost database
        name="x",
        roads=(),
        cookie_key=b"k" * 32,
    )
    assert app.test_client().get("/health/ready").status_code == 200
    assert broken.test_client().get("/health/ready").status_code == 503


def test_answers_are_counted_by_endpoint_not_by_address(client: FlaskClient) -> None:
    client.get("/form")
    client.get("/made-up-by-a-visitor")
    page = client.get("/metrics").text
    assert 'antin_requests_total{endpoint="form",status="200"}' in page
    assert 'antin_requests_total{endpoint="none",status="404"}' in page
    assert "made-up" not in page


def test_a_token_closes_the_metrics(make_base: Callable[..., BaseServices]) -> None:
    services = make_base()
    object.__setattr__(services.base, "metrics_token", "open-sesame")
    client = make_app(services, name="x", roads=(), cookie_key=b"k" * 32).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer open-sesame"}).status_code == 200


def test_forwarded_addresses_are_believed_only_from_trusted_proxies(make_base: Callable[..., BaseServices]) -> None:
    def remote(trusted: int) -> str:
        services = make_base()
        object.__setattr__(services.base, "trusted_proxies", trusted)
        app = make_app(services, name="x", roads=(), cookie_key=b"k" * 32)
        app.add_url_rule("/remote", view_func=lambda: str(flask.request.remote_addr))
        headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
        return app.test_client().get("/remote", headers=headers).text

    assert remote(0) == "127.0.0.1"
    assert remote(1) == "203.0.113.9"
