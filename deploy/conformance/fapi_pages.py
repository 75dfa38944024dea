"""
What the suite's browser does in the modules of FAPI 2.0 that need something else than signing in and allowing: their
`override` section.

`update-image-placeholder-optional` puts the page into the module's log, where the module has a place for it.
"""

from __future__ import annotations

from typing import Any

Section = list[dict[str, Any]]
FINAL = "fapi2-security-profile-final-"
ENDS_ON_OUR_PAGE = (
    "par-attempt-reuse-request_uri",
    "par-attempt-to-use-expired-request_uri",
    "par-attempt-to-use-request_uri-for-different-client",
)
SECONDS = 10


def override(browser: Section) -> dict[str, Any]:
    """The section, made from `browser`, whose first entry is the authorization endpoint with its tasks."""
    match, (sign_in, allow, back) = browser[0]["match"], browser[0]["tasks"]
    refused = {"task": "Refused", "optional": True, "match": match, "commands": [_picture("400")]}
    # Not on the page that asks for consent: it does not come again after an earlier module's yes.
    back_out = sign_in | {"task": "Turn back", "commands": [["click", "xpath", "//button[@value='back']"]]}
    looked = sign_in | {"task": "Look and leave", "commands": [_picture("Đăng nhập|Sign in")]}
    sections: dict[str, Section] = {
        name: [{"match": match, "tasks": [sign_in, allow, back, refused]}] for name in ENDS_ON_OUR_PAGE
    }
    sections["user-rejects-authentication"] = [{"match": match, "tasks": [back_out, back]}]
    sections["par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"] = [
        {"match": match, "match-limit": 1, "tasks": [looked]},
        {"match": match, "tasks": [sign_in, allow, back]},
    ]
    return {FINAL + name: {"browser": section} for name, section in sections.items()}


def _picture(text: str) -> list[Any]:
    return ["wait", "xpath", "//main", SECONDS, text, "update-image-placeholder-optional"]
