"""The door for certificates: a proxy's word is taken, everybody else's is thrown away."""

from __future__ import annotations

from typing import Any

import pytest

from base.errors import SettingsError
from base.web.client_certificate import with_client_certificates
from base.web.edge import CERTIFICATE, EdgeRequest

PROXIES = ("10.0.0.0/8", "::1", "127.0.0.1")


def seen(remote: str, **headers: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.append(environ)
        return []

    door = with_client_certificates(inner, header="Client-Cert", chain_header="Client-Cert-Chain", proxies=PROXIES)
    door({"REMOTE_ADDR": remote, **headers}, None)
    return found[0]


@pytest.mark.parametrize("remote", ["10.1.2.3", "::1", "127.0.0.1"])
def test_a_proxy_is_believed(remote: str) -> None:
    environ = seen(remote, HTTP_CLIENT_CERT=":QQ==:", HTTP_CLIENT_CERT_CHAIN=":Qg==:")
    assert EdgeRequest(environ).certificate == (":QQ==:", ":Qg==:")
    assert not any(name.startswith("HTTP_") for name in environ)
    assert EdgeRequest(seen(remote, HTTP_CLIENT_CERT=":QQ==:")).certificate == (":QQ==:", "")


@pytest.mark.parametrize("remote", ["11.0.0.1", "203.0.113.9", "::2", "", "unix:", "127.0.0.1, 10.0.0.1"])
def test_nobody_else_is(remote: str) -> None:
    environ = seen(remote, HTTP_CLIENT_CERT=":QQ==:", HTTP_CLIENT_CERT_CHAIN=":Qg==:")
    assert EdgeRequest(environ).certificate is None
    assert not any(name.startswith("HTTP_") for name in environ)


def test_who_says_he_was_forwarded_is_not() -> None:
    environ = seen("203.0.113.9", HTTP_CLIENT_CERT=":QQ==:", HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert EdgeRequest(environ).certificate is None


def test_no_certificate_no_word() -> None:
    assert CERTIFICATE not in seen("127.0.0.1")
    assert CERTIFICATE not in seen("127.0.0.1", HTTP_CLIENT_CERT="", HTTP_CLIENT_CERT_CHAIN=":Qg==:")


def test_a_proxy_has_an_address() -> None:
    with pytest.raises(SettingsError):
        with_client_certificates(lambda *_: [], header="a", chain_header="b", proxies=("proxy.example.vn",))
