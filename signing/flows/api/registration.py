"""The API as the identity provider knows it: a resource with scopes, and a client that asks about access tokens."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from base.texts import Text
from signing.services import SigningServices

CREATE, VERIFY, EXTEND, SEAL = "signatures:create", "signatures:verify", "signatures:extend", "signatures:seal"
SCOPES: Mapping[str, Text] = {
    CREATE: Text(
        "Gửi văn bản cho cán bộ ký và lấy bản đã ký", "Sending officials documents to sign, and fetching them"
    ),
    VERIFY: Text("Kiểm tra chữ ký số", "Verifying signatures"),
    EXTEND: Text("Nâng mức chữ ký số để lưu trữ lâu dài", "Extending signatures for long-term keeping"),
    SEAL: Text("Đóng dấu số của cơ quan được giao", "Sealing with the agencies' seals that were granted"),
}
"""
What each scope allows. No scope lets an application sign for a person: an official does that, at the desk. The scope of
seals opens no seal by itself: each needs a grant of two operators.
"""


def client_secret(services: SigningServices) -> str:
    """The secret of the client that introspects: the setting, or 43 characters derived from the master key."""
    if services.settings.api_client_secret:
        return services.settings.api_client_secret
    return base64.urlsafe_b64encode(services.keys.mac("signing.api-client")).rstrip(b"=").decode()


def resource(services: SigningServices) -> dict[str, Any]:
    """The registration of the resource. Source: RFC 8707 §2."""
    scopes = {word: {"vi": said.vi, "en": said.en} for word, said in SCOPES.items()}
    return {"resource": services.api, "name": "API chữ ký số", "name#en": "Signature API", "scopes": scopes}


def client(services: SigningServices) -> dict[str, Any]:
    """The registration of the client, which has the resource's own address (RFC 7662 §4) and no scope of its own."""
    return {
        "client_id": services.settings.api_client_id,
        "client_name": "API chữ ký số",
        "client_name#en": "Signature API",
        "profile": "machine",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "scope": "",
        "token_endpoint_auth_method": "client_secret_basic",
        "resource": services.api,
    }
