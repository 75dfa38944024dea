"""Which web pages may read answers."""

from __future__ import annotations

from tests.provider import Provider

ORIGIN = "https://portal.example.vn"


def test_a_public_client_reads_from_its_own_origin_alone(provider: Provider) -> None:
    public = provider.client(token_endpoint_auth_method="none", trusted=True)
    cookie = provider.session(provider.person())
    for origin, allowed in ((ORIGIN, ORIGIN), ("https://evil.test", None), ("null", None)):
        code = provider.code(public, cookie)
        form = {"grant_type": "authorization_code", "client_id": public.id, "code": code}
        reply = provider.ask("/token", method="POST", form=form, headers={"Origin": origin})
        assert reply.json["error"] == "invalid_grant"
        assert reply.headers.get("Access-Control-Allow-Origin") == allowed
        assert reply.headers["Vary"] == "Origin"
    token = provider.redeem(public, provider.code(public, cookie)).json["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Origin": ORIGIN}
    assert provider.ask("/userinfo", headers=headers).headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_confidential_client_is_not_for_web_pages(provider: Provider) -> None:
    client = provider.client()
    reply = provider.ask(
        "/token",
        method="POST",
        form={"client_id": client.id},
        headers={"Origin": ORIGIN, "Authorization": client.basic},
    )
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_public_documents_and_preflights(provider: Provider) -> None:
    for path in ("/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        reply = provider.ask(path, headers={"Origin": "https://any.test"})
        assert reply.status == 200
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.headers["Cache-Control"].startswith("public")
    for path in ("/token", "/userinfo", "/revoke"):
        reply = provider.ask(path, method="OPTIONS", headers={"Origin": ORIGIN})
        assert reply.status == 204
        assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in reply.headers


def test_a_browser_application_reads_why_its_token_is_refused(provider: Provider) -> None:
    headers = {"Authorization": "Bearer expired", "Origin": ORIGIN}
    reply = provider.ask("/userinfo", headers=headers)
    assert reply.status == 401
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "WWW-Authenticate" in reply.headers["Access-Control-Expose-Headers"]
    assert set(reply.json) == {"error", "error_description"}
