"""signature_api.json: the API for applications, as it describes itself."""

from __future__ import annotations

import json

from signing.web.api.openapi import document


def page() -> str:
    """OpenAPI 3.1; the issuer is an example."""
    return json.dumps(document("https://dangnhap.example.vn"), indent=2, ensure_ascii=False) + "\n"
