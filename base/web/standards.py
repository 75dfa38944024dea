"""The page of standards: what this server speaks, by the numbers an integrator or an auditor looks for."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from base.texts import Text


@dataclass(frozen=True, slots=True)
class Standard:
    """A group of standards, what we use them for, and where the machine-readable side of it is."""

    purpose: Text
    names: str
    href: str


STANDARDS = (
    Standard(
        Text("Đăng nhập một lần", "Single sign-on"),
        "OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout 1.0",
        "/.well-known/openid-configuration",
    ),
    Standard(
        Text("Cấp quyền truy cập", "Authorization"),
        "OAuth 2.0 (RFC 6749, RFC 9700), PKCE (RFC 7636), RFC 7009, RFC 7662, RFC 9068, RFC 9207, RFC 9396",
        "/.well-known/oauth-authorization-server",
    ),
    Standard(Text("Khóa công khai", "Public keys"), "JWS (RFC 7515), JWK (RFC 7517), JWT (RFC 7519)", "/jwks"),
    Standard(Text("Xác thực hai yếu tố", "Two-factor authentication"), "TOTP (RFC 6238), Argon2id (RFC 9106)", ""),
    Standard(
        Text("Chữ ký trên văn bản PDF", "Signatures in PDF documents"),
        "PAdES (ETSI EN 319 142-1), CMS (RFC 5652)",
        "/verify",
    ),
    Standard(Text("Kiểm tra chữ ký", "Checking signatures"), "ETSI EN 319 102-1", "/verify"),
    Standard(
        Text("Chứng thư và danh sách thu hồi", "Certificates and revocation lists"),
        "X.509 (RFC 5280), OCSP (RFC 6960)",
        "/pki/crl/issuing.crl",
    ),
    Standard(Text("Dấu thời gian", "Time stamps"), "RFC 3161, RFC 5816", ""),
    Standard(
        Text("Hình thức chữ ký hiển thị", "Look of visible signatures"),
        "Nghị định 30/2020/NĐ-CP, Phụ lục I",
        "",
    ),
)


def mount(app: flask.Flask) -> None:
    """GET /standards."""

    @app.get("/standards")
    def standards() -> str:
        return flask.render_template("standards.html", standards=STANDARDS)
