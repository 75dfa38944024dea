"""Paths of the provider's endpoints; the one place, read by discovery and by both edges."""

from __future__ import annotations

AUTHORIZE = "/authorize"
PAR = "/par"
TOKEN = "/token"
USERINFO = "/userinfo"
WHOAMI = "/whoami"
INTROSPECT = "/introspect"
REVOKE = "/revoke"
JWKS = "/jwks"
END_SESSION = "/logout"
CHECK_SESSION = "/session/check"
OPENID_CONFIGURATION = "/.well-known/openid-configuration"
OAUTH_SERVER = "/.well-known/oauth-authorization-server"

LOGIN = "/login"
LOGIN_CODE = "/login/code"
SELECT = "/select"
CONSENT = "/consent"
